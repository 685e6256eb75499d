package engine

import (
	"context"
	"io"

	"github.com/pawl-metrics/pawl/encode"
)

// chunk is how many bytes a scrape gathers before it writes: enough to make the
// writes few, little enough to stay in the CPU's cache.
const chunk = 64 << 10

// exposition collects the bytes of one scrape, and writes them to w chunk by chunk, or
// keeps them all when w is nil. Its buffers are used again by the next scrape.
//
// The first error of w is kept and ends the writing.
type exposition struct {
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

	pass pass
}

// set makes it ready for a scrape in a format.
func (t *exposition) set(o ExpositionOptions) {
	t.format = o.Format
	t.proto = o.Format.Syntax == encode.ProtobufDelimited
	om1 := o.Format.Syntax == encode.OpenMetrics001 || o.Format.Syntax == encode.OpenMetrics100
	t.strict = om1 || o.Format.Syntax == encode.OpenMetrics200
	t.createdLines = o.CreatedSamples && om1
}

// begin writes what stands before a family's series.
func (t *exposition) begin(f *family) {
	t.form, t.begun = f.form(t.format), len(t.buf)
	if t.proto {
		t.buf, t.mark, _ = encode.OpenFamily(t.buf, t.format, t.form.family)
		return
	}
	t.buf = append(t.buf, t.form.header...)
}

// end writes what stands behind a family's series. A message is known to be whole
// only now, so in protobuf chunks end between families.
func (t *exposition) end() {
	if t.proto && t.form != nil {
		t.buf = encode.CloseFamily(t.buf, t.mark)
	}
	t.form = nil
	t.flushFamily()
}

// undo takes back what begin wrote.
func (t *exposition) undo() { t.buf, t.form = t.buf[:t.begun], nil }

// flush writes a chunk when there is one. Calls stand between samples: a chunk
// never ends within a line.
func (t *exposition) flush() {
	if !t.proto {
		t.flushFamily()
	}
}

func (t *exposition) flushFamily() {
	if len(t.buf) >= chunk && t.w != nil {
		t.drain()
	}
}

func (t *exposition) drain() {
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

// AppendExposition is AppendExpositionContext for a scrape that has all the time it
// needs.
func (r *Registry) AppendExposition(dst []byte, o ExpositionOptions) []byte {
	return r.AppendExpositionContext(context.Background(), dst, o)
}

// AppendExpositionContext appends the exposition of the registry in any format and
// returns the extended slice: families in name order, series in the order of
// their label values, or as a collector has them. It allocates nothing when dst has
// room, of which a few bytes past the result may be overwritten, and collectors
// allocate nothing.
//
// ctx is the collectors': when it ends, what has not come back is left out.
//
// Each sample is read at some moment during the call; a histogram's samples are
// all of one moment. An unchanged registry gives identical bytes.
func (r *Registry) AppendExpositionContext(ctx context.Context, dst []byte, o ExpositionOptions) []byte {
	return r.all().AppendExpositionContext(ctx, dst, o)
}

// WriteExposition is WriteExpositionContext for a scrape that has all the time it
// needs.
func (r *Registry) WriteExposition(w io.Writer, o ExpositionOptions) (int64, error) {
	return r.WriteExpositionContext(context.Background(), w, o)
}

// WriteExpositionContext writes the exposition of the registry to w, in chunks of
// some 64 KiB: whole lines, and in protobuf whole families, however large one is. It
// returns the number of bytes written and the first error of w. See
// AppendExpositionContext for what is read when. In steady state it allocates
// nothing.
func (r *Registry) WriteExpositionContext(ctx context.Context, w io.Writer, o ExpositionOptions) (int64, error) {
	return r.all().WriteExpositionContext(ctx, w, o)
}

// AppendText is AppendExposition in text format 0.0.4.
func (r *Registry) AppendText(dst []byte) []byte { return r.AppendExposition(dst, ExpositionOptions{}) }

// WriteText is WriteExposition in text format 0.0.4.
func (r *Registry) WriteText(w io.Writer) (int64, error) {
	return r.WriteExposition(w, ExpositionOptions{})
}

// takeExposition returns the spare one, or a new one when a scrape is using it.
func (r *contents) takeExposition() *exposition {
	if t := r.spare.Swap(nil); t != nil {
		return t
	}
	return newExposition()
}

func newExposition() *exposition { return &exposition{buf: make([]byte, 0, chunk+4096)} }

// write writes what the view has.
func (t *exposition) write(ctx context.Context, v *View) {
	if v.want == nil && len(v.regs) == 1 && v.regs[0].as == nil && len(v.ready) == 0 && len(*v.regs[0].collectors.Load()) == 0 {
		t.writeInstruments(*v.regs[0].families.Load())
	} else {
		t.writeParts(ctx, v)
	}
	t.buf = encode.AppendEOF(t.buf, t.format)
}

// writeInstruments writes what most registries are.
func (t *exposition) writeInstruments(families []*family) {
	for _, f := range families {
		if t.err != nil {
			return
		}
		f.body.write(t, f)
	}
}

func (t *exposition) writeParts(ctx context.Context, v *View) {
	t.pass.begin(ctx, v)
	for rest := t.pass.parts; len(rest) > 0 && t.err == nil; {
		var group []part
		group, rest = t.pass.next(rest)
		if f := group[0].fam; f != nil && len(group) == 1 && group[0].as == nil && !(v.checked && t.pass.twinned(f.opts.Name, f.typ, t.format)) {
			f.body.write(t, f)
		} else {
			t.plainFamily(t.pass.untwinned(t.pass.family(group), t.format))
		}
	}
	t.pass.end()
}

// writeAsData writes a family of a rare instrument by way of plain data. The strings
// of that live in memory that is used again.
func (t *exposition) writeAsData(f *family) {
	g := t.pass.gatherer(0)
	g.lend = true
	t.plainFamily(g.gather(f))
	g.reset()
	g.lend = false
}

// plainFamily writes a family of plain data, a piece at a time where chunks may end
// within one.
func (t *exposition) plainFamily(f *Family) {
	o := encode.Options{Exemplars: true, Created: t.createdLines}
	if t.w == nil || t.proto || len(f.Samples) <= plainPiece {
		t.buf = encode.AppendFamily(t.buf, t.format, o, f)
		t.flushFamily()
		return
	}
	t.buf = encode.AppendHeader(t.buf, t.format, f)
	for samples := f.Samples; len(samples) > 0 && t.err == nil; {
		n := min(plainPiece, len(samples))
		t.buf = encode.AppendSamples(t.buf, t.format, o, f, samples[:n])
		t.flush()
		samples = samples[n:]
	}
}

// plainPiece is a number of samples whose lines make about a chunk.
const plainPiece = 256
