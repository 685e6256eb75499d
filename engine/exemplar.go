package engine

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// Label is one name=value pair.
type Label = encode.Label

// Exemplar is a labelled observation that stands beside a sample.
type Exemplar = encode.Exemplar

// maxExemplarRunes is how long an exemplar's label names and values may be
// together: OpenMetrics 1.0 allows no more, and Prometheus stores no more in any
// format.
const maxExemplarRunes = 128

// newExemplar makes an exemplar of its own for v, or nil, which is counted, when no
// format could carry it.
func (f *family) newExemplar(v float64, labels []Label) *Exemplar {
	if !validExemplar(labels) {
		f.reg.exemplars.Inc()
		return nil
	}
	return &Exemplar{Labels: cloneLabels(labels), Value: v, Timestamp: encode.TimestampOf(time.Now())}
}

func validExemplar(labels []Label) bool {
	runes := 0
	for i, l := range labels {
		if !encode.ValidUTF8Name(l.Name) || !utf8.ValidString(l.Value) || hasName(labels[:i], l.Name) {
			return false
		}
		runes += utf8.RuneCountInString(l.Name) + utf8.RuneCountInString(l.Value)
	}
	return runes <= maxExemplarRunes
}

func hasName(labels []Label, name string) bool {
	for i := range labels {
		if labels[i].Name == name {
			return true
		}
	}
	return false
}

// cloneLabels copies labels, their strings into one piece of memory.
func cloneLabels(labels []Label) []Label {
	size := 0
	for i := range labels {
		size += len(labels[i].Name) + len(labels[i].Value)
	}
	var b strings.Builder
	b.Grow(size)
	for i := range labels {
		b.WriteString(labels[i].Name)
		b.WriteString(labels[i].Value)
	}
	own, rest := make([]Label, len(labels)), b.String()
	for i := range labels {
		own[i].Name, rest = rest[:len(labels[i].Name)], rest[len(labels[i].Name):]
		own[i].Value, rest = rest[:len(labels[i].Value)], rest[len(labels[i].Value):]
	}
	return own
}

// exemplar ends a sample's line with its exemplar, in the formats that have them.
func (t *exposition) exemplar(e *Exemplar) {
	if e != nil && t.strict {
		t.buf = encode.AppendExemplar(t.buf, t.format, e)
	}
}
