package engine

import (
	"io"

	"github.com/pawl-metrics/pawl/encode"
)

// chunk is how many bytes a scrape gathers before it writes: enough to make the
// writes few, little enough to stay in the CPU's cache.
const chunk = 64 << 10

// sink collects the bytes of one scrape, and writes them to w chunk by chunk, or
// keeps them all when w is nil. Its buffers are used again by the next scrape.
//
// The first error of w is kept and ends the writing.
type sink struct {
	buf     []byte
	w       io.Writer
	written int64
	err     error

	counts  [batch]uint64 // of the counters that are being written
	touched uint32

	words  []uint64  // one section of a histogram
	totals []uint64  // a histogram's buckets over all sections
	values []float64 // results of callbacks
}

// flush writes a chunk when there is one. Calls stand between samples: a chunk
// never ends within a line.
func (t *sink) flush() {
	if len(t.buf) >= chunk && t.w != nil {
		t.drain()
	}
}

func (t *sink) drain() {
	if t.err == nil && len(t.buf) > 0 {
		n, err := t.w.Write(t.buf)
		t.written += int64(n)
		if t.err = err; err == nil && n < len(t.buf) {
			t.err = io.ErrShortWrite
		}
	}
	t.buf = t.buf[:0]
}

// AppendText appends the exposition of the registry in text format 0.0.4 and
// returns the extended slice: families in name order, series in the order of
// their label values. It allocates nothing when dst has room, of which a few bytes
// past the result may be overwritten.
//
// Each sample is read at some moment during the call; a histogram's samples are
// all of one moment. An unchanged registry gives identical bytes.
func (r *Registry) AppendText(dst []byte) []byte {
	t := r.takeSink()
	own := t.buf
	t.buf = dst
	r.writeFamilies(t)
	dst = t.buf
	t.buf = own
	r.spare.Store(t)
	return dst
}

// WriteText writes the exposition of the registry in text format 0.0.4 to w, in
// chunks of some 64 KiB, each a number of whole lines. It returns the number of
// bytes written and the first error of w. See AppendText for what is read when.
// In steady state it allocates nothing.
func (r *Registry) WriteText(w io.Writer) (int64, error) {
	t := r.takeSink()
	t.w = w
	r.writeFamilies(t)
	t.drain()
	n, err := t.written, t.err
	t.w, t.written, t.err = nil, 0, nil // w is the caller's: keep no hold of it
	r.spare.Store(t)
	return n, err
}

// takeSink returns the spare sink, or a new one when a scrape is using it.
func (r *Registry) takeSink() *sink {
	if t := r.spare.Swap(nil); t != nil {
		return t
	}
	return &sink{buf: make([]byte, 0, chunk+4096)}
}

func (r *Registry) writeFamilies(t *sink) {
	for _, f := range *r.families.Load() {
		if t.err != nil {
			return
		}
		f.body.write(t, f)
	}
}

// sample appends one line: name and suffix, labels, value.
func (t *sink) sample(name, suffix string, text *seriesText, v float64) {
	t.buf = append(t.buf, name...)
	t.buf = append(t.buf, suffix...)
	t.buf = append(t.buf, text.String()...)
	t.buf = encode.AppendFloat(t.buf, v)
	t.buf = append(t.buf, '\n')
	t.flush()
}
