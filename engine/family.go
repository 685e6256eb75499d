package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/shard"
)

// Opts describes a family. Only Name is required.
type Opts struct {
	// Name is the whole name, as it will be exposed. Counters by convention end in
	// _total; one that does not is of unknown type in OpenMetrics 1.0, which insists.
	Name string
	// Help is one sentence for people.
	Help string
	// Unit is the base unit, such as "seconds" or "bytes". When given, it must
	// be the last part of Name (before _total).
	Unit string
	// ConstLabels are on every series of this registration. A family may be
	// registered several times with different const label values.
	ConstLabels map[string]string
	// Mode says how the values of several processes become one, where the registry's
	// store is one that they share: of gauges, UpDowns, and other families that are no
	// sums. The zero value is the instrument's own.
	Mode GaugeMode
	// MaxSeries is how many series a vec may have. A lookup that would make another one
	// gets the overflow series instead; see [OverflowValue]. 0 means what the registry's
	// options say, a negative value no limit at all.
	MaxSeries int
	// ExpireAfter is how long a series of a vec may be idle, without a recording, before
	// scrapes leave it out. It comes back, with its value and start timestamp, when a kept
	// handle records in it or With asks for it; when there is no handle either, its
	// memory is given back and With makes a new series. Scrapes find the idle series,
	// so the time begins with a scrape and ends with one. 0 means never. Infos, enums and
	// statesets do not expire: what they say is true for as long as it does not change.
	ExpireAfter time.Duration
}

// family is one metric name and what is registered under it. Everything but
// the order of its series is immutable once the registry has published it.
type family struct {
	opts  Opts
	typ   encode.Type
	shape string // what else must agree between registrations: label names, buckets
	mode  GaugeMode
	store shard.Store
	reg   *Registry
	own   bool // the registry reports on itself

	lasting shard.Persistent // the store, when it is one; else nil

	names  []string // that it takes, of samples and of itself, in every format
	labels []string // all names in order; nil when every one is the same in all formats
	forms  [syntaxes * schemes]atomic.Pointer[form]

	gauges gaugeHome       // of gauges in memory
	body   body            // the series; an order[S] behind its writer
	consts map[string]bool // rendered const labels of each registration; belongs to reg.mu

	mu sync.Mutex // makes what series get only when they need it, and drops series, one at a time
}

// body writes all series of a family.
type body interface {
	write(t *exposition, f *family)
	gather(g *gatherer) // as plain data
}

// ops is what the families of one instrument have in common. There is one for
// each instrument (for histograms, one for each set of bounds).
type ops[S any] struct {
	typ   encode.Type
	shape string // bounds, for histograms; states; quantiles
	modes modes
	begin func(*series[S]) // readies a new family; or nil

	text func(*S) *seriesText
	init func(*S, *family, int64) error           // gives a new series, which begins then, its cells
	drop func(*S)                                 // hides the cells, and returns them when no handle is left
	void func(*S, *family)                        // makes an instrument that refuses everything
	rows func(*exposition, *family, []placed[S])  // writes the samples; nil: as plain data
	read func(*gatherer, *Sample, placed[S]) bool // makes a sample; false means that there is none

	idle *idleOps[S] // nil where series cannot expire
}

// series is the body of a family of S.
type series[S any] struct {
	order[S]
	ops     *ops[S]
	keepers keepers
}

// list wakes what has been recorded in, hides what is idle, and returns the series to
// be exposed in label order. The caller must not change the slice.
func (b *series[S]) list() []placed[S] {
	if vecs := b.keepers.list.Load(); vecs != nil {
		return b.listed(*vecs)
	}
	return b.order.list()
}

func (b *series[S]) write(t *exposition, f *family) {
	if b.ops.rows == nil {
		t.writeAsData(f)
		return
	}
	if list := b.list(); len(list) > 0 {
		t.begin(f)
		b.ops.rows(t, f, list)
		t.end()
	}
}

// member is one registration: a place to put series.
type member[S any] struct {
	fam      *family
	series   *series[S]
	template template
	names    []string // variable labels
	consts   string   // rendered const labels
	lifetime lifetime
}

