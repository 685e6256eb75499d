package mmap

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// Merge merges files: those that this package writes, and client_python's, by their
// names (*.db). Families are in name order and their series in the order of their
// labels; what several processes have recorded is added up by type, and by gauge
// mode.
//
// If accumulate is false, buckets are not cumulative and Count is 0: the form in which
// client_python's merge gives histograms that are to be written to files again.
//
// The error joins a [*FileError] for each file that could not be read, and for each
// on which a family was left out because it disagrees with the first file that has
// it, in the order of their names. Everything else is in the families all the
// same.
//
// Files may be those of living processes. Files that a fold moves into an archive
// meanwhile are Vanished; [MergeDir] knows how to look for them.
func Merge(files []string, accumulate bool) ([]encode.Family, error) {
	ours, python := bySystem(files)
	m := newOnce(Limits{})
	for _, path := range ours {
		m.sources = append(m.sources, &source{path: path, handle: noHandle})
	}
	r := &result{accumulate: accumulate}
	m.run(r)
	r.addPython(python)
	return r.families, joined(r.problems)
}

// MergeDir is Merge of all files of a directory. It sees each of them once, as itself
// or in the archive, whatever is folded meanwhile.
func MergeDir(dir string, accumulate bool) ([]encode.Family, error) {
	d := newScanner(dir, Limits{})
	defer d.close()
	r := &result{accumulate: accumulate}
	err := d.scan(r)
	return r.families, errors.Join(err, joined(r.problems))
}

// bySystem sorts files, archives first, and takes out client_python's.
func bySystem(files []string) (ours, python []string) {
	for _, path := range files {
		if isPython(path) {
			python = append(python, path)
		} else {
			ours = append(ours, path)
		}
	}
	slices.SortFunc(ours, comparePaths)
	return slices.Compact(ours), python
}

// comparePaths is the order in which files are merged: archives first, because they
// hold what is oldest.
func comparePaths(a, b string) int {
	first := func(path string) bool { return filepath.Base(path) == archiveName }
	switch {
	case first(a) && !first(b):
		return -1
	case first(b) && !first(a):
		return 1
	}
	return strings.Compare(a, b)
}

func joined(problems []*FileError) error {
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// once merges files a single time. It reads a few hundred, adds them up, and uses
// their memory for the next.
type once struct {
	*readers
	sources []*source
	spare   []*source // whose memory is free
	listed  ids
}

func newOnce(l Limits) *once {
	l = l.orDefaults()
	return &once{readers: newReaders(newMerger(l), l)}
}

// atOnce is how many files are read before they are added up.
const atOnce = 256

func (m *once) run(r *result) {
	m.merger.begin()
	for rest := m.sources; len(rest) > 0; {
		some := rest[:min(atOnce, len(rest))]
		rest = rest[len(some):]
		for _, s := range some {
			m.lend(s)
		}
		m.each(some, func(s *source, d *desk) error { return s.open(m.merger.table, d, m.here, false) })
		for _, s := range some {
			m.add(s)
		}
	}
	nameProcesses(m.sources)
	m.merger.fill(r)
	for _, s := range m.sources {
		if s.err != nil {
			r.problems = append(r.problems, fileError(s.path, s.err))
		}
		s.close()
	}
	sortProblems(r.problems)
}

// lend gives a source the memory of one that needs it no more.
func (m *once) lend(s *source) {
	if n := len(m.spare); n > 0 {
		old := m.spare[n-1]
		m.spare = m.spare[:n-1]
		s.entries, s.words = old.entries[:0], old.words[:0]
		old.entries, old.words = nil, nil
	}
}

func (m *once) add(s *source) {
	if s.err != nil {
		return
	}
	if s.archived() {
		m.listed.list(s.folded)
	} else if s.err = m.listed.meet(s); s.err != nil || m.listed.folded[s.ID] {
		return
	}
	m.merger.add(s)
	if !s.lasting() {
		m.spare = append(m.spare, s)
	}
}

// lasting says whether the merge goes on looking at the source's words after it was
// added.
func (s *source) lasting() bool {
	for i := range s.entries {
		if s.entries[i].form.lasting {
			return true
		}
	}
	return false
}

func sortProblems(list []*FileError) {
	slices.SortStableFunc(list, func(a, b *FileError) int { return comparePaths(a.Path, b.Path) })
}
