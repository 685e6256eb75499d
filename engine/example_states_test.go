package engine_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/enginetest"
)

// What a service is, what it is doing, and how long that takes.
func ExampleEnum() {
	reg := engine.NewRegistry()
	engine.MustInfo(reg, engine.Opts{Name: "build"}, map[string]string{"version": "1.4.2"})
	state := engine.MustEnum(reg, engine.StatesOpts{
		Opts:   engine.Opts{Name: "service_state"},
		States: []string{"starting", "serving", "draining"},
	})
	state.Set("serving")
	fmt.Print(enginetest.Text(reg))
	// Output:
	// # TYPE build_info gauge
	// build_info{version="1.4.2"} 1
	// # TYPE service_state gauge
	// service_state{service_state="starting"} 0
	// service_state{service_state="serving"} 1
	// service_state{service_state="draining"} 0
}

func ExampleSummary() {
	reg := engine.NewRegistry()
	size := engine.MustSummary(reg, engine.SummaryOpts{
		Opts:      engine.Opts{Name: "batch_size"},
		Quantiles: []float64{0.5, 0.99}, // of the last ten minutes
	})
	for i := range 1001 {
		size.Observe(float64(i))
	}
	for _, q := range size.Snapshot().Quantiles {
		fmt.Printf("%v: %.0f, give or take 1 %%\n", q.Quantile, q.Value)
	}
	// Output:
	// 0.5: 500, give or take 1 %
	// 0.99: 990, give or take 1 %
}

func ExampleCounter_CountErrors() {
	reg := engine.NewRegistry()
	failures := engine.MustCounter(reg, engine.Opts{Name: "save_failures_total"})
	inFlight := engine.MustUpDown(reg, engine.Opts{Name: "saves_in_flight"})
	save := func() error {
		defer inFlight.Track()()
		return errors.New("disk full")
	}
	if err := failures.CountErrors(save); err != nil {
		fmt.Fprintln(os.Stdout, err)
	}
	fmt.Print(enginetest.Text(reg))
	// Output:
	// disk full
	// # TYPE save_failures_total counter
	// save_failures_total 1
	// # TYPE saves_in_flight gauge
	// saves_in_flight 0
}
