package engine

import (
	"runtime"

	"github.com/pawl-metrics/pawl/encode"
)

// batch is how many counters a scrape reads before it writes their lines.
//
// A counter's line needs four cache lines that are nowhere near each other: the
// series, its label text, and its cell on each P. Taken series by series, each
// of them is waited for in turn. In batches the CPU has many of the waits under
// way at once: at 100,000 series that is the difference between 58 ns a series
// and 33 (with the faster copying and digits that came along with it).
const batch = 64

func writeCounters(t *exposition, _ *family, list []placed[Counter]) {
	for len(list) > 0 {
		part := list[:min(batch, len(list))]
		t.readCounters(part)
		switch {
		case t.proto:
			t.counterMessages(part)
		case t.form.plain && !t.strict:
			t.counterLines(part)
		default:
			t.counterLinesWithMore(part)
		}
		t.flush()
		list = list[len(part):]
	}
	runtime.KeepAlive(list)
}

// readCounters reads the integer part of each counter, one memory access further
// for all of them at each pass.
func (t *exposition) readCounters(part []placed[Counter]) {
	var touched uint32
	for _, p := range part {
		touched += p.s.text.n
	}
	counts := t.counts[:len(part)]
	for i, p := range part {
		counts[i] = p.s.cell.Sum(0)
		touched += uint32(*p.s.text.data)
	}
	t.touched = touched // or the compiler would drop the loads
}

// counterLines appends a line for each counter, with the counts that were read.
func (t *exposition) counterLines(part []placed[Counter]) {
	name := t.form.names[noSuffix]
	for i, p := range part {
		buf := p.s.text.prefix().Append(name.Append(t.buf))
		if more := p.s.more.Load(); more == nil {
			buf = encode.AppendUint(buf, t.counts[i])
		} else {
			buf = more.appendValue(buf, t.counts[i])
		}
		t.buf = append(buf, '\n')
	}
	runtime.KeepAlive(part)
}

// counterLinesWithMore appends the lines of formats that have start timestamps and
// exemplars, and of names that need quotes.
func (t *exposition) counterLinesWithMore(part []placed[Counter]) {
	for i, p := range part {
		t.line(noSuffix, &p.s.text)
		more := p.s.more.Load()
		t.buf = more.appendValue(t.buf, t.counts[i])
		if t.format.Syntax == encode.OpenMetrics200 {
			t.buf = encode.AppendStart(t.buf, p.begun())
		}
		if t.form.created || t.format.Syntax == encode.OpenMetrics200 { // the type unknown has no exemplars
			t.exemplar(more.latest())
		}
		t.buf = append(t.buf, '\n')
		t.created(&p.s.text, p.begun())
	}
	runtime.KeepAlive(part)
}

// counterMessages appends a message for each counter.
func (t *exposition) counterMessages(part []placed[Counter]) {
	for i, p := range part {
		m, more := t.openMetric(&p.s.text), p.s.more.Load()
		t.buf = encode.AppendCounterMessage(t.buf, more.value(t.counts[i]), p.begun(), more.latest(), t.format.Scheme)
		t.closeMetric(m)
	}
	runtime.KeepAlive(part)
}
