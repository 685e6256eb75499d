// Package record has the log in which a program writes down what a metrics library
// did, so that the logs of two libraries can be compared line by line.
package record

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Log is what a program saw. It is for one goroutine.
type Log struct {
	lines []string
	parts map[string]*Log
}

// Lines returns what was written, line by line.
func (l *Log) Lines() []string {
	lines := slices.Clone(l.lines)
	for _, name := range slices.Sorted(maps.Keys(l.parts)) {
		lines = append(lines, l.parts[name].Lines()...)
	}
	return lines
}

// Printf writes a line, or several.
func (l *Log) Printf(format string, args ...any) {
	for line := range strings.Lines(clean(fmt.Sprintf(format, args...))) {
		l.lines = append(l.lines, strings.TrimSuffix(line, "\n"))
	}
}

// Add keeps what a part of a program wrote, whose parts run in any order: the whole
// is in the order of their names.
func (l *Log) Add(name string, part *Log) {
	if l.parts == nil {
		l.parts = make(map[string]*Log)
	}
	l.parts[name] = part
}

// Sorted writes a line for each value, in the order of lines.
func (l *Log) Sorted(what string, values iter.Seq[any]) {
	var lines []string
	for v := range values {
		lines = append(lines, fmt.Sprintf("%s: %v", what, v))
	}
	slices.Sort(lines)
	for _, line := range lines {
		l.Printf("%s", line)
	}
}

// Err writes an error down: its text, and that of each part of a list of errors,
// whose order is nobody's promise.
func (l *Log) Err(what string, err error) {
	if err == nil {
		l.Printf("%s: no error", what)
		return
	}
	texts := parts(err)
	slices.Sort(texts)
	for _, text := range texts {
		l.Printf("%s: error: %s", what, text)
	}
}

// parts takes a MultiError of either library apart, which says of itself only that it
// is a slice of errors.
func parts(err error) []string {
	text := err.Error()
	head, rest, ok := strings.Cut(text, "error(s) occurred:\n* ")
	if !ok {
		return []string{text}
	}
	return append(strings.Split(rest, "\n* "), head+"error(s) occurred")
}

// Try runs f and writes down what it panicked with, if it did.
func (l *Log) Try(what string, f func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
			l.Printf("%s: no panic", what)
		case error:
			l.Err(what+": panic", v)
		default:
			l.Printf("%s: panic of type %T: %v", what, v, v)
		}
	}()
	f()
}

// Is writes down whether the error is the target.
func (l *Log) Is(what string, err, target error) {
	l.Printf("%s: is %v", what, errors.Is(err, target))
}

var (
	stack   = regexp.MustCompile(`(?s)\nstack trace=.*`)
	address = regexp.MustCompile(`0x[0-9a-f]{6,}`)
	// protobuf's own text format has a second blank here and there, so that
	// nobody relies on it.
	blanks  = regexp.MustCompile(` {2,}`)
	ourPath = "github.com/pawl-metrics/pawl/compat/prometheus"
	hisPath = "github.com/prometheus/client_golang/prometheus"
	gofile  = regexp.MustCompile(`[^ ]*/([a-z_]+\.go):[0-9]+`)
	seconds = regexp.MustCompile(`(created_timestamp|timestamp|start_timestamp):?\s*\{[^}]*\}`)
	ranks   = regexp.MustCompile(`quantile:?\s*\{[^}]*\}`)
)

// clean takes out of a text what differs from run to run, and says of both libraries
// the same name.
func clean(s string) string {
	s = stack.ReplaceAllString(s, "\nstack trace")
	s = address.ReplaceAllString(s, "0xADDRESS")
	s = blanks.ReplaceAllString(s, " ")
	s = gofile.ReplaceAllString(s, "$1")
	s = seconds.ReplaceAllString(s, "$1:{}")
	s = ranks.ReplaceAllString(s, "quantile:{}")
	return strings.ReplaceAll(s, ourPath, hisPath)
}

// Compare returns the first difference of two logs with what came before it, or
// nil.
func Compare(want, got []string) error {
	for i := range max(len(want), len(got)) {
		w, g := at(want, i), at(got, i)
		if w != g {
			return fmt.Errorf("line %d\n    %s\n client_golang: %s\n        compat: %s",
				i+1, strings.Join(want[max(0, i-6):min(i, len(want))], "\n    "), w, g)
		}
	}
	return nil
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(the end)"
}
