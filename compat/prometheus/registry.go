package prometheus

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"
)

// Registerer is what collectors are registered with: a [Registry], one that is wrapped (see
// [WrapRegistererWith]), or something of one's own. Code that registers should ask for
// it rather than for a Registry.
type Registerer interface {
	// Register registers a collector. The error is an [AlreadyRegisteredError] when an
	// equal one is registered, which has the same descriptors; or it says which descriptor
	// is invalid, or goes not together with those that are there. An unchecked
	// collector, which has no descriptors, is always registered, a second time as well.
	Register(Collector) error
	// MustRegister registers collectors and panics upon the first error.
	MustRegister(...Collector)
	// Unregister takes out the collector that is equal to the given one and says whether
	// there was one. Unchecked collectors stay.
	Unregister(Collector) bool
}

// Gatherer is what metrics are to be had from: a [Registry], several as [Gatherers], or
// something of one's own.
type Gatherer interface {
	// Gather returns families sorted by name, no name twice. With an error, which is
	// mostly a [MultiError], there may be families all the same: what could be gathered.
	// Not to show them is nearly always the better choice.
	Gather() ([]*dto.MetricFamily, error)
}

// GathererFunc is a function as a Gatherer.
type GathererFunc func() ([]*dto.MetricFamily, error)

// Gather calls the function.
func (f GathererFunc) Gather() ([]*dto.MetricFamily, error) { return f() }

// Registry holds collectors and gathers what they collect. Make one with [NewRegistry]. It is
// a Collector too: of all that its collectors describe and collect, for registering
// a group of them together.
//
// Model. Registering and unregistering take a mutex and make a new list of
// collectors; whoever gathers reads the list that is there, without a lock. A
// collector may thus be collected once more just after it was unregistered.
type Registry struct {
	pedantic bool
	list     atomic.Pointer[[]*registered] // in the order of registration; a list is never changed
	plan     planned                       // of scrapes, made at the first one after a change

	mu     sync.Mutex
	byID   map[string]*registered // without the unchecked
	owners map[string]*registered // by id of descriptor
	dims   map[string]*dimensions // by name of metric
}

// registered is one registration. Immutable.
type registered struct {
	Collector
	ours      ours                 // nil for collectors of others
	each      func(f func(Metric)) // gives the metrics in the calling goroutine; nil where only Collect does
	descs     []*Desc              // each once
	id        string               // of its descriptors together
	unchecked bool
}

// dimensions are what the descriptors of one name have in common, while there are any.
type dimensions struct {
	dims  string
	users int
}

// NewRegistry makes a registry without collectors.
func NewRegistry() *Registry {
	return &Registry{
		byID:   make(map[string]*registered),
		owners: make(map[string]*registered),
		dims:   make(map[string]*dimensions),
	}
}

// NewPedanticRegistry makes a registry that checks in each Gather whether metrics are what
// their collector has described. Ordinary ones are content when all metrics go
// together. It is for testing collectors.
func NewPedanticRegistry() *Registry {
	r := NewRegistry()
	r.pedantic = true
	return r
}

// collectors returns the collectors in the order of their registration. A list that has
// been returned is never changed.
func (r *Registry) collectors() []*registered {
	if list := r.list.Load(); list != nil {
		return *list
	}
	return nil
}

// MustRegister implements Registerer.
func (r *Registry) MustRegister(cs ...Collector) { mustRegister(r, cs) }

func mustRegister(r Registerer, cs []Collector) {
	for _, c := range cs {
		if err := r.Register(c); err != nil {
			panic(err)
		}
	}
}

// Gather implements Gatherer. Our own instruments are read in the calling goroutine, one
// after the other; collectors of others run all at once. A panic in any of them, or in a
// metric's Write, is an error of this Gather.
func (r *Registry) Gather() ([]*dto.MetricFamily, error) {
	list := r.collectors()
	if len(list) == 0 {
		return nil, nil
	}
	families, err := r.collectForeign(context.Background(), list)
	return sortFamilies(families), err
}

// MustGather is Gather that panics on an error.
func (r *Registry) MustGather() []*dto.MetricFamily {
	families, err := r.Gather()
	if err != nil {
		panic(err)
	}
	return families
}

// sortFamilies returns families by name.
func sortFamilies(families map[string]*dto.MetricFamily) []*dto.MetricFamily {
	list := make([]*dto.MetricFamily, 0, len(families))
	for _, f := range families {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return list
}

// Describe implements Collector.
func (r *Registry) Describe(ch chan<- *Desc) {
	for _, c := range r.collectors() {
		c.Describe(ch)
	}
}

// Collect implements Collector.
func (r *Registry) Collect(ch chan<- Metric) {
	for _, c := range r.collectors() {
		c.collect(ch)
	}
}
