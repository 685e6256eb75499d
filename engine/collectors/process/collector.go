// Package process collects what the kernel says about this process, or another, under
// the names of every Prometheus client library: CPU time, memory, file descriptors,
// network traffic, start time.
//
//	reg.Register(process.New(process.Options{}))
//
// It reads /proc, and so has something to say on Linux only; elsewhere it collects
// nothing. Each source stands for itself: where /proc/PID/fd may not be read, say, only
// its family is missing. Where /proc/PID/stat cannot be read, the process is not there to
// be watched, which is an error of the collection.
package process

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pawl-metrics/pawl/engine"
)

// Options configures a collector. The zero value watches this process.
type Options struct {
	// Pid returns the process to watch, at each collection. Nil is this one.
	Pid func() (int, error)
	// Namespace comes before the names, with an underscore: worker gives
	// worker_process_cpu_seconds_total.
	Namespace string
	// Root is where proc is mounted; empty is /proc.
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

// Collect reads /proc and makes the families of what it finds.
func (c *Collector) Collect(_ context.Context, s *engine.Sink) error {
	if _, err := os.Stat(filepath.Join(c.root, "stat")); errors.Is(err, os.ErrNotExist) {
		return nil // no Linux
	}
	pid, err := c.pid()
	if err != nil {
		return err
	}
	out := output{s, c.prefix}
	p := proc{root: c.root, dir: filepath.Join(c.root, strconv.Itoa(pid))}
	if err := out.stat(p); err != nil {
		return err
	}
	out.files(p)
	out.limits(p)
	out.network(p)
	return nil
}

// Describe claims the names.
func (c *Collector) Describe() []engine.Desc {
	var descs []engine.Desc
	for _, f := range families {
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

// The families, by index.
const (
	cpu = iota
	virtualMemory
	residentMemory
	startTime
	openFiles
	maxFiles
	maxMemory
	received
	transmitted
)

var families = []family{
	{"cpu_seconds_total", "CPU time in user mode and in the kernel, in seconds.", engine.CounterType},
	{"virtual_memory_bytes", "Size of the address space in bytes.", engine.GaugeType},
	{"resident_memory_bytes", "Size of the resident memory in bytes.", engine.GaugeType},
	{"start_time_seconds", "When the process started, in Unix time.", engine.GaugeType},
	{"open_fds", "Open file descriptors.", engine.GaugeType},
	{"max_fds", "Limit of open file descriptors.", engine.GaugeType},
	{"virtual_memory_max_bytes", "Limit of the address space in bytes.", engine.GaugeType},
	{"network_receive_bytes_total", "Bytes received over the network, by all processes of the same network namespace.", engine.CounterType},
	{"network_transmit_bytes_total", "Bytes sent over the network, by all processes of the same network namespace.", engine.CounterType},
}

// output makes families.
type output struct {
	sink   *engine.Sink
	prefix string
}

func (o *output) add(i int, v float64) {
	f := &families[i]
	if name := o.prefix + "process_" + f.name; f.typ == engine.CounterType {
		o.sink.Counter(name, f.help).Add(v)
	} else {
		o.sink.Gauge(name, f.help).Add(v)
	}
}

func (o *output) stat(p proc) error {
	st, err := p.stat()
	if err != nil {
		return err
	}
	o.add(cpu, st.cpu)
	o.add(virtualMemory, st.virtual)
	o.add(residentMemory, st.resident)
	if boot, err := p.boot(); err == nil {
		o.add(startTime, boot+st.start)
	}
	return nil
}

func (o *output) files(p proc) {
	if n, err := p.files(); err == nil {
		o.add(openFiles, n)
	}
}

func (o *output) limits(p proc) {
	if files, memory, err := p.limits(); err == nil {
		o.add(maxFiles, files)
		o.add(maxMemory, memory)
	}
}

func (o *output) network(p proc) {
	if in, out, err := p.network(); err == nil {
		o.add(received, in)
		o.add(transmitted, out)
	}
}
