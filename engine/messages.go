package engine

import (
	"unsafe"

	"github.com/pawl-metrics/pawl/encode"
)

// This file puts series into protobuf messages.

// openMetric begins a series' message with its labels.
func (t *exposition) openMetric(text *seriesText) encode.Mark {
	var m encode.Mark
	t.buf, m = encode.OpenMetric(t.buf)
	if t.form.labels != nil {
		t.labels = append(appendRenamed(append(t.labels[:0], '{'), text.inner(), t.form.labels), '}')
		// Same as: string(t.labels)
		// Safety: the string is read before labels is written again.
		t.buf = encode.AppendLabelPairsText(t.buf, unsafe.String(unsafe.SliceData(t.labels), len(t.labels)))
	} else {
		t.buf = encode.AppendLabelPairsText(t.buf, text.String())
	}
	return m
}

func (t *exposition) closeMetric(m encode.Mark) {
	t.buf = encode.CloseMetric(t.buf, m, encode.Timestamp{})
}
