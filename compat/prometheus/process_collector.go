package prometheus

import (
	"errors"
	"os"

	"github.com/pawl-metrics/pawl/engine/collectors/process"
)

// ProcessCollectorOpts configures NewProcessCollector. The zero value watches this
// process, without a namespace, and reports no errors.
type ProcessCollectorOpts struct {
	// PidFn returns the process to watch, at each collection. Nil is the process that
	// makes the collector.
	PidFn func() (int, error)
	// Namespace comes before all names, with an underscore, unless it is empty.
	Namespace string
	// ReportErrors makes a metric with an error of each number that cannot be read.
	// Otherwise it is missing and nothing else: for most programs these numbers are an
	// addition, which must not cost them the rest of the scrape.
	ReportErrors bool
}

// processCollector collects what the kernel says about a process. Immutable.
type processCollector struct {
	from   *process.Collector
	descs  [process.NumQuantities]*Desc
	report bool
}

var errNoProcess = errors.New("process metrics not supported on this platform")

// NewProcessCollector returns the collector that collectors.NewProcessCollector
// returns.
//
// Deprecated: call it there.
func NewProcessCollector(opts ProcessCollectorOpts) Collector {
	pid := opts.PidFn
	if pid == nil {
		self := os.Getpid()
		pid = func() (int, error) { return self, nil }
	}
	c := &processCollector{from: process.New(process.Options{Pid: pid}), report: opts.ReportErrors}
	for q, f := range processFamilies {
		if f.name != "" {
			c.descs[q] = NewDesc(BuildFQName(opts.Namespace, "", f.name), f.help, nil, nil)
		}
	}
	return c
}

// processFamilies are the families by quantity. The zero quantity, which is the process
// itself, has none.
var processFamilies = [process.NumQuantities]struct {
	name, help string
	typ        ValueType
}{
	process.CPU:            {"process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", CounterValue},
	process.VirtualMemory:  {"process_virtual_memory_bytes", "Virtual memory size in bytes.", GaugeValue},
	process.ResidentMemory: {"process_resident_memory_bytes", "Resident memory size in bytes.", GaugeValue},
	process.StartTime:      {"process_start_time_seconds", "Start time of the process since unix epoch in seconds.", GaugeValue},
	process.OpenFiles:      {"process_open_fds", "Number of open file descriptors.", GaugeValue},
	process.MaxFiles:       {"process_max_fds", "Maximum number of open file descriptors.", GaugeValue},
	process.MaxMemory:      {"process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.", GaugeValue},
	process.Received:       {"process_network_receive_bytes_total", "Number of bytes received by the process over the network.", CounterValue},
	process.Transmitted:    {"process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.", CounterValue},
}

// Describe sends the descriptors of what this system can tell.
func (c *processCollector) Describe(ch chan<- *Desc) {
	if !c.from.Supported() {
		if c.report {
			ch <- NewInvalidDesc(errNoProcess)
		}
		return
	}
	for _, q := range c.from.Quantities() {
		ch <- c.descs[q]
	}
}

// Collect sends what can be read, and where errors are reported what cannot.
func (c *processCollector) Collect(ch chan<- Metric) {
	if !c.from.Supported() {
		c.fail(ch, nil, errNoProcess)
		return
	}
	c.from.Read(func(n process.Number) {
		if desc := c.descs[n.Of]; n.Err != nil {
			c.fail(ch, desc, n.Err)
		} else {
			ch <- MustNewConstMetric(desc, processFamilies[n.Of].typ, n.Value)
		}
	})
}

func (c *processCollector) fail(ch chan<- Metric, desc *Desc, err error) {
	if !c.report {
		return
	}
	if desc == nil {
		desc = NewInvalidDesc(err)
	}
	ch <- NewInvalidMetric(desc, err)
}
