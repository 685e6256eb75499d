package engine

import (
	"context"
	"io"
	"slices"
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
	regs    []viewed
	want    *selection // nil is everything
	checked bool       // names need not be looked at: see MergeChecked
	ready   []*Family  // that came as plain data
}

// viewed is a registry in a view. Immutable.
type viewed struct {
	*contents
	as *renaming // nil: its families are called what they are
}

// renaming is what a view adds to all families of a registry, and their samples.
type renaming struct {
	prefix string
	labels []Label // sorted by name
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
	return &View{v.regs, &selection{slices.Clone(names)}, v.checked, v.ready}
}

// Merge returns a view of several registries. Families of one name are joined when
// their types and units agree, as are those of collectors; otherwise, and where
// names clash or series are the same, the registry that comes first has it. The
// registries' reports on themselves are added up.
func Merge(registries ...*Registry) *View {
	v, seen := new(View), make(map[*contents]bool, len(registries))
	for _, r := range registries {
		if !seen[r.contents] {
			seen[r.contents] = true
			v.regs = append(v.regs, viewed{contents: r.contents})
		}
	}
	return v
}

// MergeChecked is Merge for a caller who has made sure, when the registries were
// filled, that no two families clash, and who may allow more than a registry does: a
// gauge x beside a counter x_total, for one. Scrapes then look for no clashes.
func MergeChecked(registries ...*Registry) *View {
	v := Merge(registries...)
	v.checked = true
	return v
}

// WithRenamed returns the view with a registry besides whose families get a prefix to
// their names, and labels besides their own, in this view alone. The caller has
// checked that these can be. Such families are written by way of plain data.
func (v *View) WithRenamed(r *Registry, prefix string, labels map[string]string) *View {
	as := &renaming{prefix: prefix}
	for name, value := range labels {
		as.labels = append(as.labels, Label{Name: name, Value: value})
	}
	sortLabels(as.labels)
	return &View{append(slices.Clip(v.regs), viewed{r.contents, as}), v.want, v.checked, v.ready}
}

// With returns the view with families of plain data besides, which its caller has
// checked: their names, their labels, and that no series is there twice. They must not
// change while the view is used.
func (v *View) With(families ...*Family) *View {
	return &View{v.regs, v.want, v.checked, append(slices.Clip(v.ready), families...)}
}

// all is the view of everything in a registry.
func (r *Registry) all() *View { return &r.contents.everything }

// takeExposition takes the buffers of the first registry; a view of none has new ones.
func (v *View) takeExposition() *exposition {
	if len(v.regs) == 0 {
		return newExposition()
	}
	return v.regs[0].takeExposition()
}

func (v *View) putBack(t *exposition) {
	if len(v.regs) > 0 {
		v.regs[0].spare.Store(t)
	}
}

// AppendExpositionContext is [Registry.AppendExpositionContext] for the view.
func (v *View) AppendExpositionContext(ctx context.Context, dst []byte, o ExpositionOptions) []byte {
	t := v.takeExposition()
	t.set(o)
	own := t.buf
	t.buf = dst
	t.write(ctx, v)
	dst = t.buf
	t.buf = own
	v.putBack(t)
	return dst
}

// WriteExpositionContext is [Registry.WriteExpositionContext] for the view.
func (v *View) WriteExpositionContext(ctx context.Context, w io.Writer, o ExpositionOptions) (int64, error) {
	t := v.takeExposition()
	t.set(o)
	t.w = w
	t.write(ctx, v)
	t.drain()
	n, err := t.written, t.err
	t.w, t.written, t.err = nil, 0, nil // w is the caller's: keep no hold of it
	v.putBack(t)
	return n, err
}

// Gather is [Registry.Gather] for the view.
func (v *View) Gather(ctx context.Context, each func(*Family) error) error {
	t := v.takeExposition()
	defer v.putBack(t)
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
