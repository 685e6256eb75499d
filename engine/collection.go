package engine

import (
	"context"
	"errors"
	"fmt"
)

// collection is one call of a collector, and what came of it.
//
// Model. It belongs to the scrape that took it, lent to the goroutine that collects
// until done says that it is back. A scrape that does not wait so long gives it up:
// the goroutine then puts it back, or drops it.
type collection struct {
	of   *collector
	sink Sink
	ctx  context.Context
	err  error
	why  failure
	done chan struct{} // of room for one
	work func()        // run and say so, as a value that go need not make each time
}

// take returns a collection that nobody uses.
func (c *collector) take(ctx context.Context) *collection {
	n := c.spare.Swap(nil)
	if n == nil {
		n = &collection{of: c, done: make(chan struct{}, 1)}
		n.sink.from = c
		n.work = func() {
			defer func() { n.done <- struct{}{} }()
			n.run()
		}
	}
	n.ctx, n.err, n.why = ctx, errGone, failError
	return n
}

// putBack ends the use of what was collected.
func (n *collection) putBack() {
	n.sink.reset()
	n.ctx = nil
	n.of.spare.Store(n)
}

// run calls the collector and survives it.
func (n *collection) run() {
	defer func() {
		if p := recover(); p != nil {
			n.err, n.why = fmt.Errorf("engine: collector %s: panic: %v", n.of.name, p), failPanic
		}
	}()
	if n.err = n.of.Collect(n.ctx, &n.sink); n.err != nil {
		n.err = fmt.Errorf("engine: collector %s: %w", n.of.name, n.err)
	}
}

// errGone is the error of a collector that ended its goroutine.
var errGone = errors.New("engine: a collector did not return")

// fail counts a collection that is lost, and reports it.
func (c *collector) fail(why failure, err error) {
	c.errors[why].Inc()
	if c.reg.onError != nil {
		c.reg.onError(c.name, err)
	}
}

// collect runs collectors and appends to dst the collections that succeeded. Where
// the scrape can run out of time each has a goroutine, and none is waited for past
// that; where it cannot they run one after the other, and nothing is allocated.
func collect(ctx context.Context, list []*collector, want *selection, dst []*collection) []*collection {
	if ctx.Done() != nil {
		return collectInTime(ctx, list, want, dst)
	}
	for _, c := range list {
		if c.wanted(want) {
			n := c.take(ctx)
			n.run()
			dst = n.keep(dst)
		}
	}
	return dst
}

// wanted says whether the collector is to be called: not when nothing of it is asked
// for, nor while it is away.
func (c *collector) wanted(want *selection) bool {
	if !want.collects(c) {
		return false
	}
	if c.away.Load() > 0 {
		c.fail(failBusy, fmt.Errorf("engine: collector %s: still busy with an earlier scrape", c.name))
		return false
	}
	return true
}

// keep appends the collection if it succeeded.
func (n *collection) keep(dst []*collection) []*collection {
	if n.err != nil {
		n.of.fail(n.why, n.err)
		n.putBack()
		return dst
	}
	return append(dst, n)
}

func collectInTime(ctx context.Context, list []*collector, want *selection, dst []*collection) []*collection {
	begun := make([]*collection, 0, len(list))
	for _, c := range list {
		if c.wanted(want) {
			n := c.take(ctx)
			begun = append(begun, n)
			go n.work()
		}
	}
	for _, n := range begun {
		select {
		case <-n.done:
			dst = n.keep(dst)
		case <-ctx.Done():
			dst = n.last(dst)
		}
	}
	return dst
}

// last takes what is there when the time is up, and leaves the rest behind.
func (n *collection) last(dst []*collection) []*collection {
	select {
	case <-n.done:
		return n.keep(dst)
	default:
	}
	c, cause := n.of, context.Cause(n.ctx)
	c.away.Add(1)
	go func() { // it will come back, or never
		<-n.done
		n.putBack()
		c.away.Add(-1)
	}()
	c.fail(failTimeout, fmt.Errorf("engine: collector %s: %w", c.name, cause))
	return dst
}
