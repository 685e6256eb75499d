package encode

import (
	"strings"
	"unicode/utf8"
)

// AppendHelp appends the HELP line of a family. Backslash and newline in help are
// escaped, and nothing else: a quote stands for itself here.
func AppendHelp(dst []byte, name, help string) []byte {
	dst = append(dst, "# HELP "...)
	dst = append(dst, name...)
	dst = append(dst, ' ')
	dst = appendEscaped(dst, help, '\\') // no quote of its own
	return append(dst, '\n')
}

// AppendType appends the TYPE line of a family.
func AppendType(dst []byte, name string, t Type) []byte {
	dst = append(dst, "# TYPE "...)
	dst = append(dst, name...)
	dst = append(dst, ' ')
	dst = append(dst, t.String()...)
	return append(dst, '\n')
}

// AppendLabelValue appends a label value as it stands between quotes:
// backslash, quote and newline are escaped, every other byte is itself.
func AppendLabelValue(dst []byte, value string) []byte {
	return appendEscaped(dst, value, '"')
}

// appendEscaped appends s with a backslash before each backslash and quote, and
// newline as \n. It copies whole runs: nearly all values have nothing to escape.
func appendEscaped[S string | []byte](dst []byte, s S, quote byte) []byte {
	run := 0
	for i := range len(s) {
		c := s[i]
		if c != '\\' && c != '\n' && c != quote {
			continue
		}
		if c == '\n' {
			c = 'n'
		}
		dst = append(append(dst, s[run:i]...), '\\', c)
		run = i + 1
	}
	return append(dst, s[run:]...)
}

// appendText is appendEscaped for text from outside: runs of bytes that are not
// UTF-8 become U+FFFD, for one of them would cost the whole scrape.
func appendText(dst []byte, s string, quote byte) []byte {
	for !utf8.ValidString(s) {
		n := validPrefix(s)
		dst = append(appendEscaped(dst, s[:n], quote), "\uFFFD"...)
		s = s[n+invalidPrefix(s[n:]):]
	}
	return appendEscaped(dst, s, quote)
}

// validPrefix returns how many bytes of s there are before the first that is not
// UTF-8.
func validPrefix(s string) int {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

// invalidPrefix returns how many bytes s begins with that are not UTF-8.
func invalidPrefix(s string) int {
	n := 0
	for n < len(s) && validPrefix(s[n:]) == 0 {
		n++
	}
	return n
}
