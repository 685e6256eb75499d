package engine

import (
	"reflect"
	"strings"
	"unsafe"
)

// Vec is a family of instruments S, one for each value of the label struct L:
//
//	type route struct {
//		Method string
//		Path   string
//		Status int `label:"code"`
//	}
//	requests := engine.MustCounterVec[route](reg, engine.Opts{Name: "requests_total"})
//	requests.With(route{"GET", "/users", 200}).Inc()
//
// Each field is a label. Its name is the field's in snake_case (HTTPStatus is
// http_status), or what a `label:"..."` tag says. Fields are strings, integers,
// bools, or types made of those; one with a String method gives its result as
// the label's value. A wrong number of labels does not compile.
//
// All methods may be called concurrently. A lookup of a series that exists takes
// no lock and is never held up by a new series, a removal or a scrape.
type Vec[L comparable, S any] struct {
	core[L, S]
	fields []field
}

// The typed vecs.
type (
	CounterVec[L comparable]   = Vec[L, Counter]
	GaugeVec[L comparable]     = Vec[L, Gauge]
	UpDownVec[L comparable]    = Vec[L, UpDown]
	HistogramVec[L comparable] = Vec[L, Histogram]
	SummaryVec[L comparable]   = Vec[L, Summary]
	EnumVec[L comparable]      = Vec[L, Enum]
	StateSetVec[L comparable]  = Vec[L, StateSet]
	InfoVec[L comparable]      = Vec[L, Info]
)

// NewCounterVec registers a family of counters labelled by L.
func NewCounterVec[L comparable](reg *Registry, opts Opts) (*CounterVec[L], error) {
	return newVec[L](reg, opts, counterOps)
}

// MustCounterVec is NewCounterVec that panics on an error.
func MustCounterVec[L comparable](reg *Registry, opts Opts) *CounterVec[L] {
	return must(NewCounterVec[L](reg, opts))
}

// NewGaugeVec registers a family of gauges labelled by L.
func NewGaugeVec[L comparable](reg *Registry, opts Opts) (*GaugeVec[L], error) {
	return newVec[L](reg, opts, gaugeOps)
}

// MustGaugeVec is NewGaugeVec that panics on an error.
func MustGaugeVec[L comparable](reg *Registry, opts Opts) *GaugeVec[L] {
	return must(NewGaugeVec[L](reg, opts))
}

// NewUpDownVec registers a family of UpDowns labelled by L.
func NewUpDownVec[L comparable](reg *Registry, opts Opts) (*UpDownVec[L], error) {
	return newVec[L](reg, opts, upDownOps)
}

// MustUpDownVec is NewUpDownVec that panics on an error.
func MustUpDownVec[L comparable](reg *Registry, opts Opts) *UpDownVec[L] {
	return must(NewUpDownVec[L](reg, opts))
}

// NewHistogramVec registers a family of histograms labelled by L.
func NewHistogramVec[L comparable](reg *Registry, opts HistogramOpts) (*HistogramVec[L], error) {
	o, err := histogramOps(opts)
	if err != nil {
		return nil, err
	}
	return newVec[L](reg, opts.Opts, o)
}

// MustHistogramVec is NewHistogramVec that panics on an error.
func MustHistogramVec[L comparable](reg *Registry, opts HistogramOpts) *HistogramVec[L] {
	return must(NewHistogramVec[L](reg, opts))
}

