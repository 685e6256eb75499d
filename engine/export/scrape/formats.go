package scrape

import (
	"sync"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// collectors has a collector for each format that scrapers have asked for. There
// are at most as many as formats: two dozen, and in practice one or two.
//
// Ownership. The map belongs to mu; collectors look after themselves.
type collectors struct {
	reg     *engine.Registry
	created bool // whether OpenMetrics 1.0 gets _created samples

	mu       sync.Mutex
	byFormat map[encode.Format]*collector
}

func (c *collectors) of(f encode.Format) *collector {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.byFormat[f]; have != nil {
		return have
	}
	if c.byFormat == nil {
		c.byFormat = make(map[encode.Format]*collector)
	}
	fresh := newCollector(c.reg, engine.ExpositionOptions{Format: f, CreatedSamples: c.created})
	c.byFormat[f] = fresh
	return fresh
}
