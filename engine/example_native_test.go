package engine_test

import (
	"fmt"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// A native histogram needs no bounds, and knows any quantile to within its factor.
func ExampleNativeOpts() {
	reg := engine.NewRegistry()
	latency := engine.MustHistogram(reg, engine.HistogramOpts{
		Opts:   engine.Opts{Name: "request_duration_seconds", Unit: "seconds"},
		Native: engine.NativeOpts{Factor: 1.1},
	})
	for i := range 1000 {
		latency.Observe(float64(i) / 1000)
	}
	p90 := latency.Snapshot().Native.Quantile(0.9)
	fmt.Println(p90 > 0.9/1.1 && p90 < 0.9*1.1)
	// Output: true
}

// The latest exemplar goes out with its sample, to scrapers that speak OpenMetrics
// or protobuf.
func ExampleCounter_AddWithExemplar() {
	reg := engine.NewRegistry()
	orders := engine.MustCounter(reg, engine.Opts{Name: "orders_total", Help: "Orders taken."})
	orders.AddWithExemplar(1, engine.Label{Name: "trace_id", Value: "4bf92f35"})

	text := string(reg.AppendExposition(nil, engine.ExpositionOptions{Format: engine.Format{Syntax: encode.OpenMetrics100}}))
	var name, value, exemplar string
	for line := range strings.Lines(text) {
		if n, _ := fmt.Sscan(line, &name, &value, new(string), &exemplar); n == 4 && name == "orders_total" {
			fmt.Println(name, value, exemplar)
		}
	}
	// Output: orders_total 1 {trace_id="4bf92f35"}
}
