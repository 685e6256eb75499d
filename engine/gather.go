package engine

import "context"

// Gather calls each with every family as plain data, in name order: those of
// instruments, read as a scrape reads them, and those of collectors. A family and all
// that it refers to, strings of labels excepted, is good during the call only, and is not to be
// changed. Families without samples are left out. Gather stops at the first error of
// each, and returns it.
//
// ctx is the collectors': when it ends, what has not come back is left out.
//
// Gather takes memory for the largest family as plain data, some 200 bytes a sample,
// and keeps it. In steady state it allocates nothing but label values that have to
// be unescaped. Numbers are float64s here: an integer past 2^53 loses digits that
// an exposition has.
func (r *Registry) Gather(ctx context.Context, each func(*Family) error) error {
	return r.all().Gather(ctx, each)
}

// gatherer makes plain data of the families of instruments, one at a time.
type gatherer struct {
	plain
	fam    Family
	totals []uint64 // a histogram's buckets
	words  []uint64 // one section of it
	failed bool     // the family is lost: a callback panicked
}

// gather returns a family, good until the next one.
func (g *gatherer) gather(f *family) *Family {
	g.reset()
	g.fam.Name, g.fam.Help, g.fam.Unit, g.fam.Type = f.opts.Name, f.opts.Help, f.opts.Unit, f.typ
	f.body.gather(g)
	if g.failed {
		g.fam.Samples = g.fam.Samples[:0]
	}
	return &g.fam
}

func (g *gatherer) reset() {
	g.plain.reset()
	clear(g.fam.Samples)
	g.fam = Family{Samples: g.fam.Samples[:0]}
	g.failed = false
}

// gather reads all series. It does what scrapes do for the rare types too.
func (b *series[S]) gather(g *gatherer) {
	for _, p := range b.list() {
		if g.failed {
			return
		}
		g.fam.Samples = append(g.fam.Samples, Sample{})
		s := &g.fam.Samples[len(g.fam.Samples)-1]
		s.Labels = g.parse(b.ops.text(p.s))
		if !b.ops.read(g, s, p) {
			g.fam.Samples = g.fam.Samples[:len(g.fam.Samples)-1]
		}
	}
}
