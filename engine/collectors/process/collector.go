// Package process collects what the kernel says about this process, or another, under
// the names of every Prometheus client library: CPU time, memory, file descriptors,
// network traffic, start time.
//
//	reg.Register(process.New(process.Options{}))
//
// On Linux it reads /proc. Windows and macOS tell less (Quantities): network traffic is
// Linux' alone, and macOS has sizes of memory for programs with cgo only. Elsewhere
// nothing is collected. Each source stands for itself: where /proc/PID/fd may not be
// read, say, only its family is missing. Where /proc/PID/stat cannot be read, the process
// is not there to be watched, which is an error of the collection.
package process

import (
	"cmp"
	"context"
	"os"

	"github.com/pawl-metrics/pawl/engine"
)

// Options configures a collector. The zero value watches this process.
type Options struct {
	// Pid returns the process to watch, at each collection. Nil is this one.
	Pid func() (int, error)
	// Namespace comes before the names, with an underscore: worker gives
	// worker_process_cpu_seconds_total.
	Namespace string
	// Root is where proc is mounted; empty is /proc. Windows and macOS have none.
	Root string
}

// Collector is an engine.Collector. It may be collected concurrently.
type Collector struct {
	pid    func() (int, error)
	root   string
	prefix string
}

// New returns a collector.
func New(o Options) *Collector {
	c := &Collector{pid: o.Pid, root: o.Root}
	if c.pid == nil {
		c.pid = func() (int, error) { return os.Getpid(), nil }
	}
	if c.root == "" {
		c.root = "/proc"
	}
	if o.Namespace != "" {
		c.prefix = o.Namespace + "_"
	}
	return c
}

// Collect makes the families of what can be read.
func (c *Collector) Collect(_ context.Context, s *engine.Sink) error {
	if !c.Supported() {
		return nil
	}
	var failed error
	c.Read(func(n Number) {
		switch {
		case n.Err == nil:
			c.add(s, n)
		case n.Of == Whole || n.Of == CPU:
			failed = cmp.Or(failed, n.Err)
		}
	})
	return failed
}

func (c *Collector) add(s *engine.Sink, n Number) {
	f := &families[n.Of]
	if name := c.prefix + "process_" + f.name; f.typ == engine.CounterType {
		s.Counter(name, f.help).Add(n.Value)
	} else {
		s.Gauge(name, f.help).Add(n.Value)
	}
}

// Describe claims the names.
func (c *Collector) Describe() []engine.Desc {
	var descs []engine.Desc
	for _, f := range families[Whole+1:] {
		descs = append(descs, engine.Desc{Name: c.prefix + "process_" + f.name, Help: f.help, Type: f.typ})
	}
	return descs
}

// String names the collector where its errors are counted.
func (c *Collector) String() string { return c.prefix + "process" }

// family is one of the families.
type family struct {
	name, help string
	typ        engine.Type
}

// families are by quantity. Whole has none.
var families = [NumQuantities]family{
	CPU:            {"cpu_seconds_total", "CPU time in user mode and in the kernel, in seconds.", engine.CounterType},
	VirtualMemory:  {"virtual_memory_bytes", "Size of the address space in bytes.", engine.GaugeType},
	ResidentMemory: {"resident_memory_bytes", "Size of the resident memory in bytes.", engine.GaugeType},
	StartTime:      {"start_time_seconds", "When the process started, in Unix time.", engine.GaugeType},
	OpenFiles:      {"open_fds", "Open file descriptors.", engine.GaugeType},
	MaxFiles:       {"max_fds", "Limit of open file descriptors.", engine.GaugeType},
	MaxMemory:      {"virtual_memory_max_bytes", "Limit of the address space in bytes.", engine.GaugeType},
	Received:       {"network_receive_bytes_total", "Bytes received over the network, by all processes of the same network namespace.", engine.CounterType},
	Transmitted:    {"network_transmit_bytes_total", "Bytes sent over the network, by all processes of the same network namespace.", engine.CounterType},
}
