package nativehist_test

import (
	"fmt"

	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// A recorder needs options, which a family shares, and a store for its cells.
func ExampleRecorder() {
	config, err := nativehist.Options{Factor: 1.1, MaxBuckets: 160}.Config()
	if err != nil {
		fmt.Println(err)
		return
	}
	r := nativehist.NewRecorder(new(shard.Arena), config)
	for i := range 1000 {
		r.Observe(float64(i), -1)
	}
	var h nativehist.Histogram
	r.Snapshot(&h, nil)
	fmt.Printf("schema %d, count %d, sum %v, median %.0f\n", h.Schema, h.Count, h.Sum, h.Quantile(0.5))
	// Output: schema 3, count 1000, sum 499500, median 499
}
