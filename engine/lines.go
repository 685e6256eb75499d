package engine

import (
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// This file begins the lines of the text formats.

// line appends the beginning of a sample's line, up to its value.
func (t *exposition) line(s suffix, text *seriesText) {
	if t.form.plain {
		t.buf = text.prefix().Append(t.form.names[s].Append(t.buf))
		return
	}
	if t.open(s, text) {
		t.buf = append(t.buf, '}')
	}
	t.buf = append(t.buf, ' ')
}

// numbered appends the beginning of a line that has a label behind the series'
// own: tail is that label and what closes the line, such as `le="0.5"} `.
func (t *exposition) numbered(s suffix, text *seriesText, tail string) {
	sep := byte('{')
	if t.open(s, text) {
		sep = ','
	}
	t.buf = append(append(t.buf, sep), tail...)
}

// open appends name and labels, and says whether a brace is open behind them.
func (t *exposition) open(s suffix, text *seriesText) bool {
	t.buf = t.form.names[s].Append(t.buf)
	inner := text.inner()
	if inner == "" {
		return t.form.quoted
	}
	if t.form.quoted {
		t.buf = append(t.buf, ',')
	} else {
		t.buf = append(t.buf, '{')
	}
	if t.form.labels != nil {
		t.buf = appendRenamed(t.buf, inner, t.form.labels)
	} else {
		t.buf = append(t.buf, inner...)
	}
	return true
}

// appendRenamed appends rendered labels under other names, one for each; values
// stay as they are.
func appendRenamed(dst []byte, inner string, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			dst, inner = append(dst, ','), inner[1:]
		}
		rest := afterLabelName(inner) // ="value"...
		end := len(rest) - len(afterQuoted(rest[1:]))
		dst = append(append(dst, name...), rest[:end]...)
		inner = rest[end:]
	}
	return dst
}

// afterLabelName returns what follows the label name that begins s.
func afterLabelName(s string) string {
	if s[0] == '"' {
		return afterQuoted(s)
	}
	return s[strings.IndexByte(s, '='):]
}

// afterQuoted returns what follows the quoted string that begins s.
func afterQuoted(s string) string {
	for i := 1; ; i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[i+1:]
		}
	}
}

// created appends the sample that says when a series began, where OpenMetrics 1.0
// is asked for it.
func (t *exposition) created(text *seriesText, start encode.Timestamp) {
	if !t.createdLines || !t.form.created {
		return
	}
	t.line(createdSuffix, text)
	t.buf = append(encode.AppendSeconds(t.buf, start), '\n')
}
