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

	format       encode.Format
	proto        bool // the format is protobuf
	strict       bool // the format is OpenMetrics of either version
	createdLines bool // _created samples are wanted, and the format has them

	form  *form       // of the family that is being written
	begun int         // where in buf that family begins
	mark  encode.Mark // and its message, in protobuf

	counts  [batch]uint64 // of the counters that are being written
	touched uint32

	words   []uint64        // one section of a histogram
	totals  []uint64        // a histogram's buckets over all sections
	values  []float64       // results of callbacks
	labels  []byte          // a label set under other names
	buckets []encode.Bucket // a histogram's, for encode

	native    NativeHistogram // of the histogram that is being written
	exemplars []Exemplar      // and its exemplars
}

// set makes the sink ready for a scrape in a format.
func (t *sink) set(o ExpositionOptions) {
	t.format = o.Format
	t.proto = o.Format.Syntax == encode.ProtobufDelimited
	om1 := o.Format.Syntax == encode.OpenMetrics001 || o.Format.Syntax == encode.OpenMetrics100
	t.strict = om1 || o.Format.Syntax == encode.OpenMetrics200
	t.createdLines = o.CreatedSamples && om1
}

// begin writes what stands before a family's series.
func (t *sink) begin(f *family) {
	t.form, t.begun = f.form(t.format), len(t.buf)
	if t.proto {
		t.buf, t.mark, _ = encode.OpenFamily(t.buf, t.format, t.form.family)
		return
	}
	t.buf = append(t.buf, t.form.header...)
}

// end writes what stands behind a family's series. A message is known to be whole
// only now, so in protobuf chunks end between families.
func (t *sink) end() {
	if t.proto && t.form != nil {
		t.buf = encode.CloseFamily(t.buf, t.mark)
	}
	t.form = nil
	t.flushFamily()
}

// undo takes back what begin wrote.
func (t *sink) undo() { t.buf, t.form = t.buf[:t.begun], nil }

// flush writes a chunk when there is one. Calls stand between samples: a chunk
// never ends within a line.
func (t *sink) flush() {
	if !t.proto {
		t.flushFamily()
	}
}

func (t *sink) flushFamily() {
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

// Format is a format with an escaping scheme for names; see package encode.
type Format = encode.Format

// ExpositionOptions says how a registry is to be written. The zero value is text
// format 0.0.4, which every scraper reads.
type ExpositionOptions struct {
	Format Format
	// CreatedSamples adds to OpenMetrics 1.0 a sample x_created for each counter and
	// histogram, with the time when it began. Unless Prometheus runs with a feature
	// flag it takes each for a series of its own. OpenMetrics 2.0 and protobuf have
	// a place for start timestamps, and always get them.
	CreatedSamples bool
}

// AppendExposition appends the exposition of the registry in any format and
// returns the extended slice: families in name order, series in the order of
// their label values. It allocates nothing when dst has room, of which a few bytes
// past the result may be overwritten.
//
// Each sample is read at some moment during the call; a histogram's samples are
// all of one moment. An unchanged registry gives identical bytes.
func (r *Registry) AppendExposition(dst []byte, o ExpositionOptions) []byte {
	t := r.takeSink()
	t.set(o)
	own := t.buf
	t.buf = dst
	r.writeFamilies(t)
	dst = t.buf
	t.buf = own
	r.spare.Store(t)
	return dst
}

// WriteExposition writes the exposition of the registry to w, in chunks of some
// 64 KiB: whole lines, and in protobuf whole families, however large one is. It
// returns the number of bytes written and the first error of w. See
// AppendExposition for what is read when. In steady state it allocates nothing.
func (r *Registry) WriteExposition(w io.Writer, o ExpositionOptions) (int64, error) {
	t := r.takeSink()
	t.set(o)
	t.w = w
	r.writeFamilies(t)
	t.drain()
	n, err := t.written, t.err
	t.w, t.written, t.err = nil, 0, nil // w is the caller's: keep no hold of it
	r.spare.Store(t)
	return n, err
}

// AppendText is AppendExposition in text format 0.0.4.
func (r *Registry) AppendText(dst []byte) []byte { return r.AppendExposition(dst, ExpositionOptions{}) }

// WriteText is WriteExposition in text format 0.0.4.
func (r *Registry) WriteText(w io.Writer) (int64, error) {
	return r.WriteExposition(w, ExpositionOptions{})
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
	t.buf = encode.AppendEOF(t.buf, t.format)
}
