package testutil_test

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/testutil"
)

func newJobs() *prometheus.CounterVec {
	jobs := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "jobs_total", Help: "Jobs done."}, []string{"result"})
	jobs.WithLabelValues("ok").Add(3)
	return jobs
}

func ExampleCollectAndCompare() {
	const want = `
		# HELP jobs_total Jobs done.
		# TYPE jobs_total counter
		jobs_total{result="ok"} 4
	`
	fmt.Println(testutil.CollectAndCompare(newJobs(), strings.NewReader(want), "jobs_total"))
	// Output:
	//  # HELP jobs_total Jobs done.
	//  # TYPE jobs_total counter
	// -jobs_total{result="ok"} 3
	// +jobs_total{result="ok"} 4
}

func ExampleToFloat64() {
	fmt.Println(testutil.ToFloat64(newJobs().WithLabelValues("ok")))
	// Output: 3
}

func ExampleCollectAndCount() {
	jobs := newJobs()
	jobs.WithLabelValues("failed")
	fmt.Println(testutil.CollectAndCount(jobs))
	// Output: 2
}

func ExampleGatherAndFormat() {
	reg := prometheus.NewRegistry()
	reg.MustRegister(newJobs())
	text, err := testutil.GatherAndFormat(reg, expfmt.TypeTextPlain, "jobs_total")
	fmt.Printf("%s%v\n", text, err)
	// Output:
	// # HELP jobs_total Jobs done.
	// # TYPE jobs_total counter
	// jobs_total{result="ok"} 3
	// <nil>
}

func ExampleCollectAndLint() {
	problems, err := testutil.CollectAndLint(prometheus.NewGauge(prometheus.GaugeOpts{Name: "queue_wait_ms", Help: "Oldest entry."}))
	fmt.Println(problems, err)
	// Output: [{queue_wait_ms metric names should not contain abbreviated units}] <nil>
}
