package fuzz

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
)

// Kind is an instrument.
type Kind int

// The instruments.
const (
	Counter Kind = iota
	Gauge
	UpDown
	Histogram
	CounterFunc
	GaugeFunc
)

var kinds = []Kind{Counter, Gauge, UpDown, Histogram, CounterFunc, GaugeFunc}

// typeWord is what the instrument's TYPE line says.
func (k Kind) typeWord() string {
	return [...]string{"counter", "gauge", "gauge", "histogram", "counter", "gauge"}[k]
}

// Model is what a registry must hold, as plain data.
type Model struct {
	families map[string]*family
	// cells is how many more times the store will give cells; below 0 it never
	// runs out.
	cells  int
	legacy bool // only legacy names may be registered

	exemplars *series // the registry's own counter of exemplars left out
	panics    *member // and its family of callbacks' panics
	overflows *member // and that of lookups that found no room
}

// family is one name.
type family struct {
	Registration                    // the first one
	members      map[string]*member // by const labels
	series       map[string]*series // by all labels
	own          bool               // the registry's: its cells never run out
}

// member is one registration of a family.
type member struct {
	fam    *family
	consts map[string]string
	labels []string
	live   int
	most   int     // how many series there may be, but for the overflow series; 0 is any number
	over   *series // the overflow series
}

const (
	droppedName = "pawl_dropped_observations_total"
	leftOutName = "pawl_dropped_exemplars_total"
	panicsName  = "pawl_callback_panics_total"
	roomName    = "pawl_overflow_lookups_total"
)

// NewModel returns the model of an empty registry whose store gives cells so many
// times.
func NewModel(cells int) *Model {
	m := &Model{families: make(map[string]*family), cells: cells}
	dropped := m.own(droppedName, "Recordings that were refused, by reason.", "reason")
	for _, r := range reasons {
		m.With(dropped, string(r))
	}
	m.exemplars = m.With(m.own(leftOutName, "Exemplars that were left out because no format could carry them."))
	m.panics = m.own(panicsName, "Panics in callback metrics during scrapes, by family.", "family")
	m.overflows = m.own(roomName, "Lookups that got the overflow series because their family was at its limit, by family.", "family")
	return m
}

// own makes a family in which the registry reports on itself.
func (m *Model) own(name, help string, labels ...string) *member {
	mem, _ := m.Register(Registration{Kind: Counter, Name: name, Help: help, Labels: labels})
	mem.fam.own = true
	return mem
}

// Register registers, or returns the reasons not to.
func (m *Model) Register(r Registration) (*member, []error) {
	r.Legacy = m.legacy
	if faults := append(r.faults(), m.conflicts(&r)...); len(faults) > 0 {
		return nil, faults
	}
	f := m.families[r.Name]
	if f == nil {
		f = &family{Registration: r, members: make(map[string]*member), series: make(map[string]*series)}
		m.families[r.Name] = f
	}
	mem := &member{fam: f, consts: maps.Clone(r.Const), labels: r.Labels, most: r.Max}
	if r.Max > 0 {
		m.With(m.overflows, r.Name)
	}
	f.members[key(r.Const)] = mem
	return mem, nil
}

// Withdraw undoes a registration that failed for want of cells.
func (m *Model) Withdraw(mem *member) {
	delete(mem.fam.members, key(mem.consts))
	if len(mem.fam.members) == 0 {
		delete(m.families, mem.fam.Name)
	}
}

// conflicts returns what stands against r in what is registered already.
func (m *Model) conflicts(r *Registration) (faults []error) {
	for name, f := range m.families {
		if clash(f.Kind, name, r.Kind, r.Name) {
			faults = append(faults, engine.ErrConflict)
		}
	}
	f := m.families[r.Name]
	switch {
	case f == nil:
	case !f.agrees(r):
		faults = append(faults, engine.ErrConflict)
	case f.members[key(r.Const)] != nil:
		faults = append(faults, engine.ErrDuplicate)
	}
	return faults
}

