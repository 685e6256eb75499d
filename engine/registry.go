package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/shard"
)

// RegistryOptions configures a registry. The zero value is ready for use.
type RegistryOptions struct {
	// Store is where series record. Nil means anonymous memory of the
	// registry's own. One that is a shard.Persistent is told what it holds, and
	// holds all of it.
	Store shard.Store

	// Names says which names may be registered. By default any UTF-8 may be.
	Names NameRule

	// OnCollectorError is called for each collection that fails, with the
	// collector's name and what it returned, a panic, or the scrape's deadline; for
	// a log, beside pawl_collector_errors_total. It is called in the scrape, perhaps
	// by several at once, and must not block. Nil means nothing.
	OnCollectorError func(collector string, err error)

	// MaxSeries is how many series each vec may have whose own options do not say. 0 and
	// less mean that there is no limit.
	MaxSeries int

	// Reports is the registry in which this one counts what it refuses, drops and
	// recovers from; it records in memory of that one too, unless Store says otherwise.
	// It then has no families of its own, and weighs little: many such can be made and
	// scraped together, one for each of another library's collectors for example. Nil
	// means the registry itself.
	Reports *Registry

	// Owner is returned by the registry's Owner: with the Registry of an instrument, a
	// way from a handle back to what its maker knows about it.
	Owner any
}

// NameRule says what the names of families and labels may be made of.
type NameRule int

const (
	// UTF8Names are any UTF-8 without NUL. Scrapers that ask for no such names get
	// them escaped. What would be one name to some scraper cannot be registered
	// twice.
	UTF8Names NameRule = iota
	// LegacyNames are those of Prometheus before version 3: [a-zA-Z_:][a-zA-Z0-9_:]*
	// for families, the same without colons for labels.
	LegacyNames
)

func (n NameRule) validFamily(s string) bool {
	return encode.ValidName(s) || n == UTF8Names && encode.ValidUTF8Name(s)
}

func (n NameRule) validLabel(s string) bool {
	return encode.ValidLabelName(s) || n == UTF8Names && encode.ValidUTF8Name(s)
}

func (n NameRule) want(legacy string) string {
	if n == UTF8Names {
		return "want valid UTF-8 without NUL, and not nothing"
	}
	return "want " + legacy
}

// Registry is a set of families and collectors that are exposed together. All
// methods may be called concurrently; registering and scraping never hinder a
// recording.
type Registry struct {
	*contents
	wrapping // what this view of the contents adds to registrations; see With
}

// contents is what a registry has in it. All views that With makes share it.
//
// Ownership. byName, claims and every family's consts belong to mu. The slices
// behind families and collectors are immutable: a registration stores a new one, so
// that a scrape walks what was registered when it began and holds no lock.
type contents struct {
	store      shard.Store
	lasting    shard.Persistent // the store, when it is one
	memory     *shard.Arena     // for what does not belong into a store that persists
	names      NameRule
	families   atomic.Pointer[[]*family]    // in name order
	collectors atomic.Pointer[[]*collector] // in the order of registration
	onError    func(collector string, err error)

	mu     sync.Mutex
	byName map[string]*family
	claims map[string]*owner // by the names of samples
	epoch  atomic.Uint64     // changes whenever claims does

	dropped   [drops]*Counter
	exemplars *Counter // that were dropped
	panics    *StringVec[Counter]
	overflows *StringVec[Counter]
	maxSeries int
	reports   collectorReports
	open      bool // its own families are there, or another registry's serve
	of        any  // RegistryOptions.Owner

	spare      atomic.Pointer[exposition] // a scrape's buffers, between scrapes
	everything View                       // of this alone
}

// owner is who has a name: a family of instruments, or collectors that described one.
type owner struct {
	name string
	typ  encode.Type
	unit string
	fam  *family // nil for collectors
	uses int     // collectors that have described it
}

