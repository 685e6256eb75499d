package collectors

import "github.com/pawl-metrics/pawl/compat/prometheus"

// ProcessCollectorOpts configures NewProcessCollector. The zero value watches this
// process, without a namespace, and reports no errors.
type ProcessCollectorOpts struct {
	// PidFn returns the process to watch, at each collection. Nil is the process that
	// makes the collector. prometheus.NewPidFileFn makes one that reads a file.
	PidFn func() (int, error)
	// Namespace comes before all names, with an underscore, unless it is empty.
	Namespace string
	// ReportErrors makes a metric with an error of each number that cannot be read.
	// Otherwise it is missing and nothing else: for most programs these numbers are an
	// addition, which must not cost them the rest of the scrape.
	ReportErrors bool
}

// NewProcessCollector returns a collector of what the kernel says about a process: CPU
// time, memory, file descriptors, start time and, on Linux, network traffic. macOS tells
// no sizes of memory. On systems other than these and Windows there is nothing to
// collect.
func NewProcessCollector(opts ProcessCollectorOpts) prometheus.Collector {
	//lint:ignore SA1019 it is deprecated because it is better called from here
	return prometheus.NewProcessCollector(prometheus.ProcessCollectorOpts(opts))
}
