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
	src     engine.Source
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
	fresh := newCollector(c.src, c.options(f))
	c.byFormat[f] = fresh
	return fresh
}

// only returns a collector for some families, which nobody shares.
func (c *collectors) only(f encode.Format, names []string) *collector {
	return newCollector(c.src.Only(names...), c.options(f))
}

func (c *collectors) options(f encode.Format) engine.ExpositionOptions {
	return engine.ExpositionOptions{Format: f, CreatedSamples: c.created}
}
