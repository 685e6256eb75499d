package engine

import (
	"strings"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
)

// seriesText is the rendered label set of a series, escaped once, when the
// series is made, in the form in which a sample line needs it:
//
//	{code="200",method="GET"}·      the dot is a space
//	·                               a series without labels
//
// The bytes are immutable. flags are the series' state; they share a word with the
// length, so that a counter with three string labels fits in 96 bytes.
type seriesText struct {
	data  *byte
	n     uint32
	flags atomic.Uint32
}

const (
	// dead marks a series that Delete or Reset has taken out of the exposition,
	// though handles may go on recording in it. Set under its order's mutex.
	dead = 1 << iota
	// freeing marks a series whose cells have cleanups: cells that it gets from now
	// on need one of their own. Set, and looked at, under its family's mutex.
	freeing
	// out marks a dead series that its order has let go of: to bring it back takes more
	// than clearing the other flag. See order.revive.
	out
	// untouched marks a gauge whose series may expire: a scrape has looked at it, and
	// nothing has been recorded since. The next recording clears the flag.
	untouched
)

// unusual are the flags of an instrument that most of its recordings would miss: one
// that refuses them, in which case they say why, or whose mode asks for more, or that
// is watched for a recording.
const (
	byMode  = 1 << 7
	unusual = byMode | untouched | voids
	voids   = 0xffffff00
)

func (t *seriesText) set(p encode.Prefix) { t.data, t.n = p.Parts() }

// share makes this the text of another object of the same series.
func (t *seriesText) share(o *seriesText) {
	t.data, t.n = o.data, o.n
	t.flags.Store(o.flags.Load() & byMode)
}

func (t *seriesText) prefix() encode.Prefix { return encode.PrefixOf(t.data, t.n) }

func (t *seriesText) String() string { return t.prefix().String() }

func (t *seriesText) is(flag uint32) bool { return t.flags.Load()&flag != 0 }

// setVoid makes this the text of an instrument that refuses what it is given, and
// says why.
func (t *seriesText) setVoid(why drop) {
	t.flags.Store(uint32(why+1) << 8)
}

// void returns what setVoid set.
func (t *seriesText) void() (why drop, ok bool) {
	f := t.flags.Load() >> 8
	return drop(f) - 1, f != 0
}

// inner returns the pairs alone, without braces.
func (t *seriesText) inner() string { return innerOf(t.String()) }

func innerOf(text string) string {
	if len(text) < 3 {
		return ""
	}
	return text[1 : len(text)-2]
}

// compareText orders two series of one family by their label values, in label
// name order. Both have the same names at the same places, so the first
// difference lies within one value, or at its end.
func compareText(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i == n {
		return len(a) - len(b)
	}
	// An escape is two bytes, and the difference may be in its second one.
	escaped := i > 0 && a[i-1] == '\\' && oddBackslashes(a[:i])
	return int(valueByte(a[i:], escaped)) - int(valueByte(b[i:], escaped))
}

// valueByte returns the unescaped byte that stands first in s, plus one; 0 is the
// value's end, which sorts before every byte.
func valueByte(s string, escaped bool) uint16 {
	c := s[0]
	switch {
	case escaped:
	case c == '"':
		return 0
	case c == '\\' && len(s) > 1:
		c = s[1]
		escaped = true
	}
	if escaped && c == 'n' {
		c = '\n'
	}
	return uint16(c) + 1
}

func oddBackslashes(s string) bool {
	return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 1
}

// template renders the label sets of one family: the literal text around the
// variable values, const labels included.
//
//	{code="   ",env="prod",method="   "}·
//	lits[0]   lits[1]                lits[2]
type template struct {
	lits  []string // one more than there are variable labels
	order []int    // order[i] is which variable stands between lits[i] and lits[i+1]
}

// newTemplate lays out names and consts in name order.
func newTemplate(names []string, consts []encode.Label) template {
	pairs := sortedPairs(names, consts)
	if len(pairs) == 0 {
		return template{lits: []string{" "}}
	}
	t := template{}
	lit := []byte{'{'}
	for i, p := range pairs {
		if i > 0 {
			lit = append(lit, ',')
		}
		lit = append(appendLabelKey(lit, p.Name), '=', '"')
		if p.variable >= 0 {
			t.lits, t.order = append(t.lits, string(lit)), append(t.order, p.variable)
			lit = lit[:0]
		} else {
			lit = encode.AppendLabelValue(lit, p.Value)
		}
		lit = append(lit, '"')
	}
	t.lits = append(t.lits, string(append(lit, "} "...)))
	return t
}

// appendLabelKey appends a label's name, in quotes where it needs them.
func appendLabelKey(dst []byte, name string) []byte {
	if encode.ValidLabelName(name) {
		return append(dst, name...)
	}
	return append(encode.AppendLabelValue(append(dst, '"'), name), '"')
}

// render returns the text for the given values, which must be valid UTF-8, in
// one allocation; spans[i] says where value i stands in it, when it stands
// there unescaped.
func (t *template) render(values []string, spans []span) encode.Prefix {
	size := 0
	for _, l := range t.lits {
		size += len(l)
	}
	for _, v := range values {
		size += len(v)
	}
	dst := append(make([]byte, 0, encode.PrefixCap(size)), t.lits[0]...)
	for i, v := range t.order {
		from := len(dst)
		dst = encode.AppendLabelValue(dst, values[v])
		spans[v] = span{from, len(dst) - from}
		dst = append(dst, t.lits[i+1]...)
	}
	return encode.NewPrefix(dst)
}

// rendered says whether render makes such a text: whether it has these const labels.
func (t *template) rendered(text string) bool {
	rest, ok := strings.CutPrefix(text, t.lits[0])
	for _, lit := range t.lits[1:] {
		if !ok {
			return false
		}
		rest, ok = strings.CutPrefix(rest[valueLen(rest):], lit)
	}
	return ok && rest == ""
}

// valueLen returns how long the escaped value is with which s begins.
func valueLen(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return len(s)
}

type span struct{ at, n int }

// renderRoom is room on the stack for the values of as many labels as nearly all
// families have.
type renderRoom struct {
	values [8]string
	spans  [8]span
}

func (r *renderRoom) take(n int) ([]string, []span) {
	if n > len(r.values) {
		return make([]string, n), make([]span, n)
	}
	return r.values[:n], r.spans[:n]
}

// in returns value as a part of text when it stands there as it is, so that the
// two share memory, and a copy otherwise.
func (s span) in(text, value string) string {
	if s.n == len(value) {
		return text[s.at : s.at+s.n]
	}
	return strings.Clone(value)
}
