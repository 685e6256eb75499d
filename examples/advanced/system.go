package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
)

// systemCollector reads the machine's CPU, memory and disk statistics from /proc (see
// proc(5)). The kernel keeps them; nothing is to be gained by copying them into counters
// of our own between scrapes.
type systemCollector struct {
	root string // /proc, or a copy of it in tests
}

// ticks is the unit of CPU times in /proc/stat, 1/100 s.
const ticks = 100

// sector is the unit of /proc/diskstats, whatever the disk's own is.
const sector = 512

func (c *systemCollector) Collect(_ context.Context, s *engine.Sink) error {
	for _, part := range []func(*engine.Sink) error{c.cpu, c.memory, c.disks} {
		if err := part(s); err != nil {
			return fmt.Errorf("system: %w", err)
		}
	}
	return nil
}

// cpu makes system_cpu_seconds_total{core,mode}.
func (c *systemCollector) cpu(s *engine.Sink) error {
	seconds := s.Counter("system_cpu_seconds_total", "Seconds that each core has spent in each mode.", "core", "mode")
	modes := []string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}
	return c.lines("stat", func(fields []string) error {
		core, ok := strings.CutPrefix(fields[0], "cpu")
		if !ok || core == "" { // cpu alone is the sum of all
			return nil
		}
		for i, mode := range modes[:min(len(modes), len(fields)-1)] {
			v, err := strconv.ParseFloat(fields[i+1], 64)
			if err != nil {
				return err
			}
			seconds.Add(v/ticks, core, mode)
		}
		return nil
	})
}

// memory makes system_memory_bytes{type}.
func (c *systemCollector) memory(s *engine.Sink) error {
	bytes := s.Gauge("system_memory_bytes", "Memory of the machine by type.", "type")
	types := map[string]string{"MemTotal:": "total", "MemAvailable:": "available", "MemFree:": "free", "Cached:": "cached"}
	return c.lines("meminfo", func(fields []string) error {
		kind, ok := types[fields[0]]
		if !ok || len(fields) < 2 {
			return nil
		}
		kib, err := strconv.ParseFloat(fields[1], 64)
		bytes.Add(kib*1024, kind)
		return err
	})
}

// disks makes system_disk_io_bytes_total{device,direction}.
func (c *systemCollector) disks(s *engine.Sink) error {
	bytes := s.Counter("system_disk_io_bytes_total", "Bytes read from and written to disks.", "device", "direction")
	return c.lines("diskstats", func(fields []string) error {
		const name, read, written = 2, 5, 9
		if len(fields) <= written {
			return nil
		}
		for direction, at := range map[string]int{"read": read, "write": written} {
			sectors, err := strconv.ParseFloat(fields[at], 64)
			if err != nil {
				return err
			}
			bytes.Add(sectors*sector, fields[name], direction)
		}
		return nil
	})
}

// lines calls do with the fields of each line of a file that has any.
func (c *systemCollector) lines(file string, do func(fields []string) error) error {
	f, err := os.Open(filepath.Join(c.root, file))
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		if fields := strings.Fields(in.Text()); len(fields) > 0 {
			if err := do(fields); err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
		}
	}
	return in.Err()
}
