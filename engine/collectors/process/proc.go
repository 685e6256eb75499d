package process

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// proc is one process's directory in /proc. See proc(5) for the files.
type proc struct{ root, dir string }

// ticksPerSecond is the unit of times in /proc/PID/stat. The kernel has shown all
// programs the same 100 on every architecture that Go supports.
const ticksPerSecond = 100

// status is what /proc/PID/stat says, in seconds and bytes.
type status struct{ cpu, start, virtual, resident float64 }

// stat reads /proc/PID/stat. The command's name stands in parentheses and may hold
// anything, parentheses too: the fields begin behind the last one.
func (p proc) stat() (st status, err error) {
	path := filepath.Join(p.dir, "stat")
	text, err := os.ReadFile(path)
	if err != nil {
		return st, fmt.Errorf("process: %w", err)
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	// Field 3 of proc(5), the state, comes first here.
	at := func(field int) float64 {
		if field -= 3; err == nil && field < len(fields) {
			var v float64
			v, err = strconv.ParseFloat(string(fields[field]), 64)
			return v
		}
		if err == nil {
			err = fmt.Errorf("there are %d fields behind the name", len(fields))
		}
		return 0
	}
	st = status{
		cpu:      (at(14) + at(15)) / ticksPerSecond,
		start:    at(22) / ticksPerSecond,
		virtual:  at(23),
		resident: at(24) * float64(os.Getpagesize()),
	}
	if err != nil {
		return status{}, fmt.Errorf("process: %s: %w", path, err)
	}
	return st, nil
}

// boot returns when the system was started, in Unix time.
func (p proc) boot() (seconds float64, err error) {
	path := filepath.Join(p.root, "stat")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "btime "); ok {
			return strconv.ParseFloat(strings.TrimSpace(rest), 64)
		}
	}
	return 0, fmt.Errorf("process: %s: there is no line btime", path)
}

// files counts the open file descriptors, less the one that counting takes when the
// process is this one.
func (p proc) files() (n float64, err error) {
	d, err := os.Open(filepath.Join(p.dir, "fd"))
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return 0, fmt.Errorf("process: %w", err)
	}
	n = float64(len(names))
	if filepath.Base(p.dir) == strconv.Itoa(os.Getpid()) {
		n--
	}
	return n, nil
}

// limits returns the soft limits of open files and of address space.
func (p proc) limits() (files, memory float64, err error) {
	path := filepath.Join(p.dir, "limits")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, fmt.Errorf("process: %w", err)
	}
	files, okFiles := limit(string(text), "Max open files")
	memory, okMemory := limit(string(text), "Max address space")
	if !okFiles || !okMemory {
		return 0, 0, fmt.Errorf("process: %s: a limit is missing", path)
	}
	return files, memory, nil
}

// limit finds a soft limit by its title. No limit is the greatest one that there is, as
// the kernel has it.
func limit(text, title string) (v float64, ok bool) {
	for line := range strings.Lines(text) {
		rest, found := strings.CutPrefix(line, title)
		fields := strings.Fields(rest)
		if !found || len(fields) == 0 {
			continue
		}
		if fields[0] == "unlimited" {
			return math.MaxUint64, true
		}
		v, err := strconv.ParseFloat(fields[0], 64)
		return v, err == nil
	}
	return 0, false
}

// network returns the traffic of the process's network namespace, from the two lines
// IpExt of /proc/PID/net/netstat: names, then values.
func (p proc) network() (in, out float64, err error) {
	path := filepath.Join(p.dir, "net", "netstat")
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, fmt.Errorf("process: %w", err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, "IpExt: ")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if names == nil {
			names = fields
			continue
		}
		for i, name := range names[:min(len(names), len(fields))] {
			switch v, _ := strconv.ParseFloat(fields[i], 64); name {
			case "InOctets":
				in = v
			case "OutOctets":
				out = v
			}
		}
		return in, out, nil
	}
	return 0, 0, fmt.Errorf("process: %s: there are no lines IpExt", path)
}
