package engine_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// show prints the samples of one family.
func show(reg *engine.Registry, family string) {
	for line := range strings.Lines(string(reg.AppendText(nil))) {
		if strings.HasPrefix(line, family+"{") {
			fmt.Print(line)
		}
	}
}

// A client that makes up label values gets one series for all of them. The sum of the
// family stays right, and what was there before is not touched.
func ExampleOpts_maxSeries() {
	reg := engine.NewRegistry()
	type request struct{ Path string }
	requests := engine.MustCounterVec[request](reg, engine.Opts{Name: "requests_total", MaxSeries: 2})
	for _, path := range []string{"/", "/about", "/wp-admin", "/.git/config", "/"} {
		requests.With(request{path}).Inc()
	}
	show(reg, "requests_total")
	show(reg, "pawl_overflow_lookups_total")
	// Output:
	// requests_total{path="/"} 2
	// requests_total{path="/about"} 1
	// requests_total{path="__overflow__"} 2
	// pawl_overflow_lookups_total{family="requests_total"} 2
}

// A series that nobody records in is no longer exposed after a while. A handle that was
// kept still counts, and brings it back with the value that it had.
func ExampleOpts_expireAfter() {
	reg := engine.NewRegistry()
	jobs := engine.MustStringCounterVec(reg, engine.Opts{
		Name:        "jobs_total",
		ExpireAfter: time.Microsecond, // in a service, many times the scrape interval
	}, "tenant")
	acme := jobs.With("acme")
	acme.Add(41)
	show(reg, "jobs_total")
	for strings.Contains(string(reg.AppendText(nil)), "acme") {
	}
	fmt.Println("hidden")
	acme.Inc()
	show(reg, "jobs_total")
	// Output:
	// jobs_total{tenant="acme"} 41
	// hidden
	// jobs_total{tenant="acme"} 42
}

// When a pod goes, so do its series.
func ExampleVec_DeleteMatch() {
	reg := engine.NewRegistry()
	type container struct{ Pod, Name string }
	restarts := engine.MustCounterVec[container](reg, engine.Opts{Name: "restarts_total"})
	restarts.With(container{"web-1", "nginx"}).Inc()
	restarts.With(container{"web-1", "sidecar"}).Inc()
	restarts.With(container{"web-2", "nginx"}).Inc()
	fmt.Println(restarts.DeleteMatch(func(c container) bool { return c.Pod == "web-1" }))
	show(reg, "restarts_total")
	// Output:
	// 2
	// restarts_total{name="nginx",pod="web-2"} 1
}

// The same where label names are known only when the program runs.
func ExampleStringVec_DeletePartial() {
	reg := engine.NewRegistry()
	restarts := engine.MustStringCounterVec(reg, engine.Opts{Name: "restarts_total"}, "pod", "name")
	restarts.With("web-1", "nginx").Inc()
	restarts.With("web-2", "nginx").Inc()
	n, err := restarts.DeletePartial(map[string]string{"pod": "web-1"})
	fmt.Println(n, err)
	_, err = restarts.DeletePartial(map[string]string{"node": "a"})
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// engine: family "restarts_total": invalid label name: label "node" is not one of pod, name
}
