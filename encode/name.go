package encode

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A metric name of old is [a-zA-Z_:][a-zA-Z0-9_:]*; a label name has no colon.
// client_golang's encoder takes the first rule for both, and writes a label a:b
// that its own parser refuses.
const (
	nameFirst = 1 << iota // may begin a label name
	nameRest              // may follow in one
	nameColon             // may stand anywhere in a metric name, but not in a label name
)

var nameClass = func() (class [256]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		class[c], class[c-'a'+'A'] = nameFirst|nameRest, nameFirst|nameRest
	}
	for c := '0'; c <= '9'; c++ {
		class[c] = nameRest
	}
	class['_'], class[':'] = nameFirst|nameRest, nameColon
	return class
}()

// ValidName says whether s is a metric name by the legacy rule, which needs no
// quotes and no escaping in any format.
func ValidName(s string) bool { return legacy(s, nameColon) }

// ValidLabelName says whether s is a label name by the legacy rule: no colon.
func ValidLabelName(s string) bool { return legacy(s, 0) }

func legacy(s string, colon uint8) bool {
	for i := range len(s) {
		if nameClass[s[i]]&(nameRest|colon) == 0 {
			return false
		}
	}
	return s != "" && nameClass[s[0]]&(nameFirst|colon) != 0
}

// ValidUTF8Name says whether s can name a metric or a label where names may be any
// UTF-8: not empty, and without NUL, which Prometheus refuses in names although
// the grammar has it.
func ValidUTF8Name(s string) bool {
	return s != "" && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

// AppendName appends a family's name as the scheme spells it, without quotes. A
// name that is legacy-valid stays as it is under every scheme, as in
// client_golang. Suffixes such as _bucket are to be appended verbatim afterwards,
// again as there: escaping the whole sample name, as client_python does, gives
// other series names under values and dots.
func AppendName(dst []byte, name string, scheme Scheme) []byte {
	if scheme == AllowUTF8 || ValidName(name) {
		return append(dst, name...)
	}
	return appendEscapedName(dst, name, scheme, nameColon)
}

// AppendLabelName appends a label's name as the scheme spells it, without quotes.
func AppendLabelName(dst []byte, name string, scheme Scheme) []byte {
	if scheme == AllowUTF8 || ValidLabelName(name) {
		return append(dst, name...)
	}
	return appendEscapedName(dst, name, scheme, 0)
}

func appendEscapedName(dst []byte, name string, scheme Scheme, colon uint8) []byte {
	if scheme == Values && name != "" {
		dst = append(dst, "U__"...)
	}
	for i, r := range name {
		switch {
		case r == '_' && scheme != Underscores:
			dst = append(dst, "__"...)
		case r < utf8.RuneSelf && nameClass[r]&(nameFirst|colon) != 0,
			r < utf8.RuneSelf && i > 0 && nameClass[r]&nameRest != 0:
			dst = append(dst, byte(r))
		default:
			dst = appendOddRune(dst, r, scheme)
		}
	}
	return dst
}

// appendOddRune appends what stands for a character that names do not have.
func appendOddRune(dst []byte, r rune, scheme Scheme) []byte {
	switch {
	case scheme == Values:
		dst = append(dst, '_')
		return append(appendHex(dst, uint32(r)), '_')
	case scheme == Dots && r == '.':
		return append(dst, "_dot_"...)
	case scheme == Dots: // two, in spite of the documentation's one
		return append(dst, "__"...)
	}
	return append(dst, '_')
}

// appendHex appends n in lower-case hexadecimal.
func appendHex(dst []byte, n uint32) []byte {
	if n >= 16 {
		dst = appendHex(dst, n/16)
	}
	return append(dst, "0123456789abcdef"[n%16])
}

// EscapeName returns a metric name as the scheme spells it.
func EscapeName(name string, scheme Scheme) string {
	if scheme == AllowUTF8 || ValidName(name) {
		return name
	}
	return string(AppendName(nil, name, scheme))
}

// UnescapeName undoes EscapeName as far as that can be: values exactly, but for
// names that look escaped without being so; dots for names of letters, digits and
// dots; underscores not at all. A name that is not an escaped one is returned as
// it is.
func UnescapeName(name string, scheme Scheme) string {
	switch scheme {
	case Dots:
		return strings.ReplaceAll(strings.ReplaceAll(name, "_dot_", "."), "__", "_")
	case Values:
		if rest, ok := strings.CutPrefix(name, "U__"); ok {
			if s, ok := unescapeValues(rest); ok {
				return s
			}
		}
	}
	return name
}

func unescapeValues(s string) (name string, ok bool) {
	var b strings.Builder
	for s != "" {
		if s[0] != '_' {
			b.WriteByte(s[0])
			s = s[1:]
			continue
		}
		code, rest, ok := strings.Cut(s[1:], "_")
		if !ok {
			return "", false
		}
		r, ok := codePoint(code)
		if !ok {
			return "", false
		}
		b.WriteRune(r)
		s = rest
	}
	return b.String(), true
}

// codePoint reads what stands between the two underscores: nothing for an
// underscore, else a code point in hexadecimal.
func codePoint(code string) (r rune, ok bool) {
	if code == "" {
		return '_', true
	}
	n, err := strconv.ParseUint(code, 16, 32)
	return rune(n), err == nil && n <= utf8.MaxRune && utf8.ValidRune(rune(n))
}

// appendQuoted appends a name between quotes, as text does with one that is not
// legacy-valid.
func appendQuoted(dst []byte, name []byte, suffix string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, name, '"')
	return append(append(dst, suffix...), '"')
}
