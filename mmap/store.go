package mmap

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
	"github.com/pawl-metrics/pawl/shard"
)

// Store is a [shard.Store] whose cells live in a file that other processes read. Its
// methods may be called concurrently; what slabs it handed out are recorded in, by
// whom and how, is none of its business.
//
// One mutex guards the file's growth and the directory. Recording takes no part in
// that. A chunk that grows holds its own mutex and then takes this one, never the
// other way round.
type Store struct {
	path string
	slot string
	id   file.ID
	fs   sys.FileSystem

	mu      sync.Mutex
	f       *os.File // nil: closed
	space   *space
	dir     directory
	cutting [2]*chunk // where slabs are cut from; the second for those of the shared stripe alone
	chunks  map[*shard.Chunk]*chunk
	next    uint32 // number of the next chunk
	free    map[shard.Layout][]place
	stats   counts
}

// place is cells that a slab has, or that nobody has any more.
type place struct {
	chunk *chunk
	cut   int
	first int // word
}

func (p place) slab() shard.Slab { return p.chunk.self.Slab(p.first) }

// record returns where the place's record is noted. The caller holds the store's mu.
func (p place) record() *record { return &p.chunk.cuts[p.cut].record }

var _ shard.Persistent = (*Store)(nil)

// Alloc returns a zeroed slab, of which all pages have disk space. The description
// is one of package engine/descriptor. The error wraps ErrNoSpace, ErrClosed,
// shard.ErrTooLarge or descriptor.ErrMalformed.
func (s *Store) Alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.take(l)
	if err == nil {
		if err = s.enter(p, desc, l, nil); err != nil {
			s.giveBack(p, l)
		}
	}
	if err != nil {
		return shard.NoSlab(), s.wrap("allocate", err)
	}
	return p.slab(), nil
}

// Replace is Alloc of a slab that takes over from others: fill writes what it begins
// with before anybody sees it; then readers see the new one instead of the old ones,
// in one step.
func (s *Store) Replace(desc []byte, l shard.Layout, fill func(shard.Slab), old []shard.Slab) (shard.Slab, error) {
	s.mu.Lock()
	p, err := s.take(l)
	s.mu.Unlock()
	if err == nil {
		fill(p.slab()) // may make the chunk grow, which takes the mutex
		err = s.succeed(p, desc, l, old)
	}
	if err != nil {
		return shard.NoSlab(), s.wrap("replace", err)
	}
	return p.slab(), nil
}

// succeed makes a filled slab public in the place of others.
func (s *Store) succeed(p place, desc []byte, l shard.Layout, old []shard.Slab) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil {
		return ErrClosed
	}
	var replaced []file.Replaced
	for _, o := range old {
		if q, ok := s.find(o); ok {
			r := *q.record()
			if state := s.dir.state(r); state.Status() == file.Live {
				replaced = append(replaced, file.Replaced{At: r.at, State: state})
			}
		}
	}
	if err := s.enter(p, desc, l, replaced); err != nil {
		clearSlab(p.slab(), l)
		s.giveBack(p, l)
		return err
	}
	for _, o := range old {
		s.withdraw(o)
	}
	return nil
}

// Withdraw hides a slab from readers. Handles may go on recording in it.
func (s *Store) Withdraw(slab shard.Slab) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withdraw(slab)
}

func (s *Store) withdraw(slab shard.Slab) {
	if p, ok := s.find(slab); ok && s.dir.state(*p.record()).Status() == file.Live {
		s.dir.mark(*p.record(), file.Withdrawn)
	}
}

// Free takes back a slab, for reuse by one of the same layout. Its record is dead
// before the first of its cells is zeroed, so nobody takes zeros for its values.
func (s *Store) Free(slab shard.Slab, l shard.Layout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.find(slab)
	if !ok {
		return
	}
	r := p.record()
	if r.length == 0 {
		return // freed twice
	}
	s.dir.mark(*r, file.Dead)
	s.dir.dead.put(*r)
	*r = record{}
	clearSlab(slab, l)
	s.giveBack(p, l)
	s.stats.slabs--
}

