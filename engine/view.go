package engine

import (
	"context"
	"io"
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// Source is what can be scraped: a [Registry], or a [View].
type Source interface {
	AppendExpositionContext(ctx context.Context, dst []byte, o ExpositionOptions) []byte
	WriteExpositionContext(ctx context.Context, w io.Writer, o ExpositionOptions) (int64, error)
	Gather(ctx context.Context, each func(*Family) error) error
	Only(names ...string) *View
}

// View is some families of one or more registries, to be scraped as one. All methods
// may be called concurrently.
type View struct {
	regs []*contents
	want *selection // nil is everything
}

// selection is the families that have samples of these names.
type selection struct{ names []string }

func (w *selection) has(family string, typ Type) bool {
	return w == nil || slices.ContainsFunc(w.names, func(n string) bool { return hasSample(family, typ, n) })
}

// collects says whether a collector is needed: it has described a wanted family, or
// not said what it makes.
func (w *selection) collects(c *collector) bool {
	return w == nil || len(c.descs) == 0 ||
		slices.ContainsFunc(c.descs, func(d Desc) bool { return w.has(d.Name, d.Type) })
}

// Only returns the families of the registry that have samples of these names, such
// as x_total, or x_count for all of a histogram x. A scrape of it calls only those
// collectors that have described one of them, or do not describe. Families are
// whole, though client_python would take the named samples out of them: half a
// histogram is none to most readers.
func (r *Registry) Only(names ...string) *View { return r.all().Only(names...) }

// Only returns the part of the view that has samples of these names; see
// [Registry.Only].
func (v *View) Only(names ...string) *View {
	if v.want != nil {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(v.want.names, n) })
	}
	return &View{v.regs, &selection{slices.Clone(names)}}
}

// Merge returns a view of several registries. Families of one name are joined when
// their types and units agree, as are those of collectors; otherwise, and where
// names clash or series are the same, the registry that comes first has it. The
// registries' reports on themselves are added up.
func Merge(registries ...*Registry) *View {
	v := new(View)
	for _, r := range registries {
		if !slices.Contains(v.regs, r.contents) {
			v.regs = append(v.regs, r.contents)
		}
	}
	return v
}

// all is the view of everything in a registry.
func (r *Registry) all() *View { return &r.contents.everything }

// AppendExpositionContext is [Registry.AppendExpositionContext] for the view.
func (v *View) AppendExpositionContext(ctx context.Context, dst []byte, o ExpositionOptions) []byte {
	if len(v.regs) == 0 {
		return encode.AppendEOF(dst, o.Format)
	}
	t := v.regs[0].takeExposition()
	t.set(o)
	own := t.buf
	t.buf = dst
	t.write(ctx, v)
	dst = t.buf
	t.buf = own
	v.regs[0].spare.Store(t)
	return dst
}

// WriteExpositionContext is [Registry.WriteExpositionContext] for the view.
func (v *View) WriteExpositionContext(ctx context.Context, w io.Writer, o ExpositionOptions) (int64, error) {
	if len(v.regs) == 0 {
		n, err := w.Write(encode.AppendEOF(nil, o.Format))
		return int64(n), err
	}
	t := v.regs[0].takeExposition()
	t.set(o)
	t.w = w
	t.write(ctx, v)
	t.drain()
	n, err := t.written, t.err
	t.w, t.written, t.err = nil, 0, nil // w is the caller's: keep no hold of it
	v.regs[0].spare.Store(t)
	return n, err
}

// Gather is [Registry.Gather] for the view.
func (v *View) Gather(ctx context.Context, each func(*Family) error) error {
	if len(v.regs) == 0 {
		return nil
	}
	t := v.regs[0].takeExposition()
	defer v.regs[0].spare.Store(t)
	defer t.pass.end()
	t.pass.begin(ctx, v)
	for rest := t.pass.parts; len(rest) > 0; {
		var group []part
		group, rest = t.pass.next(rest)
		if f := t.pass.family(group); len(f.Samples) > 0 {
			if err := each(f); err != nil {
				return err
			}
		}
	}
	return nil
}
