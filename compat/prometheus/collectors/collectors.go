// Package collectors has collectors of what Go programs have in common: their runtime,
// their process, their build, their databases, their published variables.
//
//	reg.MustRegister(
//		collectors.NewGoCollector(),
//		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
//	)
//
// The default registry of package prometheus has these two already.
package collectors

import "github.com/pawl-metrics/pawl/compat/prometheus"

// NewBuildInfoCollector returns a collector of one metric, go_build_info, whose value is
// 1 and whose labels path, version and checksum are those of the program's main module.
// They are "unknown" where the program was built without modules; a build from a
// working copy has no checksum, and perhaps (devel) for a version.
func NewBuildInfoCollector() prometheus.Collector {
	//lint:ignore SA1019 it is deprecated because it is better called from here
	return prometheus.NewBuildInfoCollector()
}

// NewExpvarCollector returns a collector of variables that are published with package
// expvar, for programs that have them already. The keys of exports are their names, and
// the descriptors say what becomes of them.
//
// A variable whose descriptor has no variable labels is a number or a bool, which counts
// as 1 or 0. One variable label takes an expvar.Map of such: its keys are the label's
// values. Each further label takes one more level of maps. Metrics are untyped. What
// does not fit is left out.
//
// A collection formats each variable as JSON and parses it again. Instruments are
// cheaper.
func NewExpvarCollector(exports map[string]*prometheus.Desc) prometheus.Collector {
	//lint:ignore SA1019 it is deprecated because it is better called from here
	return prometheus.NewExpvarCollector(exports)
}