// register checks a registration and enters it into the registry. names are the
// variable labels.
func register[S any](reg *Registry, opts Opts, names []string, o *ops[S]) (*member[S], error) {
	opts, err := reg.wrap(opts)
	if err != nil {
		return nil, err
	}
	if (o.typ == encode.Info || o.typ == encode.StateSet) && opts.Unit != "" {
		return nil, refuse(opts.Name, ErrUnit, "unit %q: neither infos nor states have one", opts.Unit)
	}
	consts, err := checkOpts(&opts, names, reservedLabel(o.typ, opts.Name), reg.names)
	if err != nil {
		return nil, err
	}
	mode, err := o.modes.choose(opts.Name, opts.Mode)
	if err != nil {
		return nil, err
	}
	life, err := lifetimeOf(&opts, len(names) > 0, o.idle != nil, reg)
	if err != nil {
		return nil, err
	}
	m := &member[S]{template: newTemplate(names, consts), names: slices.Clone(names), lifetime: life}
	m.consts = newTemplate(nil, consts).lits[0]
	m.fam, err = reg.enter(claim{
		opts:   opts,
		typ:    o.typ,
		shape:  shapeOf(names, consts, o.shape),
		mode:   mode,
		consts: m.consts,
		labels: changingNames(sortedPairs(names, consts)),
		body:   func() body { return newSeries(o) },
		fits:   func(b body) bool { _, ok := b.(*series[S]); return ok },
	})
	if err != nil {
		return nil, err
	}
	m.series = m.fam.body.(*series[S])
	if life.most > 0 {
		m.lifetime.overflows = reg.overflows.With(m.fam.opts.Name)
	}
	return m, nil
}

func newSeries[S any](o *ops[S]) *series[S] {
	b := &series[S]{order: order[S]{text: o.text}, ops: o}
	if o.begin != nil {
		o.begin(b)
	}
	return b
}

// newOne registers an instrument without variable labels; err is that of its options.
func newOne[S any](reg *Registry, opts Opts, o *ops[S], err error) (*S, error) {
	if err != nil {
		return nil, err
	}
	m, err := register(reg, opts, nil, o)
	if err != nil {
		return nil, err
	}
	return m.addOnly(new(S))
}

// checkOpts checks everything about a registration that needs no registry, and
// returns the sorted const labels.
func checkOpts(opts *Opts, names []string, reserved string, rule NameRule) ([]encode.Label, error) {
	if err := checkFamily(opts, rule); err != nil {
		return nil, err
	}
	consts, err := sortedConsts(opts.Name, opts.ConstLabels, reserved, rule)
	if err != nil {
		return nil, err
	}
	return consts, checkNames(opts.Name, names, consts, reserved, rule)
}

// shapeOf renders what two registrations of one family must share: which labels
// are const, which are variable, and the bounds. The sets of names must match
// exactly, or two registrations could make one and the same series.
func shapeOf(names []string, consts []encode.Label, more string) string {
	var s strings.Builder
	for _, p := range sortedPairs(names, consts) {
		s.WriteString(p.Name)
		if p.variable < 0 {
			s.WriteString(" const")
		}
		s.WriteString(", ")
	}
	return strings.TrimSuffix("labels "+s.String(), ", ") + more
}

// add makes s a series of the family: cells, rendered labels, a place in the
// order. s is not yet shared. It returns when the series began.
func (m *member[S]) add(s *S, text encode.Prefix) (start int64, err error) {
	start = time.Now().UnixNano()
	m.series.ops.text(s).set(text)
	if err := m.series.ops.init(s, m.fam, start); err != nil {
		return 0, refuse(m.fam.opts.Name, ErrStore, "%v", err)
	}
	if m.lifetime.idle > 0 {
		m.series.ops.idle.detach(s)
	}
	m.series.add(s, start)
	return start, nil
}

// addOnly makes s the one series of a registration without variable labels.
func (m *member[S]) addOnly(s *S) (*S, error) {
	if _, err := m.add(s, m.template.render(nil, nil)); err != nil {
		m.fam.reg.withdraw(m.fam, m.consts)
		return nil, err
	}
	return s, nil
}

// remove takes s out of the exposition; its cells return to the store when the
// last handle is gone.
func (m *member[S]) remove(s *S) {
	m.series.bury(s)
	m.series.ops.drop(s)
}

// void returns an instrument that refuses and counts whatever it is given.
func (m *member[S]) void(why drop) *S {
	s := new(S)
	m.series.ops.void(s, m.fam)
	m.series.ops.text(s).setVoid(why)
	return s
}

// refuses says whether a series is one that only refuses, and if so counts.
func (f *family) refuses(text *seriesText) bool {
	why, void := text.void()
	if void {
		f.drop(why)
	}
	return void
}