// Close says in the file that this was the end, and lets others know that nobody
// writes it any more: what is in it stays part of every scrape of the directory.
// Handles may go on recording, into memory that nobody reads. A second Close does
// nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.f == nil {
		return nil
	}
	s.space.view.Publish(file.ClosedAt, 1)
	s.dir.release()
	s.space.head.release()
	// In so many words: the chunks' mappings keep the lock when f is closed.
	err := errors.Join(lock.Release(s.f), s.f.Close())
	s.f, s.chunks, s.free, s.cutting, s.dir.dead = nil, nil, nil, [2]*chunk{}, deadPool{}
	if err != nil {
		return fmt.Errorf("mmap: close %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) wrap(what string, err error) error {
	return fmt.Errorf("mmap: %s in %s: %w", what, s.path, err)
}

// take returns cells that nobody has. The caller holds mu.
func (s *Store) take(l shard.Layout) (place, error) {
	if s.f == nil {
		return place{}, ErrClosed
	}
	if l.Words < 1 || l.Words > shard.MaxWords {
		return place{}, fmt.Errorf("a slab of %d words: %w (1 to %d words)", l.Words, shard.ErrTooLarge, shard.MaxWords)
	}
	if list := s.free[l]; len(list) > 0 {
		s.free[l] = list[:len(list)-1]
		return list[len(list)-1], nil
	}
	kind := 0
	if l.Shared || shard.Stripes() == 0 {
		kind = 1
	}
	c := s.cutting[kind]
	if c == nil || c.used+l.Words > file.StripeWords {
		var err error
		if c, err = s.newChunk(kind == 1); err != nil {
			return place{}, err
		}
		s.cutting[kind] = c
	}
	cut, err := c.take(l.Words)
	if err != nil {
		return place{}, err
	}
	return place{c, cut, c.cuts[cut].first}, nil
}

// newChunk adds a chunk to the file. The caller holds mu.
func (s *Store) newChunk(shared bool) (*chunk, error) {
	ps, room := psNow(), shard.Stripes()
	if shared {
		ps, room = 0, 0
	}
	c, err := newChunk(s.next, s.space, ps, room)
	if err != nil {
		return nil, err
	}
	s.next++
	region := c.region
	b := shard.Backing{Mem: region.Bytes(), Ready: ps, Release: region.Release}
	if room > 0 {
		b.Grow = func(want int) int { return s.grow(c, want) }
	}
	c.self = shard.NewChunk(b)
	s.chunks[c.self] = c
	return c, nil
}

// grow adds stripes to a chunk because a P has none there, and returns how many Ps
// have one then. Where there is no space the shared stripe serves for good.
func (s *Store) grow(c *chunk, want int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	have := c.stripes - 1
	if s.f == nil || want <= have {
		return have
	}
	if err := c.extend(1 + min(want, c.room())); err != nil {
		s.stats.refused++
		s.stats.lastRefusal = s.wrap("add stripes", err)
	}
	return c.stripes - 1
}

// enter makes a record of a slab public. The caller holds mu.
func (s *Store) enter(p place, desc []byte, l shard.Layout, replaced []file.Replaced) error {
	r, err := s.dir.add(&file.Record{
		Chunk:    p.chunk.number,
		First:    uint32(p.first),
		Words:    uint32(l.Words),
		Desc:     desc,
		Replaced: replaced,
	})
	if err != nil {
		return err
	}
	*p.record() = r
	s.stats.slabs++
	return nil
}

// giveBack keeps zeroed cells for a later slab. The caller holds mu.
func (s *Store) giveBack(p place, l shard.Layout) { s.free[l] = append(s.free[l], p) }

// find returns where a slab is: nowhere when it is not one of this store, or the store
// is closed. The caller holds mu.
func (s *Store) find(slab shard.Slab) (place, bool) {
	if !slab.Valid() {
		return place{}, false
	}
	self, word := slab.Place()
	c := s.chunks[self]
	if c == nil {
		return place{}, false
	}
	i, ok := c.find(word)
	return place{c, i, word}, ok
}

// clearSlab zeroes the slab in every stripe. Nobody else can reach it. Words that are
// zero already are left alone, and with them their pages.
func clearSlab(s shard.Slab, l shard.Layout) {
	for i := range l.Words {
		clearWord(s.Shared(i))
		for p := range int(s.Ready()) {
			clearWord(s.WordAt(p, i))
		}
	}
}

func clearWord(w *uint64) {
	if atomicf.Load(w) != 0 {
		atomicf.Store(w, 0)
	}
}
