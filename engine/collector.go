package engine

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
)

// Collector makes families at each scrape, of numbers that live elsewhere: in a
// driver's statistics, in a file, in another system.
//
//	func (p pool) Collect(ctx context.Context, s *engine.Sink) error {
//		s.Gauge("pool_open_connections", "Open connections.").Add(float64(p.open()))
//		waits := s.Counter("pool_waits_total", "Waits for a connection.", "reason")
//		waits.Add(p.waitsFor("limit"), "limit")
//		waits.Add(p.waitsFor("dial"), "dial")
//		return nil
//	}
//
// Collect is called for each scrape, perhaps by several at once. ctx ends when the
// scrape's time is up. An error or a panic costs the collector's families in
// this scrape and nothing else; it is counted in
// pawl_collector_errors_total{collector,reason}. So is a collector that has not come
// back in time; while it is still away, later scrapes go without it. What it had
// written before is not exposed: half a picture is worse than none.
//
// collector is what a String method of the collector returns, or else its type.
type Collector interface {
	Collect(ctx context.Context, s *Sink) error
}

// CollectorFunc is a function as a collector. Functions cannot be compared: to
// unregister one, register a pointer to it, or a type of your own.
type CollectorFunc func(ctx context.Context, s *Sink) error

// Collect calls the function.
func (f CollectorFunc) Collect(ctx context.Context, s *Sink) error { return f(ctx, s) }

// Describer is a collector that says which families it makes. They are claimed when
// it is registered: a clash is an error there, and the name is refused to others
// from then on. Scrapes of a part of the registry pass a Describer by if that part
// has none of its families.
//
// What a collector makes without having described it is checked at each
// scrape: where it clashes with a claimed name, or with what another collector has
// made in the same scrape, it is left out and counted in
// pawl_collector_dropped_total.
type Describer interface {
	Describe() []Desc
}

// Desc describes a family that a collector makes.
type Desc struct {
	Name string // as samples have it, thus x_total for a counter
	Type Type
	Help string
	Unit string
}

// collector is one registration of a Collector.
//
// Model. Immutable but for spare, which whoever collects takes and puts back, away,
// and known, which belongs to mu.
type collector struct {
	Collector
	name  string
	reg   *contents
	wrap  wrapping
	added []encode.Label // wrap's labels, sorted
	descs []Desc         // with wrap's prefix

	errors  [failures]*Counter
	dropped [losses]*Counter

	spare atomic.Pointer[collection]
	away  atomic.Int32 // collections whose scrape has not waited for them

	mu    sync.Mutex
	known map[familyKey]*knownFamily
}

// Register adds a collector to the registry. The error is a *RegisterError when it
// is registered already, or has described a family that cannot be, or one whose
// names others have. Several collectors may describe the same family, with the same
// type and unit: their samples are joined.
func (r *Registry) Register(c Collector) error {
	added, err := r.newCollector(c)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	old := *r.collectors.Load()
	for _, have := range old {
		if have.is(c, &r.wrapping) {
			return refuse(added.name, ErrDuplicate, "the collector is registered already")
		}
	}
	if err := r.claimDescs(added); err != nil {
		return err
	}
	list := append(slices.Clip(old), added)
	r.collectors.Store(&list)
	return nil
}

// MustRegister is Register that panics on an error.
func (r *Registry) MustRegister(c Collector) { must(0, r.Register(c)) }

// Unregister takes a collector out, and says whether it was there. A scrape that
// has begun may still call it.
func (r *Registry) Unregister(c Collector) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	old := *r.collectors.Load()
	i := slices.IndexFunc(old, func(have *collector) bool { return have.is(c, &r.wrapping) })
	if i < 0 {
		return false
	}
	for _, d := range old[i].descs {
		if o := r.claims[d.Name]; o != nil {
			o.uses--
		}
	}
	r.disclaim(func(o *owner) bool { return o.fam == nil && o.uses == 0 })
	list := slices.Delete(slices.Clone(old), i, i+1)
	r.collectors.Store(&list)
	return true
}

// newCollector makes a registration; it describes and names itself outside of the
// registry's mutex, because its methods are the user's.
func (r *Registry) newCollector(c Collector) (*collector, error) {
	if c == nil {
		return nil, refuse("", ErrFunc, "the collector is nil")
	}
	added := &collector{Collector: c, name: collectorName(c), reg: r.contents, wrap: r.wrapping,
		known: make(map[familyKey]*knownFamily)}
	consts, err := sortedConsts(added.name, r.labels, "", r.names)
	if err != nil {
		return nil, err
	}
	added.added = consts
	if d, ok := c.(Describer); ok {
		for _, d := range d.Describe() {
			d.Name = r.prefix + d.Name
			if err := checkFamily(&Opts{Name: d.Name, Help: d.Help, Unit: d.Unit}, r.names); err != nil {
				return nil, err
			}
			added.descs = append(added.descs, d)
		}
	}
	r.reports.into(added)
	return added, nil
}

func collectorName(c Collector) string {
	if s, ok := c.(fmt.Stringer); ok {
		if name, ok := callString(s); ok {
			return name
		}
	}
	return fmt.Sprintf("%T", c)
}

// is says whether this is the registration of c through such a view.
func (c *collector) is(other Collector, w *wrapping) bool {
	v := reflect.ValueOf(other)
	return reflect.TypeOf(c.Collector) == v.Type() && v.Comparable() && c.Collector == other &&
		c.wrap.prefix == w.prefix && reflect.DeepEqual(c.wrap.labels, w.labels)
}

// claimDescs claims the names of all families that the collector describes, or of
// none. The caller holds mu.
func (r *contents) claimDescs(c *collector) error {
	seen := make(map[string]string)
	for _, d := range c.descs {
		for _, name := range collectedNames(d.Name, d.Type) {
			if o := r.claims[name]; o != nil && !o.shares(&d) {
				return refuse(d.Name, ErrConflict, "the name %s belongs to the %v %q", name, o.typ, o.name)
			}
			if other, taken := seen[name]; taken {
				return refuse(d.Name, ErrConflict, "the collector's own %q has the name %s too", other, name)
			}
			seen[name] = d.Name
		}
	}
	for _, d := range c.descs {
		o := r.claims[d.Name]
		if o == nil {
			o = &owner{name: d.Name, typ: d.Type, unit: d.Unit}
			r.claim(collectedNames(d.Name, d.Type), o)
		}
		o.uses++
	}
	return nil
}

// shares says whether another collector may have the family too.
func (o *owner) shares(d *Desc) bool {
	return o.fam == nil && o.name == d.Name && o.typ == d.Type && o.unit == d.Unit
}
