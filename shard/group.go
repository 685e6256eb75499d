package shard

import (
	"runtime"
	"sync"

	"github.com/pawl-metrics/pawl/atomicf"
)

// Group is a slab whose data words are updated together and read together: a
// histogram's buckets and sum. It must not be copied after first use.
//
// Ownership. Each P's section belongs to whoever has that P pinned. The shared
// section belongs to whoever holds mu. The gate belongs to readers. A reader
// gets, for each section, a state that the section really had; the union of
// those states is a set of whole updates, and contains every update that had
// finished when the reader began.
type Group struct {
	Slab
	gate Gate
	mu   sync.Mutex // owns the shared section
}

// GroupLayout is the layout of a group with so many data words.
func GroupLayout(words int) Layout { return Layout{Words: SectionWords + words} }

// Init gives the group its slab. Call it once, before the group is shared.
func (g *Group) Init(s Slab) { g.Slab = s }

// Held says whether a reader holds the gate. A writer asks while pinned, before
// Begin, and when told so leaves for [Group.Update].
func (g *Group) Held() bool { return g.gate.Raised() }

// Update runs one update on a section of the P that it runs on, or on the shared
// one: the slow path, correct everywhere. It waits at a raised gate. add runs
// pinned or with a mutex held: it must only add to words of the section.
// The caller must not be pinned.
func (g *Group) Update(add func(*Section)) {
	for {
		g.gate.Wait()
		p := Pin()
		own := (*Section)(g.own(p))
		switch {
		case own == nil:
			Unpin()
			if !g.chunk.grow(p) {
				g.updateShared(add)
				return
			}
		case g.gate.Raised():
			Unpin()
		default:
			n := own.Begin()
			add(own)
			own.End(n)
			Unpin()
			return
		}
	}
}

// Updates returns how many updates there have been, give or take those that came
// during the call.
func (g *Group) Updates() uint64 { return g.Sum(endWord) }

func (g *Group) updateShared(add func(*Section)) {
	s := (*Section)(g.shared)
	g.mu.Lock()
	n := s.Begin()
	add(s)
	s.End(n)
	g.mu.Unlock()
}

// Sections returns how many sections a reader has to copy; some may be absent.
func (g *Group) Sections() int { return 1 + g.chunk.stripes() }

// Copy copies the data words of section i into dst and reports whether there
// is such a section. It retries until the copy is whole: first as the writers let
// it, then with the gate raised, so it ends under saturating writers too. It
// never blocks a writer for longer than a copy takes.
func (g *Group) Copy(i int, dst []uint64) bool {
	if i == 0 {
		return g.copyShared(dst)
	}
	own := (*Section)(g.own(i - 1))
	if own == nil {
		return false
	}
	for range hopes {
		if own.copyTo(dst) {
			return true
		}
	}
	for !g.copyGated(i-1, own, dst) {
		runtime.Gosched()
	}
	return true
}

// copyShared copies the shared section, unless nothing was ever recorded there:
// where Ps have stripes of their own, it stays empty.
func (g *Group) copyShared(dst []uint64) bool {
	s := (*Section)(g.shared)
	if atomicf.Load(&s.end) == 0 {
		return false
	}
	g.mu.Lock()
	s.copyTo(dst)
	g.mu.Unlock()
	return true
}

// hopes is how many copies a reader tries before it raises the gate. A copy of a
// dozen buckets fits between two observations more often than not.
const hopes = 16

// heldTries bounds one stretch of holding the gate. A writer past its look
// finishes within nanoseconds unless the kernel has taken its thread off the
// CPU; then the reader must give up its pin and gate, and come back.
const heldTries = 256

// copyGated tries to copy P p's section with its writers held at the gate. The
// reader pins itself first: were it preempted with the gate up, every writer
// of the series would wait for its next turn.
func (g *Group) copyGated(p int, own *Section, dst []uint64) (ok bool) {
	if Pin() == p {
		// No update of this P is under way: its goroutine would be the one
		// running here.
		ok = own.copyTo(dst)
		Unpin()
		return ok
	}
	g.gate.raise()
	for range heldTries {
		if ok = own.copyTo(dst); ok {
			break
		}
	}
	g.gate.lower()
	Unpin()
	return ok
}
