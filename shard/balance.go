package shard

import (
	"runtime"

	"github.com/pawl-metrics/pawl/atomicf"
)

// Balance is two monotone sums of which the difference is the value: what went
// up and what came down. It must not be copied after first use.
//
// Ownership. Word 0 (ups) and word 1 (downs) of a stripe belong to whoever has
// that P pinned; each update changes one of them. A reader that simply summed
// could meet a unit's down without its up and show a value that never existed.
// So it collects every word twice, until both passes agree: the words only grow,
// so equal passes mean that nothing moved between the last load of the first
// pass and the first load of the second, and that instant had exactly these
// words. (Equal differences prove nothing: an up and a down may have cancelled.)
type Balance struct {
	Slab
	gate Gate
}

// BalanceLayout is the layout of a balance.
var BalanceLayout = Layout{Words: 2}

// Init gives the balance its slab. Call it once, before the balance is shared.
func (b *Balance) Init(s Slab) { b.Slab = s }

// Held says whether a reader holds the gate. A writer asks while pinned, before
// its store, and when told so leaves for [Balance.Move].
func (b *Balance) Held() bool { return b.gate.Raised() }

// Move adds d to the value: the slow path, correct everywhere. It waits at a
// raised gate. The caller must not be pinned.
func (b *Balance) Move(d int64) {
	word, amount := Side(d)
	for {
		b.gate.Wait()
		p := Pin()
		own := b.own(p)
		if own == nil {
			Unpin()
			if b.chunk.grow(p) {
				continue
			}
			b.Slab.Add(word, amount)
			return
		}
		if b.gate.Raised() {
			Unpin()
			continue
		}
		atomicf.Add(nth(own, word), amount)
		Unpin()
		return
	}
}

// Side says which word a change of d goes to, and how much is added there.
func Side(d int64) (word int, amount uint64) {
	if d < 0 {
		return 1, -uint64(d) // right for the smallest int64 too
	}
	return 0, uint64(d)
}

// Net returns a value that the balance had at some instant during the call, and
// that counts every change that had finished before it.
func (b *Balance) Net() int64 {
	for range hopes {
		if v, ok := b.collectTwice(); ok {
			return v
		}
	}
	for {
		if v, ok := b.netGated(); ok {
			return v
		}
		runtime.Gosched()
	}
}

// netGated collects with the writers held. See Group.copyGated for the pin.
func (b *Balance) netGated() (v int64, ok bool) {
	Pin()
	b.gate.raise()
	for range heldTries {
		if v, ok = b.collectTwice(); ok {
			break
		}
	}
	b.gate.lower()
	Unpin()
	return v, ok
}

// collectTwice reports whether two passes over the words agreed. Each word is
// monotone, so equal sums of all ups mean that each single one was equal.
func (b *Balance) collectTwice() (int64, bool) {
	ups, downs := b.Sum(0), b.Sum(1)
	same := ups == b.Sum(0) && downs == b.Sum(1)
	return int64(ups - downs), same
}
