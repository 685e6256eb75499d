//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// watch scrapes the directory, as an exporter does, and looks whether a counter ever
// goes backwards.
type watch struct {
	reg    *engine.Registry
	before totals
}

func newWatch(dir string) (*watch, error) {
	collector, err := mmap.NewCollector(dir, mmap.CollectorOptions{})
	if err != nil {
		return nil, err
	}
	reg := engine.NewRegistry()
	return &watch{reg: reg}, reg.Register(collector)
}

// until scrapes until ctx ends, and returns how often. A counter that goes backwards is
// an error.
func (w *watch) until(ctx context.Context) (scrapes int, err error) {
	for ctx.Err() == nil {
		if _, err := w.scrape(); err != nil {
			return scrapes, err
		}
		scrapes++
		time.Sleep(5 * time.Millisecond)
	}
	return scrapes, nil
}

// scrape returns what the directory's processes have done in all.
func (w *watch) scrape() (t totals, err error) {
	err = w.reg.Gather(context.Background(), func(f *engine.Family) error {
		for i := range f.Samples {
			s := &f.Samples[i]
			switch f.Name {
			case "requests_total":
				t.count(s)
			case "request_duration_seconds":
				t.observations += s.Histogram.Count
			}
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	if t.gets < w.before.gets || t.posts < w.before.posts || t.observations < w.before.observations {
		return t, fmt.Errorf("a counter went backwards: %+v after %+v", t, w.before)
	}
	w.before = t
	return t, nil
}

// count adds one series of requests_total.
func (t *totals) count(s *engine.Sample) {
	for _, l := range s.Labels {
		if l.Name == "method" && l.Value == "GET" {
			t.gets += uint64(s.Value)
			return
		}
	}
	t.posts += uint64(s.Value)
}
