package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// section is a part of a page that is written by Publish and by nobody else:
//
//	<!-- benchmarks: begin NAME -->
//	...
//	<!-- benchmarks: end NAME -->
type section struct {
	file, name string
	text       func(run *Run) string
}

var sections = []section{
	{"README.md", "summary", (*Run).summary},
	{"docs/performance.md", "machine", (*Run).origin},
	{"docs/performance.md", "targets", func(run *Run) string { return targetTable(run.Results, run.Procs).markdown() }},
}

// Publish writes the figures of a run into the pages of the repository at root.
func (run *Run) Publish(root string) error {
	for _, s := range sections {
		if err := s.publish(root, run); err != nil {
			return err
		}
	}
	return nil
}

// Stale names the sections of the repository at root that do not say what
// Publish would write.
func (run *Run) Stale(root string) (names []string, err error) {
	for _, s := range sections {
		page, err := os.ReadFile(filepath.Join(root, s.file))
		if err != nil {
			return nil, err
		}
		fresh, err := s.in(string(page), run)
		if err != nil {
			return nil, err
		}
		if fresh != string(page) {
			names = append(names, s.file+": "+s.name)
		}
	}
	return names, nil
}

func (s section) publish(root string, run *Run) error {
	file := filepath.Join(root, s.file)
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	fresh, err := s.in(string(page), run)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(fresh), 0o644)
}

// in returns the page with the section as the run would have it.
func (s section) in(page string, run *Run) (string, error) {
	begin, end := "<!-- benchmarks: begin "+s.name+" -->\n", "<!-- benchmarks: end "+s.name+" -->\n"
	before, rest, found := strings.Cut(page, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", fmt.Errorf("%s has no section between %q and %q", s.file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return before + begin + s.text(run) + end + after, nil
}

// origin says where the figures are from.
func (run *Run) origin() string {
	return fmt.Sprintf("%s, GOMAXPROCS %d, %s; %s; by `cd benchmarks && %s`.\n",
		run.Machine.find("CPU"), run.Procs, run.Machine.find("Go"), run.Begin.UTC().Format("2006-01-02"), run.Command)
}

func (f Facts) find(name string) string {
	for _, fact := range f {
		if fact[0] == name {
			return fact[1]
		}
	}
	return "unknown " + name
}