// NewRegistry returns an empty registry that records in memory. Empty but for
// pawl's own families: pawl_dropped_observations_total, which counts the
// recordings that were refused (policy.go says which), pawl_dropped_exemplars_total,
// pawl_callback_panics_total, pawl_collector_errors_total,
// pawl_collector_dropped_total and, for vecs with a limit, pawl_overflow_lookups_total.
func NewRegistry() *Registry { return NewRegistryWith(RegistryOptions{}) }

// NewRegistryWith is NewRegistry with options.
func NewRegistryWith(o RegistryOptions) *Registry {
	// The registry's own families always record in memory: a store that fails
	// must not take with it the counter of its failures.
	r := &Registry{contents: &contents{names: o.Names, onError: o.OnCollectorError, of: o.Owner,
		byName: make(map[string]*family), claims: make(map[string]*owner)}}
	r.everything.regs = []viewed{{contents: r.contents}}
	r.families.Store(&noFamilies)
	r.collectors.Store(&noCollectors)
	if o.Reports != nil {
		r.reportTo(o.Reports.contents)
	} else {
		r.memory = new(shard.Arena)
		r.store = r.memory
		r.registerOwn()
	}
	r.maxSeries = max(0, o.MaxSeries)
	r.open = true
	if o.Store != nil {
		r.store = o.Store
		r.lasting, _ = o.Store.(shard.Persistent)
	}
	return r
}

// What a registry begins with. Lists are never changed in place.
var (
	noFamilies   []*family
	noCollectors []*collector
)

// reportTo lets another registry count what goes wrong in this one.
func (r *contents) reportTo(o *contents) {
	r.memory, r.store = o.memory, o.memory
	r.dropped, r.exemplars, r.panics, r.overflows, r.reports = o.dropped, o.exemplars, o.panics, o.overflows, o.reports
}

// Owner returns what the options said; nil otherwise.
func (r *Registry) Owner() any { return r.of }

// Families describes the families that have been registered, and those that collectors
// have described, the registry's own included. The order is that of names for
// instruments, and then that of registration.
func (r *Registry) Families() []Desc {
	var list []Desc
	for _, f := range *r.families.Load() {
		list = append(list, Desc{Name: f.opts.Name, Type: f.typ, Help: f.opts.Help, Unit: f.opts.Unit})
	}
	for _, c := range *r.collectors.Load() {
		list = append(list, c.descs...)
	}
	return list
}

// registerOwn makes the families in which the registry reports on itself.
func (r *Registry) registerOwn() {
	droppedVec := must(NewStringCounterVec(r, Opts{
		Name: "pawl_dropped_observations_total",
		Help: "Recordings that were refused, by reason.",
	}, "reason"))
	for i, reason := range dropReasons {
		r.dropped[i] = droppedVec.With(reason)
	}
	r.exemplars = must(NewCounter(r, Opts{
		Name: "pawl_dropped_exemplars_total",
		Help: "Exemplars that were left out because no format could carry them.",
	}))
	r.panics = must(NewStringCounterVec(r, Opts{
		Name: "pawl_callback_panics_total",
		Help: "Panics in callback metrics during scrapes, by family.",
	}, "family"))
	r.overflows = must(NewStringCounterVec(r, Opts{
		Name: "pawl_overflow_lookups_total",
		Help: "Lookups that got the overflow series because their family was at its limit, by family.",
	}, "family"))
	r.registerReports()
}

// Dropped returns how many recordings were refused, whatever the reason.
func (r *Registry) Dropped() uint64 {
	var n uint64
	for _, c := range r.dropped {
		n += c.whole()
	}
	return n
}

// claim is what a registration wants of the registry.
type claim struct {
	opts   Opts
	typ    encode.Type
	shape  string
	mode   GaugeMode
	consts string          // rendered const labels
	labels []string        // all label names in order, when some are not legacy ones
	body   func() body     // makes the body of a new family
	fits   func(body) bool // says whether an existing body takes this instrument
}

// enter finds or makes the claimed family and notes the registration.
func (r *Registry) enter(c claim) (*family, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.byName[c.opts.Name]
	if f == nil {
		if err := r.clash(c); err != nil {
			return nil, err
		}
		f = newFamily(r, c)
		r.byName[c.opts.Name] = f
		r.claim(f.names, &owner{name: c.opts.Name, typ: c.typ, unit: c.opts.Unit, fam: f})
		r.publish(f)
		return f, nil
	}
	if err := f.conflict(c); err != nil {
		return nil, err
	}
	f.consts[c.consts] = true
	return f, nil
}

