package encode

import (
	"bytes"
	"math"
	"unicode/utf8"
)

// AppendPointFloat appends v as OpenMetrics tells floats from integers: with a
// point or an exponent, so 1 is 1.0. It reads back as the same bits.
func AppendPointFloat(dst []byte, v float64) []byte {
	if i := int64(v); float64(i) == v && i > -maxExact && i < maxExact {
		return append(AppendFloat(dst, v), ".0"...)
	}
	return appendPoint(dst, v)
}

// AppendCanonicalBound appends the value of an le or quantile label in the only
// form that OpenMetrics has for it: 1.0, 0.001, 1e-05, 100000.0, 1e+06, +Inf.
func AppendCanonicalBound(dst []byte, v float64) []byte {
	if v == 0 {
		return append(dst, "0.0"...) // -0 and 0 are one bound
	}
	return appendPoint(dst, v)
}

// appendPoint appends the shortest form, and a point when that looks like an
// integer.
func appendPoint(dst []byte, v float64) []byte {
	at := len(dst)
	dst = appendShortest(dst, v)
	if v-v != 0 || bytes.ContainsAny(dst[at:], ".e") {
		return dst
	}
	return append(dst, ".0"...)
}

// maxExemplarRunes is how long an exemplar's names and values may be together in
// OpenMetrics 1.0. Prometheus parses longer ones and then does not store them.
const maxExemplarRunes = 128

// fits says whether the exemplar can be written in a syntax.
func (e *Exemplar) fits(s Syntax, scheme Scheme) bool {
	if !validLabels(e.Labels, scheme, "") {
		return false
	}
	switch s {
	case OpenMetrics200:
		return e.Timestamp.set // or the scrape fails
	case OpenMetrics001, OpenMetrics100:
		return e.runes(scheme) <= maxExemplarRunes && !e.hasNUL()
	}
	return s == ProtobufDelimited
}

// runes returns how long the labels are as they are written, punctuation apart.
func (e *Exemplar) runes(scheme Scheme) (n int) {
	var room [64]byte
	for i := range e.Labels {
		l := &e.Labels[i]
		n += utf8.RuneCount(AppendLabelName(room[:0], l.Name, scheme)) + runesWritten(l.Value)
	}
	return n
}

// runesWritten returns the length of s once its invalid runs are U+FFFD.
func runesWritten(s string) (n int) {
	for !utf8.ValidString(s) {
		valid := validPrefix(s)
		n += utf8.RuneCountInString(s[:valid]) + 1
		s = s[valid+invalidPrefix(s[valid:]):]
	}
	return n + utf8.RuneCountInString(s)
}

// hasNUL says whether a value has a NUL in it. It is legal, but Prometheus' OpenMetrics
// 1.0 parser fails the scrape for it, in exemplars alone.
func (e *Exemplar) hasNUL() bool {
	for i := range e.Labels {
		for j := range len(e.Labels[i].Value) {
			if e.Labels[i].Value[j] == 0 {
				return true
			}
		}
	}
	return false
}

// AppendExemplar appends an exemplar to a sample line of OpenMetrics, or nothing
// when the format has no place for it: OpenMetrics 1.0 has none for more than
// 128 characters, 2.0 none for an exemplar without a timestamp.
func AppendExemplar(dst []byte, f Format, e *Exemplar) []byte {
	if !f.Syntax.isOpenMetrics() || !e.fits(f.Syntax, f.Scheme) {
		return dst
	}
	dst = append(dst, " # {"...)
	for i := range e.Labels {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLabel(dst, &e.Labels[i], f.Scheme)
	}
	dst = AppendPointFloat(append(dst, "} "...), e.Value)
	if e.Timestamp.set {
		dst = AppendSeconds(append(dst, ' '), e.Timestamp)
	}
	return dst
}

// AppendStart appends " st@" and a start timestamp, as OpenMetrics 2.0 has it, or
// nothing when there is none.
func AppendStart(dst []byte, t Timestamp) []byte {
	if !t.set {
		return dst
	}
	return AppendSeconds(append(dst, " st@"...), t)
}

// AppendEOF appends what ends an exposition: a line that is OpenMetrics' proof of
// completeness, nothing in other formats.
func AppendEOF(dst []byte, f Format) []byte {
	if f.Syntax.isOpenMetrics() {
		return append(dst, "# EOF\n"...)
	}
	return dst
}

// countable says whether OpenMetrics takes v as the value of a counter or as a
// sum that counts up.
func countable(v float64) bool { return v >= 0 && !math.IsNaN(v) }
