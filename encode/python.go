package encode

import (
	"bytes"
	"math"
	"strconv"
)

// AppendPythonFloat appends v as Python's prometheus_client writes it in an
// exposition: the shortest digits that give back v, a point in every number (1.0), and
// an exponent from a million on (1e+06). Negative numbers are written as Python prints
// them, which is plainly up to 1e16. It is for output that has to be the same, byte for
// byte; pawl's own formats use AppendFloat.
func AppendPythonFloat(dst []byte, v float64) []byte {
	if v > 0 && !math.IsInf(v, 1) {
		return withPoint(dst, strconv.AppendFloat(dst, v, 'g', -1, 64))
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return appendShortest(dst, v)
	}
	return AppendPythonRepr(dst, v)
}

// AppendPythonRepr appends v as Python prints a float: with an exponent for magnitudes
// below 1e-4 and from 1e16 on, and inf, -inf or nan. It is what prometheus_client sends to
// Graphite, and how it writes timestamps that are floats.
func AppendPythonRepr(dst []byte, v float64) []byte {
	switch {
	case v != v:
		return append(dst, "nan"...)
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	}
	form := byte('f')
	if m := math.Abs(v); m != 0 && (m < 1e-4 || m >= 1e16) {
		form = 'e'
	}
	return withPoint(dst, strconv.AppendFloat(dst, v, form, -1, 64))
}

// withPoint appends .0 to the number that extends dst to longer, if it looks like an
// integer.
func withPoint(dst, longer []byte) []byte {
	if bytes.ContainsAny(longer[len(dst):], ".e") {
		return longer
	}
	return append(longer, ".0"...)
}