func newFamily(r *Registry, c claim) *family {
	f := &family{opts: c.opts, typ: c.typ, names: sampleNames(c.opts.Name, c.typ), shape: c.shape, mode: c.mode,
		store: r.store, lasting: r.lasting, reg: r, own: !r.open, labels: c.labels,
		body: c.body(), consts: map[string]bool{c.consts: true}}
	f.gauges.fam = f
	return f
}

// clash refuses a family that would have a name of another family's, to some
// scraper. The caller holds mu.
func (r *contents) clash(c claim) error {
	for _, name := range sampleNames(c.opts.Name, c.typ) {
		if other := r.claims[name]; other != nil {
			return refuse(c.opts.Name, ErrConflict, "the name %s belongs to the %v %q", name, other.typ, other.name)
		}
	}
	return nil
}

// withdraw undoes enter, for a registration that failed after it.
func (r *Registry) withdraw(f *family, consts string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(f.consts, consts)
	if len(f.consts) > 0 {
		return
	}
	delete(r.byName, f.opts.Name)
	r.disclaim(func(o *owner) bool { return o.fam == f })
	list := slices.DeleteFunc(slices.Clone(*r.families.Load()), func(g *family) bool { return g == f })
	r.families.Store(&list)
}

// conflict says why a second registration does not fit the family. The caller
// holds reg.mu.
func (f *family) conflict(c claim) error {
	name, have := c.opts.Name, f.opts
	switch {
	case f.typ != c.typ:
		return refuse(name, ErrConflict, "registered as a %v, now as a %v", f.typ, c.typ)
	case !c.fits(f.body):
		return refuse(name, ErrConflict, "registered as another kind of %v", f.typ)
	case have.Help != c.opts.Help:
		return refuse(name, ErrConflict, "registered with help %q, now with %q", have.Help, c.opts.Help)
	case have.Unit != c.opts.Unit:
		return refuse(name, ErrConflict, "registered with unit %q, now with %q", have.Unit, c.opts.Unit)
	case f.mode != c.mode:
		return refuse(name, ErrConflict, "registered with mode %v, now with %v", f.mode, c.mode)
	case f.shape != c.shape:
		return refuse(name, ErrConflict, "registered with %s, now with %s", f.shape, c.shape)
	case f.consts[c.consts]:
		return refuse(name, ErrDuplicate, "registered already with const labels %s", showConsts(c.consts))
	}
	return nil
}

func showConsts(text string) string {
	if text = strings.TrimSpace(text); text != "" {
		return text
	}
	return "{}"
}

// publish adds f to the list that scrapes walk. The caller holds mu.
func (r *contents) publish(f *family) {
	old := *r.families.Load()
	at, _ := slices.BinarySearchFunc(old, f.opts.Name, func(f *family, name string) int {
		return strings.Compare(f.opts.Name, name)
	})
	list := slices.Insert(slices.Clone(old), at, f)
	r.families.Store(&list)
}

// checkFamily refuses an invalid name, help or unit.
func checkFamily(o *Opts, names NameRule) error {
	switch {
	case !names.validFamily(o.Name):
		return refuse(o.Name, ErrName, "%s", names.want("[a-zA-Z_:][a-zA-Z0-9_:]*"))
	case !utf8.ValidString(o.Help):
		return refuse(o.Name, ErrHelp, "%q is not UTF-8", o.Help)
	case o.Unit != "" && !encode.ValidName("_"+o.Unit):
		return refuse(o.Name, ErrUnit, "unit %q: want [a-zA-Z0-9_:]+", o.Unit)
	case o.Unit != "" && !strings.HasSuffix(strings.TrimSuffix(o.Name, "_total"), "_"+o.Unit):
		return refuse(o.Name, ErrUnit, "the name does not end in _%s", o.Unit)
	}
	return nil
}
