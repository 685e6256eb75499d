package prometheus

import (
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/internal/bridge"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// This file is the fast road from a registry to bytes. Collectors of ours have their
// series in the engine, which writes them as it writes its own; nothing of theirs
// becomes a protobuf message. Collectors of others are gathered as ever, and what they
// give is written in the same scrape, at its place.
//
//	Registry -- ours ----------> engine.MergeChecked --+
//	        \-- others -> dto -> engine.Family --------+--> engine.View --> text, OpenMetrics, protobuf
//
// Where names could clash, between ours or between ours and others', the road is closed
// and the scrape is Gather's, with its errors.

func init() { bridge.Open = openScrape }

// plan is what a registry's collectors mean for its scrapes. Immutable.
type plan struct {
	of     []*registered // whose plan it is
	view   *engine.View  // all of ours
	others []*registered
	taken  map[string]bool // names of families and samples of ours
	closed bool            // ours clash
}

// planned is a registry's latest plan.
type planned struct{ atomic.Pointer[plan] }

// of returns the plan for these collectors: mostly the one that is there.
func (p *planned) of(list []*registered) *plan {
	if have := p.Load(); have != nil && len(have.of) == len(list) && (len(list) == 0 || &have.of[0] == &list[0]) {
		return have
	}
	fresh := newPlan(list)
	p.Store(fresh)
	return fresh
}

func newPlan(list []*registered) *plan {
	p := &plan{of: list, taken: make(map[string]bool)}
	var sources []source
	types := make(map[string]engine.Type)
	for _, c := range list {
		s, ok := sourceOf(c.Collector)
		if !ok {
			p.others = append(p.others, c)
			continue
		}
		sources = append(sources, s)
		for _, f := range s.reg.Families() {
			if known, there := types[s.prefix+f.Name]; there && known != f.Type {
				p.closed = true
			}
			types[s.prefix+f.Name] = f.Type
		}
	}
	for name := range types {
		p.taken[name] = true
	}
	for name, typ := range types {
		p.take(name, typ)
	}
	p.view = viewOf(sources)
	return p
}

// source is where a collector of ours has its series, and what a wrapping adds to them.
type source struct {
	reg    *engine.Registry
	name   string // of its first family, in the registry
	prefix string
	labels Labels
}

// sourceOf returns a collector's source, if it is one of ours in however many wrappings.
func sourceOf(c Collector) (s source, ok bool) {
	for {
		w, wrapped := c.(*wrappingCollector)
		if !wrapped {
			break
		}
		s.prefix += w.prefix // the outer one's comes first
		all := maps.Clone(w.labels)
		if all == nil {
			all = make(Labels)
		}
		maps.Copy(all, s.labels)
		s.labels, c = all, w.wrapped
	}
	if o := asOurs(c); o != nil {
		s.reg = o.source()
	}
	if s.reg == nil {
		return source{}, false
	}
	if families := s.reg.Families(); len(families) > 0 {
		s.name = s.prefix + families[0].Name
	}
	return s, true
}

// viewOf returns the view of all sources. A view in the order of names is the cheapest
// to write.
func viewOf(sources []source) *engine.View {
	slices.SortStableFunc(sources, func(a, b source) int { return strings.Compare(a.name, b.name) })
	var plain []*engine.Registry
	for _, s := range sources {
		if s.prefix == "" && len(s.labels) == 0 {
			plain = append(plain, s.reg)
		}
	}
	view := engine.MergeChecked(plain...)
	for _, s := range sources {
		if s.prefix != "" || len(s.labels) > 0 {
			view = view.WithRenamed(s.reg, s.prefix, s.labels)
		}
	}
	return view
}

// take notes the names of the samples of a histogram or summary, which no family
// may have.
func (p *plan) take(name string, typ engine.Type) {
	for _, suffix := range sampleSuffixes(typ) {
		if p.taken[name+suffix] {
			p.closed = true
		}
	}
	for _, suffix := range sampleSuffixes(typ) {
		p.taken[name+suffix] = true
	}
}

// sampleSuffixes are what client_golang looks at when it checks for clashes.
func sampleSuffixes(typ engine.Type) []string {
	switch typ {
	case engine.SummaryType:
		return []string{"_count", "_sum"}
	case engine.HistogramType:
		return []string{"_count", "_sum", "_bucket"}
	}
	return nil
}

// clashes says whether a family of others has a name of ours, or its samples have.
func (p *plan) clashes(f *engine.Family) bool {
	if p.taken[f.Name] {
		return true
	}
	return slices.ContainsFunc(sampleSuffixes(f.Type), func(suffix string) bool { return p.taken[f.Name+suffix] })
}

// scrape is a bridge.Scrape.
type scrape struct {
	view *engine.View
	ctx  context.Context
}

func openScrape(ctx context.Context, g any) (bridge.Scrape, bool, error) {
	r, ok := g.(*Registry)
	if !ok || r == nil || r.pedantic {
		return nil, false, nil
	}
	p := r.plan.of(r.collectors())
	if p.closed {
		return nil, false, nil
	}
	if len(p.others) == 0 {
		return &scrape{p.view, ctx}, true, nil
	}
	gathered, err := r.collectForeign(ctx, p.others)
	families, ok := p.converted(gathered)
	if !ok {
		return nil, false, nil
	}
	return &scrape{p.view.With(families...), ctx}, true, err
}

// converted makes plain data of what others gave; ok is false where that, or a
// scrape of it together with ours, cannot be.
func (p *plan) converted(gathered map[string]*dto.MetricFamily) (families []*engine.Family, ok bool) {
	for _, m := range gathered {
		f, ok := familyOf(m)
		if !ok || p.clashes(f) {
			return nil, false
		}
		families = append(families, f)
	}
	return families, true
}

func (s *scrape) Write(w io.Writer, f encode.Format, created bool) (int64, error) {
	return s.view.WriteExpositionContext(s.ctx, w, engine.ExpositionOptions{Format: f, CreatedSamples: created})
}

func (s *scrape) Families() (n int) {
	s.view.Gather(s.ctx, func(*engine.Family) error { n++; return nil }) // no error: the function has none
	return n
}