// agrees says whether r is another registration of the family: all is the same
// but the values of const labels.
func (f *family) agrees(r *Registration) bool {
	sorted := func(names []string) []string { return slices.Sorted(slices.Values(names)) }
	constNames := func(r *Registration) []string { return slices.Sorted(maps.Keys(r.Const)) }
	return f.Kind == r.Kind && f.Help == r.Help && f.Unit == r.Unit &&
		slices.Equal(sorted(f.Labels), sorted(r.Labels)) &&
		slices.Equal(constNames(&f.Registration), constNames(r)) &&
		(r.Kind != Histogram || slices.Equal(f.finite(), r.finite()) && f.native() == r.native() && (!f.native() || f.Native == r.Native))
}

// With returns the series of these label values, made now if there is none; nil
// when the store has no cells for it.
func (m *Model) With(mem *member, values ...string) *series {
	labels := mem.labelSet(values)
	if s := mem.fam.series[key(labels)]; s != nil {
		return s
	}
	over := mem.isOverflow(labels)
	if !over && mem.full() {
		s := m.With(mem, mem.overflow()...)
		if s != nil {
			m.With(m.overflows, mem.fam.Name).whole++
		}
		return s
	}
	if mem.fam.hasCells() && !m.alloc(mem.fam) {
		return nil
	}
	s := &series{model: m, owner: mem, fam: mem.fam, labels: labels}
	mem.fam.series[key(labels)] = s
	mem.live++
	if over {
		mem.over = s
	}
	return s
}

// full says whether there is room for the overflow series alone.
func (mem *member) full() bool {
	live := mem.live
	if mem.over != nil {
		live--
	}
	return mem.most > 0 && live >= mem.most
}

// overflow returns the label values of the overflow series.
func (mem *member) overflow() []string {
	return slices.Repeat([]string{engine.OverflowValue}, len(mem.labels))
}

// isOverflow says whether these are the labels of the overflow series.
func (mem *member) isOverflow(labels map[string]string) bool {
	return mem.most > 0 && !slices.ContainsFunc(mem.labels, func(l string) bool { return labels[l] != engine.OverflowValue })
}

// Has says whether there is a series of these label values.
func (mem *member) Has(values ...string) bool {
	return mem.fam.series[key(mem.labelSet(values))] != nil
}

// Delete drops one series and says whether it was there.
func (mem *member) Delete(values ...string) bool {
	k := key(mem.labelSet(values))
	if len(values) != len(mem.labels) || mem.fam.series[k] == nil {
		return false
	}
	if mem.fam.series[k] == mem.over {
		mem.over = nil
	}
	mem.fam.series[k].dropped = true
	delete(mem.fam.series, k)
	mem.live--
	return true
}

// Reset drops every series of the registration.
func (mem *member) Reset() {
	maps.DeleteFunc(mem.fam.series, func(_ string, s *series) bool {
		s.dropped = s.dropped || s.owner == mem
		return s.dropped
	})
	mem.live, mem.over = 0, nil
}

// labelSet returns const labels and variable ones together.
func (mem *member) labelSet(values []string) map[string]string {
	set := maps.Clone(mem.consts)
	if set == nil {
		set = make(map[string]string)
	}
	for i, l := range mem.labels {
		if i < len(values) {
			set[l] = clean(values[i])
		}
	}
	return set
}

// alloc takes cells for a series of f and says whether there were any.
func (m *Model) alloc(f *family) bool {
	switch {
	case f.own:
	case m.cells == 0:
		return false
	default:
		m.cells--
	}
	return true
}

// hasCells says whether a new series takes cells of the store. A gauge does where they
// are scarce, for that store persists. How many a native histogram takes, and when, is
// its own affair; it is not drawn where they are scarce.
func (f *family) hasCells() bool {
	return f.Kind != CounterFunc && f.Kind != GaugeFunc && !f.native()
}

// Drop counts a refusal.
func (m *Model) Drop(why Reason) {
	m.families[droppedName].series[key(map[string]string{"reason": string(why)})].whole++
}

// Dropped returns how many recordings were refused.
func (m *Model) Dropped() (n uint64) {
	for _, s := range m.families[droppedName].series {
		n += s.whole
	}
	return n
}

// key renders a label set so that no two have the same key.
func key(labels map[string]string) string {
	var k strings.Builder
	for _, n := range slices.Sorted(maps.Keys(labels)) {
		k.WriteString(strconv.Quote(n))
		k.WriteString(strconv.Quote(labels[n]))
	}
	return k.String()
}
