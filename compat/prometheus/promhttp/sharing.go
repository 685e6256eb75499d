package promhttp

import (
	"errors"
	"sync"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// sharing lets those who ask for a result while it is being made have it together.
//
//	request A   |==== run ====|--- A uses it ---|
//	request B       |.........|--- B uses it ------|  freed
//	request C                     |==== run ====| ...
//
// Who comes when the result is there gets a new one: it would be older than the
// request. client_golang hands the old one out until its last user has gone.
//
// Ownership. current and the flights' users belong to mu. A flight's result belongs to who
// leads it until landed is closed, and does not change afterwards.
type sharing[T any] struct {
	mu      sync.Mutex
	current *flight[T] // being made, or nil
}

// flight is one result and those who wait for it or use it.
type flight[T any] struct {
	users  int
	landed chan struct{} // closed when it is there
	result T
	ok     bool // false: making it panicked
}

// do returns the result of run, its own or one that is on its way. ok is false when that
// one panicked, as do does itself if it is the one. Whoever gets a flight has to leave it.
func (s *sharing[T]) do(run func() T) (f *flight[T], ok bool) {
	f, leads := s.board()
	if leads {
		s.lead(f, run)
	} else {
		<-f.landed
	}
	return f, f.ok
}

func (s *sharing[T]) board() (f *flight[T], leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		s.current, leads = &flight[T]{landed: make(chan struct{})}, true
	}
	s.current.users++
	return s.current, leads
}

func (s *sharing[T]) lead(f *flight[T], run func() T) {
	defer s.land(f)
	f.result = run()
	f.ok = true
}

func (s *sharing[T]) land(f *flight[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
	close(f.landed)
}

// leave ends a use of a result, and says whether it was the last.
func (s *sharing[T]) leave(f *flight[T]) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.users--
	return f.users == 0
}

// errGatherPanicked is what those get who shared a collection that panicked. The panic
// itself is for the request that ran it.
var errGatherPanicked = errors.New("coalesced gather panicked")

// coalescer is a gatherer whose calls share what they can. The families are shared, and
// must not be changed.
type coalescer struct {
	gatherer prometheus.TransactionalGatherer
	sharing[gathered]
}

type gathered struct {
	families []*dto.MetricFamily
	done     func()
	err      error
}

// Gather implements prometheus.TransactionalGatherer.
func (c *coalescer) Gather() ([]*dto.MetricFamily, func(), error) {
	f, ok := c.do(c.run)
	if !ok {
		return nil, func() {}, errGatherPanicked
	}
	return f.result.families, func() { c.finish(f) }, f.result.err
}

func (c *coalescer) run() (g gathered) {
	g.families, g.done, g.err = c.gatherer.Gather()
	return g
}

func (c *coalescer) finish(f *flight[gathered]) {
	if c.leave(f) {
		f.result.done()
	}
}
