// Package encode turns metric values into exposition bytes.
//
// Everything here has one shape: AppendX(dst, ...) appends to dst and returns
// it, allocates only when dst is too small, and cannot fail. What could be
// wrong with a name or a value is found when it is registered, and what can go
// wrong in a Write is its caller's business, once, at the end.
//
// Capacity is scratch: bytes between the result's length and dst's capacity may be
// overwritten, because storing whole words is faster than storing what is needed.
//
// The package knows nothing of registries or concurrency: it is given plain
// data, taken at one moment, and may be called from any goroutine as long as
// each has a dst of its own.
//
// # Text format 0.0.4
//
//	# HELP requests_total Requests served.        AppendHelp   escapes \ and newline
//	# TYPE requests_total counter                 AppendType
//	requests_total{method="GET",code="200"} 17    AppendLabelValue, AppendUint, AppendFloat
//
// The grammar is that of the Prometheus documentation, "Exposition formats".
// Numbers: integers are plain digits however large (the reference encoder
// goes to 1e+06 style from a million up; both are the same value to every
// parser, and digits are three times as fast to write); -0 keeps its sign, which
// the reference encoder loses. Bucket bounds in the le label are part of a
// series' identity, so [AppendBound] follows the reference encoder to the letter.
package encode
