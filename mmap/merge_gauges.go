package mmap

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// gaugeValue is what the gauges of several processes come to, by their mode.
type gaugeValue struct {
	mode descriptor.Mode
	any  bool
	sum  exact
	best float64
	at   int64 // when best was set, for the newest
	each []eachGauge
}

// eachGauge is the gauge of one process.
type eachGauge struct {
	value float64
	owner
}

// owner says which process a value is of.
type owner struct {
	from *source
	pid  string // of one that has been folded: the label that it had
}

func (v *gaugeValue) begin(lead *form) {
	*v = gaugeValue{mode: modeOf(lead.Mode), each: v.each[:0]}
}

// modeOf is the mode of what has none.
func modeOf(m descriptor.Mode) descriptor.Mode {
	if m == descriptor.Default {
		return descriptor.LiveAll
	}
	return m
}

// number returns the value of an entry of a gauge, and when it was set, if that is
// known.
func (e *entry) number(words []uint64) (v float64, at int64) {
	switch e.form.Kind {
	case descriptor.UpDown:
		return float64(int64(words[0])), 0
	case descriptor.Recent:
		return math.Float64frombits(words[0]), int64(words[1])
	}
	return math.Float64frombits(words[0]), 0
}

func (v *gaugeValue) add(e *entry, words []uint64, from *source) {
	number, at := e.number(words)
	switch v.mode {
	case descriptor.LiveAll, descriptor.All:
		v.each = append(v.each, eachGauge{number, owner{from, e.form.Pid}})
	case descriptor.LiveSum, descriptor.Sum:
		v.sum.add(number)
	case descriptor.LiveMin, descriptor.Min:
		v.keep(number, at, number < v.best || math.IsNaN(v.best))
	case descriptor.LiveMax, descriptor.Max:
		v.keep(number, at, number > v.best || math.IsNaN(v.best))
	case descriptor.LiveRecent, descriptor.MostRecent:
		v.keep(number, at, at > v.at)
	}
	v.any = true
}

func (v *gaugeValue) keep(number float64, at int64, better bool) {
	if better || !v.any {
		v.best, v.at = number, at
	}
}

func (v *gaugeValue) appendTo(r *result, f *resultFamily, s *series) {
	switch {
	case v.mode.Each():
		v.each = perProcess(v.each, func(g *eachGauge) *owner { return &g.owner })
		for i := range v.each {
			r.processSample(f, s, v.each[i].label()).Value = v.each[i].value
		}
	case v.mode == descriptor.LiveSum || v.mode == descriptor.Sum:
		r.sample(f, s).Value = v.sum.hi
	default:
		r.sample(f, s).Value = v.best
	}
}

// label is the value of the label pid.
func (o *owner) label() string {
	if o.pid != "" {
		return o.pid
	}
	return o.from.label
}

// newer orders owners of one label: who has been folded is older than all others.
func (o *owner) newer(p *owner) bool {
	if (o.pid == "") != (p.pid == "") {
		return o.pid == ""
	}
	return o.from.Made > p.from.Made
}

// perProcess sorts values by the processes that they are of, and keeps one for each
// label: where a dead process had the one that another has now, the newer.
func perProcess[E any](list []E, ownerOf func(*E) *owner) []E {
	slices.SortStableFunc(list, func(a, b E) int {
		x, y := ownerOf(&a), ownerOf(&b)
		if c := strings.Compare(x.label(), y.label()); c != 0 {
			return c
		}
		if y.newer(x) {
			return -1
		}
		return 1
	})
	kept := list[:0]
	for i := range list {
		if i+1 == len(list) || ownerOf(&list[i]).label() != ownerOf(&list[i+1]).label() {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// nameProcesses gives each source what it is called in the label pid: its process id,
// and where another one has the same, as in several containers, a part of its
// random id behind it. The one that was made first keeps the bare number.
func nameProcesses(sources []*source) {
	sources = slices.DeleteFunc(slices.Clone(sources), func(s *source) bool { return s.Header == nil || s.archived() })
	slices.SortFunc(sources, func(a, b *source) int {
		return cmp.Or(cmp.Compare(a.Made, b.Made), slices.Compare(a.ID[:], b.ID[:]))
	})
	taken := make(map[string]bool, len(sources))
	for _, s := range sources {
		s.label = strconv.FormatUint(s.PID, 10)
		if taken[s.label] {
			s.label += "-" + s.ID.String()[:8]
		}
		taken[s.label] = true
	}
}

// stateValue is the states of each process that counts.
type stateValue struct {
	states []string
	each   []eachState
}

type eachState struct {
	words []uint64
	owner
}

func (v *stateValue) begin(lead *form) {
	clear(v.each)
	v.states, v.each = lead.States, v.each[:0]
}

func (v *stateValue) add(e *entry, words []uint64, from *source) {
	n, _ := e.form.outWords(e.words, nil)
	bits := words[:n]
	if e.form.Kind == descriptor.Enum {
		bits = oneState(words[0], len(v.states))
	}
	v.each = append(v.each, eachState{bits, owner{from, e.form.Pid}})
}

// oneState is an enum's state as a set.
func oneState(index uint64, states int) []uint64 {
	bits := make([]uint64, (states+63)/64)
	if index < uint64(states) {
		bits[index/64] = 1 << (index % 64)
	}
	return bits
}

func (v *stateValue) appendTo(r *result, f *resultFamily, s *series) {
	v.each = perProcess(v.each, func(e *eachState) *owner { return &e.owner })
	for i := range v.each {
		e := &v.each[i]
		sample := r.processSample(f, s, e.label())
		sample.States = r.states.take(len(v.states))
		for j, name := range v.states {
			sample.States[j] = encode.State{Name: name, On: e.words[j/64]>>(j%64)&1 == 1}
		}
	}
}
