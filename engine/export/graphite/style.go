package graphite

import (
	"math"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// Style is how names, values and numbers are written: see the package comment.
type Style uint8

// The styles. The zero value is what carbon can keep.
const (
	Carbon Style = iota
	Python
	ClientGolang
	numStyles
)

// appendPart appends a name, or a value that is part of a path.
func (s Style) appendPart(dst []byte, text string) []byte {
	begun := len(dst)
	for _, r := range text {
		c := replaced(r, s == ClientGolang)
		if s == ClientGolang && c == '_' && len(dst) > begun && dst[len(dst)-1] == '_' {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// replaced returns the character, or what stands for it: one for one, so that a byte
// that is not UTF-8 becomes one underscore too.
func replaced(r rune, colon bool) byte {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == ':' && colon:
		return byte(r)
	}
	return '_'
}

// appendTag appends a tag's value. Carbon splits lines at what Python takes for space,
// ends tags at semicolons, reads a path that ends in "} in another way altogether, and
// takes no value that begins with ~.
func (s Style) appendTag(dst []byte, text string) []byte {
	if s == Python {
		return s.appendPart(dst, text)
	}
	for i, r := range text {
		if r == utf8.RuneError || !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == ';' || r == '"' || i == 0 && r == '~' {
			r = '_'
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// hasNumber says whether there is a line for a value.
func (s Style) hasNumber(v float64) bool {
	return s != Carbon || !math.IsNaN(v) && !math.IsInf(v, 0)
}

func (s Style) appendNumber(dst []byte, v float64) []byte {
	switch s {
	case Python:
		return appendRepr(dst, v)
	case ClientGolang:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
	return encode.AppendFloat(dst, v)
}

// appendRepr appends a number as Python's repr has it: the shortest text that is the
// same number, with an exponent below 1e-4 and from 1e16 on, and else with a point.
func appendRepr(dst []byte, v float64) []byte {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return append(dst, "nan"...)
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	case a != 0 && (a < 1e-4 || a >= 1e16):
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	case a == math.Trunc(a):
		return append(strconv.AppendFloat(dst, v, 'f', -1, 64), ".0"...)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}
