// Package encode turns metric values into exposition bytes, in every format that
// Prometheus scrapes.
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
// # Formats
//
// A [Format] is a [Syntax], how an exposition is laid out, with a [Scheme], how
// names beyond ASCII are spelled. A scraper chooses one by its Accept headers:
// [Negotiate], or a [Negotiator], which remembers.
//
//	                    text 0.0.4, 1.0.0    OpenMetrics 1.0       OpenMetrics 2.0      protobuf
//	counter x_total     x_total              TYPE x, x_total       x_total              x_total
//	a float 1           1                    1.0                   1.0                  8 bytes
//	histogram           x_bucket, x_sum, x_count                   {count:1,sum:1,...}  a message
//	native histogram    its classic buckets                        yes                  yes
//	gauge histogram     as a histogram       _gcount, _gsum        gcount, gsum         yes
//	info, stateset      as gauges            yes                   yes                  as gauges
//	timestamp           milliseconds, >= 0   seconds               seconds              milliseconds, not 0
//	start timestamp     no                   _created, on demand   st@ in the line      yes
//	exemplars           no                   one, 128 characters   any, with a time     one; native: any
//	ends in             LF                   # EOF                 # EOF                nothing
//
// [AppendFamily] writes a [Family] of plain data in any of them, followed at the end by
// [AppendEOF]. A registry that renders names and labels ahead puts lines together
// itself, from [AppendHeader], [AppendSeries], the writers of numbers,
// [AppendComposite] and [AppendExemplar]; protobuf from [OpenFamily], [OpenMetric],
// [AppendLabelPairsText] and the messages.
//
// # What is left out
//
// One bad line costs Prometheus the scrape, every series of it. So the encoder
// leaves out what the format at hand forbids, as little as it can: a UNIT that is
// not the name's suffix, an exemplar, a bucket out of order, a native histogram
// that contradicts itself (its classic buckets go out), a sample with one label
// twice, a counter that is NaN. Bytes that are not UTF-8 become U+FFFD.
//
// # Names
//
// Escaping is client_golang's, so that no series changes its name: the family's
// name is escaped unless it is legacy-valid, and suffixes come behind it verbatim.
// Label names are another matter: there a colon is escaped, or quoted, where
// client_golang writes a line that its own parser refuses. Two names may become
// one by escaping; within a sample that is noticed, between families it is the
// registry's to notice.
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
