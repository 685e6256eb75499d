// Package line reads the sample lines of text format 0.0.4, as far as those need it who
// look through what a registry wrote before they send it on:
//
//	http_requests_total{method="GET",path="a\"b"} 17 1520879607789
//	Name                Labels                    Value Timestamp
//
// It is no parser of what strangers send: bytes that are no sample line are passed over,
// or read as something that is there. It never panics.
package line

import (
	"bytes"
	"iter"
)

// Sample is one line. Its fields are parts of the text.
type Sample struct {
	Name      []byte
	Labels    []byte // what stands between the braces
	Value     []byte
	Timestamp []byte // mostly empty
}

// Samples yields the sample lines of a text.
func Samples(text []byte) iter.Seq[Sample] {
	return func(yield func(Sample) bool) {
		for l := range bytes.Lines(text) {
			l = bytes.TrimRight(l, "\n")
			if len(l) > 0 && l[0] != '#' && !yield(Parse(l)) {
				return
			}
		}
	}
}

// Parse takes one sample line apart, which must come without its newline.
func Parse(l []byte) (s Sample) {
	rest := l
	n := bytes.IndexAny(l, "{ ")
	if n < 0 {
		return Sample{Name: l}
	}
	s.Name, rest = l[:n], l[n:]
	if rest[0] == '{' {
		end := closingBrace(rest)
		s.Labels, rest = rest[1:end], rest[min(end+1, len(rest)):]
	}
	s.Value, s.Timestamp, _ = bytes.Cut(bytes.TrimLeft(rest, " "), []byte(" "))
	return s
}

// closingBrace returns where the labels end: at a brace that is not in quotes.
func closingBrace(s []byte) int {
	quoted := false
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '}' && !quoted:
			return i
		}
	}
	return len(s)
}

// Pairs yields the names and values of a sample's labels, the values still escaped.
func (s Sample) Pairs() iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		for rest := s.Labels; len(rest) > 0; {
			name, value, more := cutPair(rest)
			if !yield(name, value) {
				return
			}
			rest = more
		}
	}
}

func cutPair(s []byte) (name, value, rest []byte) {
	name, s, ok := bytes.Cut(s, []byte(`="`))
	if !ok {
		return name, nil, nil
	}
	i := 0
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' {
			i++
		}
	}
	i = min(i, len(s))
	return name, s[:i], bytes.TrimLeft(s[min(i+1, len(s)):], ",")
}

// Unescape returns a label's value as it was before it was escaped.
func Unescape(value []byte) []byte {
	if bytes.IndexByte(value, '\\') < 0 {
		return value
	}
	plain := make([]byte, 0, len(value))
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) {
			if i++; value[i] == 'n' {
				c = '\n'
			} else {
				c = value[i]
			}
		}
		plain = append(plain, c)
	}
	return plain
}
