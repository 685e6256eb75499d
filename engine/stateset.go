package engine

import (
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// StateSet is several states, each on or off: the features of a server, the flags of
// an interface. What is always in exactly one state is an [Enum]. It is exposed as
// one sample for each state, 1 or 0. It is also a handle, as [Counter] is.
//
// Model. A bit for each state, 64 to a word, shared by all goroutines. States change
// one by one; a scrape reads each word once, so that 64 states in a row are of one
// moment.
type StateSet struct {
	states *states
	cells  shard.Slab
	fam    *family
	text   seriesText
}

const bitsInWord = 64

// NewStateSet registers a stateset without variable labels. All of its states are off.
func NewStateSet(reg *Registry, opts StatesOpts) (*StateSet, error) {
	o, err := stateSetOps(opts)
	return newOne(reg, opts.Opts, o, err)
}

// MustStateSet is NewStateSet that panics on an error.
func MustStateSet(reg *Registry, opts StatesOpts) *StateSet { return must(NewStateSet(reg, opts)) }

// NewStateSetVec registers a family of statesets labelled by L.
func NewStateSetVec[L comparable](reg *Registry, opts StatesOpts) (*StateSetVec[L], error) {
	o, err := stateSetOps(opts)
	if err != nil {
		return nil, err
	}
	return newVec[L](reg, opts.Opts, o)
}

// MustStateSetVec is NewStateSetVec that panics on an error.
func MustStateSetVec[L comparable](reg *Registry, opts StatesOpts) *StateSetVec[L] {
	return must(NewStateSetVec[L](reg, opts))
}

// NewStringStateSetVec registers a family of statesets with these labels.
func NewStringStateSetVec(reg *Registry, opts StatesOpts, labels ...string) (*StringVec[StateSet], error) {
	o, err := stateSetOps(opts)
	if err != nil {
		return nil, err
	}
	return newStringVec(reg, opts.Opts, labels, o)
}

// MustStringStateSetVec is NewStringStateSetVec that panics on an error.
func MustStringStateSetVec(reg *Registry, opts StatesOpts, labels ...string) *StringVec[StateSet] {
	return must(NewStringStateSetVec(reg, opts, labels...))
}

// Set switches a state on or off. One that the set does not have is refused and
// counted in pawl_dropped_observations_total.
func (s *StateSet) Set(state string, on bool) { s.SetIndex(slices.Index(s.states.names, state), on) }

// SetIndex is Set by the state's place among the states, from 0.
func (s *StateSet) SetIndex(i int, on bool) {
	switch {
	case s.fam.refuses(&s.text):
	case uint(i) >= uint(len(s.states.names)):
		s.fam.drop(dropState)
	case on:
		atomic.OrUint64(s.cells.Shared(i/bitsInWord), 1<<(i%bitsInWord))
	default:
		atomic.AndUint64(s.cells.Shared(i/bitsInWord), ^(1 << (i % bitsInWord)))
	}
	runtime.KeepAlive(s)
}

// On says whether a state is on; false for one that the set does not have.
func (s *StateSet) On(state string) bool {
	i := slices.Index(s.states.names, state)
	return i >= 0 && s.word(i/bitsInWord)>>(i%bitsInWord)&1 == 1
}

func (s *StateSet) word(i int) uint64 {
	if !s.cells.Valid() {
		return 0
	}
	w := atomic.LoadUint64(s.cells.Shared(i))
	runtime.KeepAlive(s)
	return w
}

func stateSetOps(opts StatesOpts) (*ops[StateSet], error) {
	states, err := newStates(opts, descriptor.StateSet, (len(opts.States)+bitsInWord-1)/bitsInWord)
	if err != nil {
		return nil, err
	}
	return &ops[StateSet]{
		typ:   encode.StateSet,
		shape: states.shape("any of"),
		modes: modes{usual: GaugeLiveAll, each: true},
		text:  func(s *StateSet) *seriesText { return &s.text },
		init: func(s *StateSet, f *family, start int64) (err error) {
			s.fam, s.states = f, states
			s.cells, err = f.alloc(&s.text, start, states.holds, states.layout)
			return err
		},
		drop: func(s *StateSet) { giveUp(s, s.fam, s.cells, states.layout) },
		void: func(s *StateSet, f *family) { s.fam, s.states, s.cells = f, states, shard.NoSlab() },
		read: func(g *gatherer, s *Sample, p placed[StateSet]) bool {
			s.States = g.states.take(len(states.names))
			word := uint64(0)
			for i, name := range states.names {
				if i%bitsInWord == 0 {
					word = p.s.word(i / bitsInWord)
				}
				s.States[i] = State{Name: name, On: word>>(i%bitsInWord)&1 == 1}
			}
			return true
		},
	}, nil
}

// maxStates is many more than a person can read.
const maxStates = 4096

// newStates checks the states of a family.
func newStates(opts StatesOpts, kind descriptor.Kind, words int) (*states, error) {
	names := slices.Clone(opts.States)
	if len(names) == 0 || len(names) > maxStates {
		return nil, refuse(opts.Name, ErrStates, "%d states; want 1 to %d", len(names), maxStates)
	}
	for i, name := range names {
		if name == "" || !utf8.ValidString(name) {
			return nil, refuse(opts.Name, ErrStates, "state %q: want valid UTF-8, and not nothing", name)
		}
		if slices.Contains(names[:i], name) {
			return nil, refuse(opts.Name, ErrStates, "state %q is there twice", name)
		}
	}
	return &states{
		names:  names,
		layout: shard.Layout{Words: words, Shared: true},
		holds:  &descriptor.Descriptor{Kind: kind, States: names},
	}, nil
}

// shape renders the states for comparison between registrations.
func (s *states) shape(what string) string { return fmt.Sprintf(", %s states %q", what, s.names) }
