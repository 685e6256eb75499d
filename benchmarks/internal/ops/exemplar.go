package ops

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine"
)

const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

var observeExemplar = Op{
	Name: "observe_exemplar", Title: "Histogram.ObserveWithExemplar, 11 buckets",
	About: "One observation with a trace id as its exemplar, in one histogram that all goroutines share. client_golang takes " +
		"a map of labels, which is made in the time, as a request handler would have to. The others have no exemplars that an " +
		"exposition shows, or none that are given with the observation.",
	Workers: Few,
	Peers: []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			h := p.histogram(bounds11)
			return loop(1, totalOf(p, name+"_count"), func(iters int) {
				for i := range iters {
					h.ObserveWithExemplar(observations[i%observed], engine.Label{Name: "trace_id", Value: traceID})
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			h := p.histogram(bounds11).(prometheus.ExemplarObserver)
			return loop(1, totalOf(p, name+"_count"), func(iters int) {
				for i := range iters {
					h.ObserveWithExemplar(observations[i%observed], prometheus.Labels{"trace_id": traceID})
				}
			})
		}},
		{Impl: PawlCompat, Make: exemplarCompat},
	},
}
