package encode

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"
)

// AppendLabelPairsText appends a metric's labels from the form that a sample line
// of text has them in, {code="200",method="GET"}, escaped and with or without a
// space behind it. Whoever keeps that text for each series needs to keep nothing
// else for protobuf. Names may be quoted.
//
// It is for text that this package wrote: it stops at what it does not understand.
func AppendLabelPairsText(dst []byte, text string) []byte {
	if len(text) < 2 || text[0] != '{' {
		return dst
	}
	if out, ok := appendPairsFast(dst, text); ok {
		return out
	}
	escaped := strings.IndexByte(text, '\\') >= 0
	rest := text[1:]
	for {
		var ok bool
		if escaped || rest[0] == '"' {
			dst, rest, ok = appendPairSlowly(dst, rest)
		} else {
			dst, rest, ok = appendPair(dst, rest)
		}
		if !ok || len(rest) < 2 || rest[0] != ',' {
			return dst
		}
		rest = rest[1:]
	}
}

// appendPairsFast appends pairs that have no escapes and lengths of one byte, which
// is nearly all of them, when there is plenty of room: bytes are copied by the
// eight while their end is looked for, and lengths are put in behind them. It
// takes two thirds of appendPair's time. ok is false when it was none of these, and
// nothing is appended.
func appendPairsFast(dst []byte, text string) (out []byte, ok bool) {
	if cap(dst)-len(dst) < 2*len(text)+16 {
		return dst, false
	}
	// Same as: []byte(text), without the copy.
	// Safety: src is read only.
	src := unsafe.Slice(unsafe.StringData(text), len(text))
	out = dst[:cap(dst)]
	i, at := 1, len(dst)
	for {
		name := at + 4
		end, eq := copyUntil(out, name, src, i, '=')
		if eq+1 >= len(src) || src[eq+1] != '"' {
			return dst, false
		}
		value, stop := copyUntil(out, end+2, src, eq+2, '"')
		size := value - at - 2
		if stop+1 >= len(src) || src[stop] != '"' || size >= 0x80 || src[i] == '"' {
			return dst, false
		}
		out[at], out[at+1] = metricLabel<<3|wireBytes, byte(size)
		out[at+2], out[at+3] = 1<<3|wireBytes, byte(end-name)
		out[end], out[end+1] = 2<<3|wireBytes, byte(value-end-2)
		at, i = value, stop+2
		if src[stop+1] != ',' {
			return dst[:at], true
		}
	}
}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// copyUntil copies src[i:] to out[at:] until it meets stop or a backslash, and
// returns how far it has come in both. It may write up to seven bytes beyond.
func copyUntil(out []byte, at int, src []byte, i int, stop byte) (end, next int) {
	for ; i+8 <= len(src); at, i = at+8, i+8 {
		word := binary.LittleEndian.Uint64(src[i:])
		binary.LittleEndian.PutUint64(out[at:], word)
		a, b := word^uint64(stop)*eachByte, word^'\\'*eachByte
		// The lowest bit that is set marks the first of the two: see "haszero".
		if found := ((a-eachByte)&^a | (b-eachByte)&^b) & highBits; found != 0 {
			n := bits.TrailingZeros64(found) / 8
			return at + n, i + n
		}
	}
	for ; i < len(src) && src[i] != stop && src[i] != '\\'; at, i = at+1, i+1 {
		out[at] = src[i]
	}
	return at, i
}

// appendPair appends a pair without escapes, and returns what follows it.
func appendPair(dst []byte, s string) (out []byte, rest string, ok bool) {
	eq := indexShort(s, '=')
	if eq < 0 || eq+2 > len(s) || s[eq+1] != '"' {
		return dst, "", false
	}
	n := indexShort(s[eq+2:], '"')
	if n < 0 {
		return dst, "", false
	}
	name, value, rest := s[:eq], s[eq+2:eq+2+n], s[eq+3+n:]
	if size := len(name) + len(value) + 4; size >= 0x80 {
		return appendLongPair(dst, name, value), rest, true
	}
	dst = append(dst, metricLabel<<3|wireBytes, byte(len(name)+len(value)+4), 1<<3|wireBytes, byte(len(name)))
	dst = append(dst, name...)
	dst = append(dst, 2<<3|wireBytes, byte(len(value)))
	return append(dst, value...), rest, true
}

// indexShort is strings.IndexByte for what is found within few bytes.
func indexShort(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

func appendLongPair(dst []byte, name, value string) []byte {
	dst, m := openMessage(dst, metricLabel)
	dst = appendString(dst, 1, name)
	return m.close(appendString(dst, 2, value))
}

// appendPairSlowly appends a pair that may have escapes in its value, and a quoted
// name.
func appendPairSlowly(dst []byte, s string) (out []byte, rest string, ok bool) {
	dst, pair := openMessage(dst, metricLabel)
	dst, name := openMessage(dst, 1)
	if s[0] == '"' {
		dst, s = appendUnescaped(dst, s[1:])
	} else {
		eq := max(strings.IndexByte(s, '='), 0)
		dst, s = append(dst, s[:eq]...), s[eq:]
	}
	dst = name.close(dst)
	if len(s) < 2 || s[0] != '=' || s[1] != '"' {
		return dst[:int(pair)-2], "", false
	}
	dst, value := openMessage(dst, 2)
	dst, s = appendUnescaped(dst, s[2:])
	return pair.close(value.close(dst)), s, true
}

// appendUnescaped appends what a quoted string means, and returns what follows the
// closing quote.
func appendUnescaped(dst []byte, s string) (out []byte, rest string) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return append(dst, s[:i]...), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			dst = append(append(dst, s[:i]...), unescaped(s[i+1]))
			s, i = s[i+2:], -1
		}
	}
	return append(dst, s...), ""
}

func unescaped(c byte) byte {
	if c == 'n' {
		return '\n'
	}
	return c
}
