package engine

import (
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// StatesOpts describes a family of enums or statesets.
type StatesOpts struct {
	Opts
	// States are the names of the states, in the order in which they are exposed. The
	// slice is copied.
	States []string
}

// Enum is in one of several states: a connection that is opening, open or closed. It
// is exposed as a stateset, one sample for each state, of which one is 1. It is also
// a handle, as [Counter] is.
//
//	state := engine.MustEnum(reg, engine.StatesOpts{
//		Opts:   engine.Opts{Name: "connection_state"},
//		States: []string{"opening", "open", "closed"},
//	})
//	state.Set("open")
//
// Model. One word, the state's index, shared by all goroutines: last writer wins. A
// scrape reads it once, so that it never shows no state or two.
type Enum struct {
	states *states
	cell   shard.Slab
	fam    *family
	text   seriesText
}

// states is what the enums or statesets of a family have in common. Immutable.
type states struct {
	names  []string
	layout shard.Layout
	holds  *descriptor.Descriptor
}

// NewEnum registers an enum without variable labels, which is in its first state.
func NewEnum(reg *Registry, opts StatesOpts) (*Enum, error) {
	o, err := enumOps(opts)
	return newOne(reg, opts.Opts, o, err)
}

// MustEnum is NewEnum that panics on an error.
func MustEnum(reg *Registry, opts StatesOpts) *Enum { return must(NewEnum(reg, opts)) }

// NewEnumVec registers a family of enums labelled by L.
func NewEnumVec[L comparable](reg *Registry, opts StatesOpts) (*EnumVec[L], error) {
	o, err := enumOps(opts)
	if err != nil {
		return nil, err
	}
	return newVec[L](reg, opts.Opts, o)
}

// MustEnumVec is NewEnumVec that panics on an error.
func MustEnumVec[L comparable](reg *Registry, opts StatesOpts) *EnumVec[L] {
	return must(NewEnumVec[L](reg, opts))
}

// NewStringEnumVec registers a family of enums with these labels.
func NewStringEnumVec(reg *Registry, opts StatesOpts, labels ...string) (*StringVec[Enum], error) {
	o, err := enumOps(opts)
	if err != nil {
		return nil, err
	}
	return newStringVec(reg, opts.Opts, labels, o)
}

// MustStringEnumVec is NewStringEnumVec that panics on an error.
func MustStringEnumVec(reg *Registry, opts StatesOpts, labels ...string) *StringVec[Enum] {
	return must(NewStringEnumVec(reg, opts, labels...))
}

// Set brings the enum into a state. One that it does not have is refused and counted
// in pawl_dropped_observations_total.
func (e *Enum) Set(state string) { e.SetIndex(slices.Index(e.states.names, state)) }

// SetIndex is Set by the state's place among the states, from 0: for states that the
// program has as constants.
func (e *Enum) SetIndex(i int) {
	switch {
	case e.fam.refuses(&e.text):
	case uint(i) >= uint(len(e.states.names)):
		e.fam.drop(dropState)
	default:
		atomic.StoreUint64(e.cell.Shared(0), uint64(i))
	}
	runtime.KeepAlive(e)
}

// Index returns the place of the present state among the states.
func (e *Enum) Index() int {
	if !e.cell.Valid() {
		return 0
	}
	i := int(atomic.LoadUint64(e.cell.Shared(0)))
	runtime.KeepAlive(e)
	return i
}

// Value returns the present state.
func (e *Enum) Value() string { return e.states.names[e.Index()] }

func enumOps(opts StatesOpts) (*ops[Enum], error) {
	states, err := newStates(opts, descriptor.Enum, 1)
	if err != nil {
		return nil, err
	}
	return &ops[Enum]{
		typ:   encode.StateSet,
		shape: states.shape("one of"),
		modes: modes{usual: GaugeLiveAll, each: true},
		text:  func(e *Enum) *seriesText { return &e.text },
		init: func(e *Enum, f *family, start int64) (err error) {
			e.fam, e.states = f, states
			e.cell, err = f.alloc(&e.text, start, states.holds, states.layout)
			return err
		},
		drop: func(e *Enum) { giveUp(e, e.fam, e.cell, states.layout) },
		void: func(e *Enum, f *family) { e.fam, e.states, e.cell = f, states, shard.NoSlab() },
		read: func(g *gatherer, s *Sample, p placed[Enum]) bool {
			s.States = g.states.take(len(states.names))
			present := p.s.Index()
			for i, name := range states.names {
				s.States[i] = State{Name: name, On: i == present}
			}
			return true
		},
	}, nil
}
