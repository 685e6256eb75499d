package promhttp

import (
	"context"
	"sync"

	"github.com/pawl-metrics/pawl/compat/internal/bridge"
	"github.com/pawl-metrics/pawl/encode"
)

// shortRoad renders what a registry has in the engine without gathering it.
//
// Model. byFormat belongs to mu; all else is set when the handler is made.
type shortRoad struct {
	source any // what the handler was made for
	opts   *HandlerOpts
	bodies *spares

	mu       sync.Mutex
	byFormat map[encode.Format]*sharing[*body] // at most as many as there are formats
}

func noRelease() {}

// render returns a body and what to call when it is no longer needed. ok is false when the
// road is closed.
func (s *shortRoad) render(ctx context.Context, f encode.Format) (b *body, release func(), ok bool) {
	// Neither a client that has gone nor a timeout ends a collection: what is cut short would be
	// an error of the metrics.
	ctx = context.WithoutCancel(ctx)
	if s.opts.CoalesceGather {
		return s.renderShared(ctx, f)
	}
	b = s.open(ctx, f)
	if b == nil {
		return nil, noRelease, false
	}
	return b, func() { s.bodies.put(b) }, true
}

// renderShared is render for requests that share.
func (s *shortRoad) renderShared(ctx context.Context, f encode.Format) (b *body, release func(), ok bool) {
	sharing := s.sharing(f)
	flight, fine := sharing.do(func() *body { return s.open(ctx, f) })
	switch {
	case !fine:
		return &body{err: errGatherPanicked}, noRelease, true
	case flight.result == nil:
		return nil, noRelease, false
	}
	return flight.result, func() {
		if sharing.leave(flight) {
			s.bodies.put(flight.result)
		}
	}, true
}

func (s *shortRoad) sharing(f encode.Format) *sharing[*body] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if have := s.byFormat[f]; have != nil {
		return have
	}
	if s.byFormat == nil {
		s.byFormat = make(map[encode.Format]*sharing[*body])
	}
	fresh := new(sharing[*body])
	s.byFormat[f] = fresh
	return fresh
}

// open scrapes; nil says that the road is closed. After an error it only writes what may
// be served.
func (s *shortRoad) open(ctx context.Context, f encode.Format) *body {
	if bridge.Open == nil {
		return nil
	}
	scrape, ok, err := bridge.Open(ctx, s.source)
	if !ok {
		return nil
	}
	b := s.bodies.take()
	b.err = err
	if err != nil {
		if s.opts.ErrorHandling == HTTPErrorOnError || s.opts.ErrorHandling == PanicOnError {
			return b
		}
		b.families = scrape.Families()
	}
	_, _ = scrape.Write(b, f, s.opts.EnableOpenMetricsTextCreatedSamples) // only b could fail, and it does not
	return b
}