func newVec[L comparable, S any](reg *Registry, opts Opts, o *ops[S]) (*Vec[L, S], error) {
	fields, err := structFields(opts.Name, reflect.TypeFor[L]())
	if err != nil {
		return nil, err
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	m, err := register(reg, opts, names, o)
	if err != nil {
		return nil, err
	}
	v := &Vec[L, S]{fields: fields}
	v.hasher = newStructHasher(fields)
	v.hashOf = func(labels *L) uint64 { return v.hasher.hash(unsafe.Pointer(labels)) }
	v.overflowKey = v.overflowLabels
	v.setUp(m)
	for _, f := range fields {
		if f.method {
			v.byText = make(map[string]*entry[L, S])
		}
	}
	return v, nil
}

// With returns the instrument for these labels, made at the first call. Hot code
// keeps what it returns: recording through a handle is a tenth of the work.
//
// Strings are copied when a series is made. Invalid UTF-8 in them becomes U+FFFD.
// Two label structs whose String methods give the same text are one series; all
// but the first one's lookups take a lock.
//
// At the limit of Opts.MaxSeries labels that have no series get the overflow series;
// without a lock or an allocation, unless a label has a String method, or is a string
// that is not UTF-8.
func (v *Vec[L, S]) With(labels L) *S {
	hash := v.hasher.hash(unsafe.Pointer(&labels))
	if e := find(v.table.Load(), hash, &labels, v.hasher.strings); e != nil {
		return &e.inst
	}
	if s := v.spill(labels); s != nil {
		return s
	}
	return v.make(labels)
}

// spill returns the overflow series when the vec is at its limit and has no series
// with these labels; nil when that needs mu to be told. See limit.
func (v *Vec[L, S]) spill(labels L) *S {
	full := v.full.Load()
	if full == nil || v.byText != nil {
		return nil
	}
	for i := range v.fields {
		if f := &v.fields[i]; f.str {
			s := stringIn(&labels, f)
			*s = cleanValue(*s)
		}
	}
	hash := v.hasher.hash(unsafe.Pointer(&labels))
	moves := v.moves.Load()
	if e := find(v.table.Load(), hash, &labels, v.hasher.strings); e != nil {
		return &e.inst
	}
	if t := v.asleep.Load(); t != nil && find(t, hash, &labels, v.hasher.strings) != nil {
		return nil
	}
	if !v.still(moves, full) {
		return nil
	}
	v.lifetime.overflows.Inc()
	return full
}

// make is With's slow path: the series is new, or is known by other labels.
func (v *Vec[L, S]) make(labels L) *S {
	var room renderRoom
	values, spans := room.take(len(v.fields))
	e := &entry[L, S]{key: labels}
	v.values(&e.key, values)
	hash := v.hasher.hash(unsafe.Pointer(&e.key))
	v.mu.Lock()
	defer v.mu.Unlock()
	switch known, asleep := v.lookUp(hash, &e.key, values, spans); {
	case known != nil:
		return &known.inst
	case asleep != nil:
		return &v.wake(asleep).inst
	case v.spills(values):
		return v.named()
	case !v.room():
		return v.spilled()
	}
	text := v.template.render(values, spans)
	v.own(&e.key, text.String(), values, spans)
	if err := v.insert(hash, e, text); err != nil {
		return v.noCells
	}
	return &e.inst
}

// lookUp finds the series under mu, awake or asleep: by its key, or where String
// methods may give one text to several keys, by its text.
func (v *Vec[L, S]) lookUp(hash uint64, labels *L, values []string, spans []span) (*entry[L, S], *entry[L, sleeper[L, S]]) {
	if e := find(v.table.Load(), hash, labels, v.hasher.strings); e != nil {
		return e, nil
	}
	if g := v.sleeping(hash, labels); g != nil || v.byText == nil {
		return nil, g
	}
	e := v.byText[v.template.render(values, spans).String()]
	if e == nil {
		return nil, nil
	}
	if g := v.sleeping(v.hashOf(&e.key), &e.key); g != nil {
		return nil, g
	}
	return e, nil
}

// sleeping finds a series that sleeps.
func (v *Vec[L, S]) sleeping(hash uint64, labels *L) *entry[L, sleeper[L, S]] {
	if t := v.asleep.Load(); t != nil {
		return find(t, hash, labels, v.hasher.strings)
	}
	return nil
}

// overflowLabels are those of the overflow series, as far as there are such.
func (v *Vec[L, S]) overflowLabels() (labels L, plain bool) {
	plain = true
	for i := range v.fields {
		if f := &v.fields[i]; f.str && !f.method {
			*stringIn(&labels, f) = OverflowValue
		} else {
			plain = false
		}
	}
	return labels, plain
}

// values renders the label values, and puts the cleaned strings into labels, so
// that the key says what is exposed.
func (v *Vec[L, S]) values(labels *L, values []string) {
	for i := range v.fields {
		f := &v.fields[i]
		values[i] = cleanValue(f.text(unsafe.Pointer(labels)))
		if f.str && !f.method {
			*stringIn(labels, f) = values[i]
		}
	}
}

// own replaces the key's strings by copies: parts of text, where it has them.
func (v *Vec[L, S]) own(labels *L, text string, values []string, spans []span) {
	for i := range v.fields {
		f := &v.fields[i]
		switch {
		case !f.str:
		case f.method:
			*stringIn(labels, f) = strings.Clone(*stringIn(labels, f))
		default:
			*stringIn(labels, f) = spans[i].in(text, values[i])
		}
	}
}

// Delete drops the series with these labels and reports whether there was one.
// What kept handles record afterwards is not exposed.
func (v *Vec[L, S]) Delete(labels L) bool {
	var room renderRoom
	values, spans := room.take(len(v.fields))
	v.values(&labels, values)
	hash := v.hasher.hash(unsafe.Pointer(&labels))
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.drop(v.lookUp(hash, &labels, values, spans))
}

// DeleteMatch drops every series whose labels match says to drop, and returns how
// many those were. Series that are hidden for being idle are among them; the overflow
// series, which has not these labels, is not. match may be called for series that are
// made or deleted meanwhile, or not. It is called without a lock, and may use the vec.
func (v *Vec[L, S]) DeleteMatch(match func(labels L) bool) int {
	return v.deleteMatch(func(labels *L) bool { return match(*labels) }, func(labels *L) bool { return v.Delete(*labels) })
}
