package engine

import (
	"iter"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// StringVec is a family of instruments S labelled by strings that are only known
// when the program runs. Where they are known when it is written, a [Vec] is
// faster and cannot be given a wrong number of them.
//
//	requests := engine.MustStringCounterVec(reg, opts, "method", "code")
//	requests.With("GET", "200").Inc()
//
// All methods may be called concurrently; see Vec.
type StringVec[S any] struct {
	core[[]string, S]
	miscounted *S // what With returns for a wrong number of values
}

// NewStringCounterVec registers a family of counters with these labels.
func NewStringCounterVec(reg *Registry, opts Opts, labels ...string) (*StringVec[Counter], error) {
	return newStringVec(reg, opts, labels, counterOps)
}

// MustStringCounterVec is NewStringCounterVec that panics on an error.
func MustStringCounterVec(reg *Registry, opts Opts, labels ...string) *StringVec[Counter] {
	return must(NewStringCounterVec(reg, opts, labels...))
}

// NewStringGaugeVec registers a family of gauges with these labels.
func NewStringGaugeVec(reg *Registry, opts Opts, labels ...string) (*StringVec[Gauge], error) {
	return newStringVec(reg, opts, labels, gaugeOps)
}

// MustStringGaugeVec is NewStringGaugeVec that panics on an error.
func MustStringGaugeVec(reg *Registry, opts Opts, labels ...string) *StringVec[Gauge] {
	return must(NewStringGaugeVec(reg, opts, labels...))
}

// NewStringUpDownVec registers a family of UpDowns with these labels.
func NewStringUpDownVec(reg *Registry, opts Opts, labels ...string) (*StringVec[UpDown], error) {
	return newStringVec(reg, opts, labels, upDownOps)
}

// MustStringUpDownVec is NewStringUpDownVec that panics on an error.
func MustStringUpDownVec(reg *Registry, opts Opts, labels ...string) *StringVec[UpDown] {
	return must(NewStringUpDownVec(reg, opts, labels...))
}

// NewStringHistogramVec registers a family of histograms with these labels.
func NewStringHistogramVec(reg *Registry, opts HistogramOpts, labels ...string) (*StringVec[Histogram], error) {
	o, err := histogramOps(opts)
	if err != nil {
		return nil, err
	}
	return newStringVec(reg, opts.Opts, labels, o)
}

// MustStringHistogramVec is NewStringHistogramVec that panics on an error.
func MustStringHistogramVec(reg *Registry, opts HistogramOpts, labels ...string) *StringVec[Histogram] {
	return must(NewStringHistogramVec(reg, opts, labels...))
}

func newStringVec[S any](reg *Registry, opts Opts, labels []string, o *ops[S]) (*StringVec[S], error) {
	m, err := register(reg, opts, labels, o)
	if err != nil {
		return nil, err
	}
	v := &StringVec[S]{miscounted: m.void(dropLabels)}
	v.hasher = newHasher(len(labels))
	v.hashOf = func(values *[]string) uint64 { return v.hash(*values) }
	v.overflowKey = func() ([]string, bool) { return overflowValues(len(v.names)), true }
	v.setUp(m)
	return v, nil
}

// With returns the instrument for these label values, in the order in which the
// labels were registered, made at the first call. Strings are copied then, and
// invalid UTF-8 in them becomes U+FFFD.
//
// For a wrong number of values it returns an instrument that drops what it is
// given and counts it in pawl_dropped_observations_total{reason="labels"}.
// Lookup reports that as an error.
//
// At the limit of Opts.MaxSeries values that have no series get the overflow series;
// without a lock or, where they are UTF-8, an allocation.
func (v *StringVec[S]) With(values ...string) *S {
	if len(values) != len(v.names) {
		return v.miscounted
	}
	if e := findValues(v.table.Load(), v.hash(values), values); e != nil {
		return &e.inst
	}
	if s := v.spill(values); s != nil {
		return s
	}
	return v.make(values)
}

// Find returns the instrument for these label values if there is one that is not idle, or nil.
// It makes no series, takes no lock and allocates nothing.
func (v *StringVec[S]) Find(values ...string) *S {
	if len(values) != len(v.names) {
		return nil
	}
	if e := findValues(v.table.Load(), v.hash(values), values); e != nil {
		return &e.inst
	}
	return nil
}

// All returns the instruments that a scrape would expose, in the order of their
// labels, the overflow series included. The list is taken when the iteration begins,
// and no lock is held during it.
func (v *StringVec[S]) All() iter.Seq[*S] {
	return func(yield func(*S) bool) {
		for _, p := range v.series.list() {
			if v.has(p.s) && !yield(p.s) {
				return
			}
		}
	}
}

// has says whether a series of the family is this vec's: another registration of the
// family has other const labels.
func (v *StringVec[S]) has(s *S) bool {
	return v.template.rendered(v.series.ops.text(s).String())
}

// spill returns the overflow series when the vec is at its limit and has no series
// with these values; nil when that needs mu to be told. See limit.
func (v *StringVec[S]) spill(values []string) *S {
	full := v.full.Load()
	if full == nil {
		return nil
	}
	if !validValues(values) {
		values = cleanValues(values)
	}
	hash := v.hash(values)
	moves := v.moves.Load()
	if e := findValues(v.table.Load(), hash, values); e != nil {
		return &e.inst
	}
	if v.sleeping(hash, values) != nil || !v.still(moves, full) {
		return nil
	}
	v.lifetime.overflows.Inc()
	return full
}

// sleeping finds a series that sleeps.
func (v *StringVec[S]) sleeping(hash uint64, values []string) *entry[[]string, sleeper[[]string, S]] {
	if t := v.asleep.Load(); t != nil {
		return findValues(t, hash, values)
	}
	return nil
}

// Lookup is With that returns an error for a wrong number of values, for which
// it returns no instrument.
func (v *StringVec[S]) Lookup(values ...string) (*S, error) {
	if len(values) != len(v.names) {
		// A copy, or every caller's slice would have to be on the heap.
		return nil, refuse(v.fam.opts.Name, ErrLabelCount, "%d values for labels %s: %q",
			len(values), strings.Join(v.names, ", "), slices.Clone(values))
	}
	return v.With(values...), nil
}

// hash hashes as many values as there are labels.
func (v *StringVec[S]) hash(values []string) uint64 {
	return v.hasher.hash(unsafe.Pointer(unsafe.SliceData(values)))
}

// make is With's slow path: the series is new, or the values are not clean.
func (v *StringVec[S]) make(values []string) *S {
	clean := cleanValues(values)
	hash := v.hash(clean)
	v.mu.Lock()
	defer v.mu.Unlock()
	switch known, asleep := v.lookUp(hash, clean); {
	case known != nil:
		return &known.inst
	case asleep != nil:
		return &v.wake(asleep).inst
	case v.spills(clean):
		return v.named()
	case !v.room():
		return v.spilled()
	}
	var room renderRoom
	_, spans := room.take(len(clean))
	text := v.template.render(clean, spans)
	for i := range clean {
		clean[i] = spans[i].in(text.String(), clean[i])
	}
	e := &entry[[]string, S]{key: clean}
	if err := v.insert(hash, e, text); err != nil {
		return v.noCells
	}
	return &e.inst
}

// lookUp finds the series under mu, awake or asleep.
func (v *StringVec[S]) lookUp(hash uint64, clean []string) (*entry[[]string, S], *entry[[]string, sleeper[[]string, S]]) {
	if e := findValues(v.table.Load(), hash, clean); e != nil {
		return e, nil
	}
	return nil, v.sleeping(hash, clean)
}

func validValues(values []string) bool {
	for _, s := range values {
		if !utf8.ValidString(s) {
			return false
		}
	}
	return true
}

// cleanValues returns a new slice; its strings may still be the caller's.
func cleanValues(values []string) []string {
	clean := make([]string, len(values))
	for i, s := range values {
		clean[i] = cleanValue(s)
	}
	return clean
}

// Delete drops the series with these label values and reports whether there was
// one. What kept handles record afterwards is not exposed.
func (v *StringVec[S]) Delete(values ...string) bool {
	if len(values) != len(v.names) {
		return false
	}
	clean := cleanValues(values)
	hash := v.hash(clean)
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.drop(v.lookUp(hash, clean))
}

// DeletePartial drops every series that has these values for these of its variable
// labels, and returns how many those were. Series that are hidden for being idle are
// among them; the overflow series is not. A label that the vec does not have is an
// error, and nothing is dropped. No labels at all match no series: Reset drops them
// all.
func (v *StringVec[S]) DeletePartial(labels map[string]string) (int, error) {
	want := make([]*string, len(v.names))
	for name, value := range labels {
		i := slices.Index(v.names, name)
		if i < 0 {
			return 0, refuse(v.fam.opts.Name, ErrLabelName, "label %q is not one of %s", name, strings.Join(v.names, ", "))
		}
		value = cleanValue(value)
		want[i] = &value
	}
	if len(labels) == 0 {
		return 0, nil
	}
	return v.deleteMatch(func(values *[]string) bool { return agree(*values, want) },
		func(values *[]string) bool { return v.Delete(*values...) }), nil
}

// agree compares values with those that are wanted.
func agree(values []string, want []*string) bool {
	for i, w := range want {
		if w != nil && *w != values[i] {
			return false
		}
	}
	return true
}
