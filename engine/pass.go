package engine

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// pass is the work of one scrape before and besides the writing: it runs the
// collectors and brings what they made into name order with the families of
// instruments.
//
// Model. It belongs to one scrape at a time, and keeps its memory.
type pass struct {
	collections []*collection
	parts       []part
	taken       map[string]familyKey // names of families without a claim, and whose they are

	gatherers []*gatherer // one for each part that is of instruments
	joined    Family      // of several parts, or without some samples
	twin      Family      // see untwinned
	distinct  distinct
}

// part is a family, or a part of one that others have parts of too: of instruments
// or of a collector.
type part struct {
	name string
	fam  *family    // of instruments,
	data *Family    // or plain data:
	from *collector // of this collector, or of View.With
	as   *renaming  // of a family of instruments; what is data has it already
}

// begin runs the collectors and finds out what there is to be written.
func (p *pass) begin(ctx context.Context, v *View) {
	if p.taken == nil {
		p.taken = make(map[string]familyKey)
	}
	for _, reg := range v.regs {
		p.beginRegistry(ctx, v, reg)
	}
	for _, f := range v.ready {
		if v.want.has(f.Name, f.Type) {
			p.parts = append(p.parts, part{name: f.Name, data: f})
		}
	}
	slices.SortStableFunc(p.parts, func(a, b part) int { return strings.Compare(a.name, b.name) })
}

// beginRegistry does so for one registry of the view.
func (p *pass) beginRegistry(ctx context.Context, v *View, reg viewed) {
	want, first := v.want, len(p.collections)
	if reg.as != nil {
		want = nil // collectors do not know what they are called here
	}
	p.collections = collect(ctx, *reg.collectors.Load(), want, p.collections)
	for _, f := range *reg.families.Load() {
		name := reg.as.name(f.opts.Name)
		if v.want.has(name, f.typ) && (v.checked || len(v.regs) == 1 || p.take(name, f.typ, f.names)) {
			p.parts = append(p.parts, part{name: name, fam: f, as: reg.as})
		}
	}
	for _, n := range p.collections[first:] {
		p.admit(n, v, reg.as)
	}
}

// end gives back the collections, and lets go of what the scrape was of.
func (p *pass) end() {
	for _, n := range p.collections {
		n.putBack()
	}
	clear(p.collections)
	clear(p.parts)
	clear(p.taken)
	p.collections, p.parts = p.collections[:0], p.parts[:0]
	clear(p.joined.Samples)
	p.joined = Family{Samples: p.joined.Samples[:0]}
	for _, g := range p.gatherers {
		g.reset()
	}
	p.twin = Family{}
	p.distinct.begin(0)
}

// take takes names for a family, and says whether they were free, or its own.
func (p *pass) take(name string, typ Type, names []string) bool {
	own := familyKey{name, typ}
	for _, n := range names {
		if by, taken := p.taken[n]; taken && by != own {
			return false
		}
	}
	for _, n := range names {
		p.taken[n] = own
	}
	return true
}

// admit makes parts of the families of a collection, those that can be exposed.
func (p *pass) admit(n *collection, v *View, as *renaming) {
	c := n.of
	for _, f := range n.sink.list[:n.sink.made] {
		c.dropped[loseSample].Add(f.lost)
		if f.invalid {
			c.dropped[loseFamily].Inc()
			continue
		}
		p.admitFamily(c, f.known, as.wrapped(&n.sink.plain, &f.Family), v, as)
	}
	for _, f := range n.sink.strays {
		p.admitFamily(c, c.know(f.Name, f.Type), as.wrapped(&n.sink.plain, n.sink.wrapped(f)), v, as)
	}
}

func (p *pass) admitFamily(c *collector, k *knownFamily, f *Family, v *View, as *renaming) {
	name := as.name(k.name)
	if !v.want.has(name, k.typ) {
		return
	}
	if checkFamily(&Opts{Name: k.name, Help: f.Help, Unit: f.Unit}, c.reg.names) != nil {
		c.dropped[loseFamily].Inc()
		return
	}
	claimed, conflict := c.claims(k)
	if conflict || !v.checked && (!claimed || len(v.regs) > 1) && !p.take(k.name, k.typ, k.names) {
		c.dropped[loseConflict].Inc()
		return
	}
	p.parts = append(p.parts, part{name: name, data: f, from: c})
}

// next cuts the parts of one family off the list.
func (p *pass) next(rest []part) (group, after []part) {
	n := 1
	for n < len(rest) && rest[n].name == rest[0].name {
		n++
	}
	return rest[:n], rest[n:]
}

