package engine

import (
	"strings"
	"unsafe"
)

// This file reads label sets back from their rendering.

// labelsOf returns a label set as it was before it was rendered, in name order.
func labelsOf(text string) []Label {
	inner := innerOf(text)
	return parseLabels(make([]Label, countPairs(inner)), inner)
}

// parse is labels in the memory of plain data.
func (p *plain) parse(t *seriesText) []Label {
	labels, inner := p.labels.take(countPairs(t.inner())), t.inner()
	if !p.lend {
		return parseLabels(labels, inner)
	}
	for i := range labels {
		l := &labels[i]
		l.Name, l.Value, inner = cutPair(inner)
		l.Value = p.unescaped(l.Value)
		if l.Name[0] == '"' {
			l.Name = p.unescaped(l.Name[1 : len(l.Name)-1])
		}
	}
	return labels
}

// unescaped is the function of that name, into bytes.
func (p *plain) unescaped(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	dst, n := p.bytes.take(len(s)), 0
	for i := 0; i < len(s); i, n = i+1, n+1 {
		if dst[n] = s[i]; s[i] == '\\' {
			i++
			if dst[n] = s[i]; s[i] == 'n' {
				dst[n] = '\n'
			}
		}
	}
	// Same as: string(dst[:n])
	// Safety: bytes are written again only after reset, and who lends does not keep
	// strings for so long.
	return unsafe.String(unsafe.SliceData(dst), n)
}

func countPairs(inner string) (n int) {
	for ; inner != ""; n++ {
		_, _, inner = cutPair(inner)
	}
	return n
}

// parseLabels fills labels, of which there are as many as in the rendering. Strings
// are parts of the rendering where nothing is escaped.
func parseLabels(labels []Label, inner string) []Label {
	for i := range labels {
		l := &labels[i]
		l.Name, l.Value, inner = cutPair(inner)
		l.Value = unescaped(l.Value)
		if l.Name[0] == '"' {
			l.Name = unescaped(l.Name[1 : len(l.Name)-1])
		}
	}
	return labels
}

// cutPair cuts name="value" off a rendering, and the comma behind it. The name may
// be in quotes; the value is what stands between them.
func cutPair(s string) (name, value, rest string) {
	after := afterLabelName(s) // ="value"...
	name = s[:len(s)-len(after)]
	rest = afterQuoted(after[1:])
	value = after[2 : len(after)-len(rest)-1]
	return name, value, strings.TrimPrefix(rest, ",")
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n")

func unescaped(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	return unescaper.Replace(s)
}
