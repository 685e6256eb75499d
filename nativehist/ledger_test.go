package nativehist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/shard"
)

// ledger is a persistent store without a file: it keeps the records that
// mmap/FORMAT.md has, and whether they are live, and shows what a reader would find.
type ledger struct {
	t     testing.TB
	arena shard.Arena

	published func()      // called before and after each publication
	refuse    func() bool // for want of space

	mu      sync.Mutex
	records []*record
	changes int // of what is live
	closing bool
}

type record struct {
	part   Part
	slab   shard.Slab
	layout shard.Layout
	live   bool
}

// wire is a Part in a descriptor.
type wire struct {
	Block     bool
	Schema    int32
	Threshold float64
	Extra     int32
	Reaches   [2]Reach
}

func describe(p Part) []byte {
	b, err := binary.Append(nil, binary.BigEndian, wire{p.Block, p.Schema, p.Threshold, int32(p.Extra), p.Reaches})
	if err != nil {
		panic(err)
	}
	return b
}

var errFull = errors.New("no space left")

func (l *ledger) Alloc(desc []byte, at shard.Layout) (shard.Slab, error) {
	return l.Replace(desc, at, func(shard.Slab) {}, nil)
}

func (l *ledger) Replace(desc []byte, at shard.Layout, fill func(shard.Slab), old []shard.Slab) (shard.Slab, error) {
	if l.refuse != nil && l.refuse() {
		return shard.NoSlab(), errFull
	}
	var w wire
	if _, err := binary.Decode(desc, binary.BigEndian, &w); err != nil {
		return shard.NoSlab(), fmt.Errorf("descriptor %x: %v", desc, err)
	}
	slab, err := l.arena.Alloc(nil, at)
	if err != nil {
		return slab, err
	}
	fill(slab)
	l.moment()
	l.mu.Lock()
	for _, s := range old {
		if r := l.find(s); r == nil || !r.live {
			l.t.Errorf("%v replaced, which is not live", r)
		} else {
			r.live = false
		}
	}
	part := Part{w.Block, w.Schema, w.Threshold, int(w.Extra), w.Reaches}
	l.records = append(l.records, &record{part, slab, at, true})
	l.changes++
	l.mu.Unlock()
	l.moment()
	return slab, nil
}

func (l *ledger) moment() {
	if l.published != nil {
		l.published()
	}
}

func (l *ledger) find(s shard.Slab) *record {
	for _, r := range l.records {
		if r.slab == s {
			return r
		}
	}
	return nil
}

func (l *ledger) Free(s shard.Slab, at shard.Layout) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, r := range l.records {
		if r.slab != s {
			continue
		}
		if r.layout != at || r.live && !l.closing {
			l.t.Errorf("%+v freed, as %v", r, at)
		}
		l.records = append(l.records[:i:i], l.records[i+1:]...)
		l.changes++
		l.arena.Free(s, at)
		return
	}
	l.t.Errorf("%v freed, which is not out", s)
}

func (l *ledger) Withdraw(s shard.Slab) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.find(s).live = false
	l.changes++
}

// section is the words of a record on one stripe.
type section struct {
	part  Part
	words []uint64
}

func (l *ledger) current() (list []*record, changes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		if r.live {
			list = append(list, r)
		}
	}
	return list, l.changes
}

// dead copies everything as it stands: what is left after a kill.
func (l *ledger) dead() (all []section) {
	records, _ := l.current()
	for _, r := range records {
		for p := -1; p < r.stripes(); p++ {
			s, _ := r.copy(p)
			all = append(all, s)
		}
	}
	return all
}

// live is what a reader of a living process does.
func (l *ledger) live() []section {
again:
	for {
		var all []section
		records, before := l.current()
		for _, r := range records {
			for p := -1; p < r.stripes(); p++ {
				s, whole := r.copy(p)
				for tries := 0; !whole; tries++ {
					if runtime.Gosched(); tries == 1000 {
						continue again
					}
					s, whole = r.copy(p)
				}
				all = append(all, s)
			}
		}
		if _, after := l.current(); after == before {
			return all
		}
	}
}

func (r *record) stripes() int {
	if r.layout.Shared {
		return 0
	}
	return int(r.slab.Ready())
}

func (r *record) copy(p int) (s section, whole bool) {
	word := func(i int) *uint64 { return r.slab.Shared(i) }
	if p >= 0 {
		word = func(i int) *uint64 { return r.slab.WordAt(p, i) }
	}
	end := atomicf.Load(word(1))
	s = section{r.part, make([]uint64, r.layout.Words-shard.SectionWords)}
	for i := range s.words {
		s.words[i] = atomicf.Load(word(shard.SectionWords + i))
	}
	return s, atomicf.Load(word(0)) == end
}

// sum adds sections up.
func (l *ledger) sum(all []section) *Sum {
	var sum Sum
	for _, s := range all {
		if err := sum.Meet(s.part); err != nil {
			l.t.Fatal(err)
		}
	}
	for _, s := range all {
		if err := sum.Add(s.part, s.words); err != nil {
			l.t.Fatalf("%+v: %v", s.part, err)
		}
	}
	return &sum
}