// family returns the family that the parts make up, good until the next one.
func (p *pass) family(group []part) *Family {
	if len(group) == 1 {
		if f := p.whole(&group[0]); f != nil {
			return f
		}
	}
	return p.join(group)
}

// untwinned returns the family as the format can have it. OpenMetrics before 2.0 calls the
// family of x_total x; when there is another family x, the counter keeps its whole name,
// and loses its type.
func (p *pass) untwinned(f *Family, format encode.Format) *Family {
	if !p.twinned(f.Name, f.Type, format) {
		return f
	}
	p.twin = *f
	p.twin.Type = encode.Untyped
	return &p.twin
}

// twinned says whether a counter's name in this format is that of another family.
func (p *pass) twinned(name string, typ Type, format encode.Format) bool {
	om1 := format.Syntax == encode.OpenMetrics001 || format.Syntax == encode.OpenMetrics100
	base, ok := strings.CutSuffix(name, nameEnd[encode.Counter])
	if !om1 || !ok || typ != encode.Counter {
		return false
	}
	_, twin := slices.BinarySearchFunc(p.parts, base, func(part part, name string) int { return strings.Compare(part.name, name) })
	return twin
}

// whole returns a family as it came, if there is nothing wrong with it.
func (p *pass) whole(only *part) *Family {
	if only.fam != nil {
		return p.gather(0, only)
	}
	samples := only.data.Samples
	if only.from == nil { // its caller has checked it
		return only.data
	}
	for i := range samples {
		if !only.fits(i) {
			return nil
		}
	}
	if ascending(samples) {
		return only.data
	}
	p.distinct.begin(len(samples))
	for i := range samples {
		if _, fresh := p.distinct.add(samples[i].Labels); !fresh {
			return nil
		}
	}
	return only.data
}

// gather makes plain data of a family of instruments with the i-th gatherer.
func (p *pass) gather(i int, of *part) *Family {
	g := p.gatherer(i)
	f := g.gather(of.fam)
	if of.as != nil {
		of.as.rename(&g.plain, f)
	}
	return f
}

func (p *pass) gatherer(i int) *gatherer {
	for len(p.gatherers) <= i {
		p.gatherers = append(p.gatherers, new(gatherer))
	}
	return p.gatherers[i]
}

// join copies the samples that can be exposed: of each series the first.
func (p *pass) join(group []part) *Family {
	samples, size := p.joined.Samples[:0], 0
	for i := range group {
		if group[i].fam != nil {
			group[i].data = p.gather(i, &group[i])
		}
		size += len(group[i].data.Samples)
	}
	p.joined = *group[0].data
	p.distinct.begin(size)
	for i := range group {
		part := &group[i]
		if part.data.Unit != p.joined.Unit || part.data.Type != p.joined.Type {
			part.lose(loseConflict)
			continue
		}
		for j := range part.data.Samples {
			s := &part.data.Samples[j]
			if !part.fits(j) {
				part.lose(loseSample)
				continue
			}
			switch at, fresh := p.distinct.add(s.Labels); {
			case fresh:
				samples = append(samples, *s)
			case part.fam != nil && part.fam.own:
				samples[at].Value += s.Value
			default:
				part.lose(loseDuplicate)
			}
		}
	}
	p.joined.Samples = samples
	return &p.joined
}

// lose counts what is left out of a collector's part.
func (p *part) lose(why loss) {
	if p.from != nil {
		p.from.dropped[why].Inc()
	}
}

// fits says whether a sample can be exposed as far as that depends on it alone.
func (p *part) fits(i int) bool {
	if p.from == nil { // of instruments, or checked by the caller of View.With
		return true
	}
	f, s := p.data, &p.data.Samples[i]
	known := i > 0 && sameNames(s.Labels, f.Samples[i-1].Labels)
	for j := range s.Labels {
		l := &s.Labels[j]
		if !known && (!fitsLabel(l.Name, reservedLabel(f.Type, f.Name), p.from.reg.names) || hasName(s.Labels[:j], l.Name)) {
			return false
		}
		if !utf8.ValidString(l.Value) {
			return false
		}
	}
	switch f.Type {
	case encode.Histogram, encode.GaugeHistogram:
		return s.Histogram != nil
	case encode.Summary:
		return s.Summary != nil
	}
	return true
}

// sameNames says whether two samples have the same labels at the same places; if the
// first of them fits, so does the second.
func sameNames(a, b []Label) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name {
			return false
		}
	}
	return true
}
