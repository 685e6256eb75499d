package testutil

import (
	"fmt"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// ToFloat64 returns the value of a collector of one gauge, counter or untyped metric:
// mostly such an instrument itself, or a vec with one child. It panics if c collects
// more, or something else.
func ToFloat64(c prometheus.Collector) float64 {
	all := collect(c)
	if len(all) != 1 {
		panic(fmt.Errorf("collected %d metrics instead of exactly 1", len(all)))
	}
	var m dto.Metric
	if err := all[0].Write(&m); err != nil {
		panic(fmt.Errorf("error happened while collecting metrics: %w", err))
	}
	switch {
	case m.Gauge != nil:
		return m.Gauge.GetValue()
	case m.Counter != nil:
		return m.Counter.GetValue()
	case m.Untyped != nil:
		return m.Untyped.GetValue()
	}
	panic(fmt.Errorf("collected a non-gauge/counter/untyped metric: %s", &m))
}

// collect returns what a collector sends. The collector runs in the caller's goroutine,
// so that the caller sees its panics.
func collect(c prometheus.Collector) (all []prometheus.Metric) {
	ch, done := make(chan prometheus.Metric), make(chan struct{})
	go func() {
		defer close(done)
		for m := range ch {
			all = append(all, m)
		}
	}()
	func() {
		defer close(ch)
		c.Collect(ch)
	}()
	<-done
	return all
}
