// Package internal has what packages below prometheus share without exporting it.
package internal

import "regexp"

// GoCollectorOptions is what the options of package collectors set. Programs reach it
// through those only.
type GoCollectorOptions struct {
	DisableMemStatsLikeMetrics bool
	// RuntimeMetricSumForHist has, for histograms of the runtime whose exact sum is
	// another metric of it, the keys of both.
	RuntimeMetricSumForHist map[string]string
	// RuntimeMetricRules choose metrics of the runtime; the last one that matches decides.
	RuntimeMetricRules []GoCollectorRule
}

// GoCollectorRule takes metrics of the runtime in, or leaves them out, by their keys.
type GoCollectorRule struct {
	Matcher *regexp.Regexp
	Deny    bool
}

// Chosen says whether the rules take a key in.
func (o *GoCollectorOptions) Chosen(key string) (chosen bool) {
	for _, r := range o.RuntimeMetricRules {
		if r.Matcher.MatchString(key) {
			chosen = !r.Deny
		}
	}
	return chosen
}

// GoCollectorDefaultRuntimeMetrics matches what the Go collector takes in unless told
// otherwise: the settings of the runtime.
var GoCollectorDefaultRuntimeMetrics = regexp.MustCompile(`/gc/gogc:percent|/gc/gomemlimit:bytes|/sched/gomaxprocs:threads`)

// DefaultGoCollectorOptions returns what options start from.
func DefaultGoCollectorOptions() GoCollectorOptions {
	return GoCollectorOptions{
		RuntimeMetricSumForHist: map[string]string{
			"/gc/heap/allocs-by-size:bytes": "/gc/heap/allocs:bytes",
			"/gc/heap/frees-by-size:bytes":  "/gc/heap/frees:bytes",
		},
		RuntimeMetricRules: []GoCollectorRule{{Matcher: GoCollectorDefaultRuntimeMetrics}},
	}
}
