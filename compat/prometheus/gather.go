package prometheus

import (
	"context"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"
)

// This file gets metrics out of collectors. What becomes of them is gathering's affair.

// channelRoom is how many metrics collectors may be ahead of who gathers them.
const channelRoom = 256

// collectForeign gathers these collectors, all of the registry's or some, as client_golang
// would: by Write and with all checks. The families are finished, and none is empty. When ctx
// ends it waits no longer.
func (r *Registry) collectForeign(ctx context.Context, list []*registered) (map[string]*dto.MetricFamily, error) {
	g := newGathering(len(list))
	if !r.pedantic {
		g.collect(ctx, list)
		return g.finish()
	}
	// Which collector a metric came from is only to be seen by which were asked.
	checked, unchecked := split(list, func(c *registered) bool { return !c.unchecked })
	g.registered = r.descIDs()
	g.collect(ctx, checked)
	g.registered = nil
	g.collect(ctx, unchecked)
	return g.finish()
}

// descIDs returns the ids of all descriptors.
func (r *Registry) descIDs() map[string]bool {
	ids := make(map[string]bool)
	for _, c := range r.collectors() {
		for _, d := range c.descs {
			ids[d.id] = true
		}
	}
	return ids
}

func split(list []*registered, is func(*registered) bool) (yes, no []*registered) {
	for _, c := range list {
		if is(c) {
			yes = append(yes, c)
		} else {
			no = append(no, c)
		}
	}
	return yes, no
}

// collect takes what the collectors have. Those of others work while it reads ours.
func (g *gathering) collect(ctx context.Context, list []*registered) {
	here, elsewhere := split(list, func(c *registered) bool { return c.each != nil })
	ch := collectAll(elsewhere)
	for _, c := range here {
		if err := c.walk(g.add); err != nil {
			g.fail(err)
		}
	}
	g.receive(ctx, ch)
}

// collectAll runs collectors, each in a goroutine: how long a scrape takes is up to the
// slowest, not to all together. The channel is closed when all have returned. It is nil
// where there are none.
func collectAll(list []*registered) <-chan Metric {
	if len(list) == 0 {
		return nil
	}
	ch, left := make(chan Metric, channelRoom), new(atomic.Int64)
	left.Store(int64(len(list)))
	for _, c := range list {
		go func() {
			defer func() {
				if left.Add(-1) == 0 {
					close(ch)
				}
			}()
			c.collect(ch)
		}()
	}
	return ch
}

func (g *gathering) receive(ctx context.Context, ch <-chan Metric) {
	for ch != nil {
		select {
		case m, ok := <-ch:
			if !ok {
				return
			}
			g.add(m)
		case <-ctx.Done():
			g.fail(ctx.Err())
			go func() { // or the collectors would wait forever
				for range ch {
				}
			}()
			return
		}
	}
}

// collect sends the collector's metrics, and its panic as one more that is an error.
func (c *registered) collect(ch chan<- Metric) {
	defer func() {
		if v := recover(); v != nil {
			err := catch(v).in("collector", innermost(c.Collector))
			ch <- NewInvalidMetric(NewInvalidDesc(err), err)
		}
	}()
	c.Collect(ch)
}

// walk gives f the collector's metrics. A panic is an error.
func (c *registered) walk(f func(Metric)) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = catch(v).in("collector", innermost(c.Collector))
		}
	}()
	c.each(f)
	return nil
}

// walkOf returns how a collector's metrics are had without a channel, and nil where they are
// not.
func walkOf(c Collector) func(f func(Metric)) {
	if o := asOurs(c); o != nil {
		return o.each
	}
	switch c := c.(type) {
	case *valueFunc:
		return func(f func(Metric)) { f(c) }
	case *wrappingCollector:
		return c.walk()
	}
	return nil
}
