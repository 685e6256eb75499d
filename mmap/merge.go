package mmap

import (
	"errors"
	"io/fs"
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
	m := newOnce(Limits{}, ours)
	defer m.close()
	m.run()
	r := &result{accumulate: accumulate}
	m.fill(r, true)
	r.addPython(python)
	return r.families, joined(r.problems)
}

// MergeDir is Merge of all files of a directory. It sees each of them once, as itself
// or in the archive, whatever is folded meanwhile.
func MergeDir(dir string, accumulate bool) ([]encode.Family, error) {
	for try := 1; ; try++ {
		names, err := namesIn(dir)
		if err != nil {
			return nil, err
		}
		ours, python := split(names)
		for i, name := range ours {
			ours[i] = filepath.Join(dir, name)
		}
		m := newOnce(Limits{}, ours)
		m.run()
		if m.moved(filepath.Join(dir, archiveName)) && try < again {
			m.close()
			continue
		}
		r := &result{accumulate: accumulate}
		m.fill(r, false)
		m.close()
		r.addPythonDir(dir, python)
		return r.families, joined(r.problems)
	}
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
	first := func(path string) bool {
		return strings.HasSuffix(path, archiveName) && filepath.Base(path) == archiveName
	}
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

func newOnce(l Limits, paths []string) *once {
	l = l.orDefaults()
	m := &once{readers: newReaders(newMerger(l), l)}
	for _, path := range paths {
		m.sources = append(m.sources, &source{path: path, handle: noHandle})
	}
	return m
}

// atOnce is how many files are read before they are added up.
const atOnce = 256

// run reads the files and adds them up: the archive before all others, which might be
// folded meanwhile.
func (m *once) run() {
	m.merger.begin()
	n := 0
	for n < len(m.sources) && filepath.Base(m.sources[n].path) == archiveName {
		n++
	}
	m.some(m.sources[:n])
	for some := range slices.Chunk(m.sources[n:], atOnce) {
		m.some(some)
	}
}

func (m *once) some(list []*source) {
	for _, s := range list {
		m.lend(s)
	}
	m.each(list, func(s *source, d *desk) error {
		return s.open(m.merger.table, d, m.here, filepath.Base(s.path) == archiveName)
	})
	for _, s := range list {
		m.add(s)
	}
}

// moved says whether a path leads to another archive than was read.
func (m *once) moved(path string) bool {
	if len(m.sources) > 0 && m.sources[0].path == path {
		return archiveMoved(path, m.sources[0])
	}
	return archiveMoved(path, nil)
}

// fill puts what was added up into a result. vanished says whether a file that is not
// there is an error.
func (m *once) fill(r *result, vanished bool) {
	nameProcesses(m.sources)
	m.merger.fill(r)
	for _, s := range m.sources {
		if s.err != nil && (vanished || !errors.Is(s.err, fs.ErrNotExist)) {
			r.problems = append(r.problems, fileError(s.path, s.err))
		}
	}
	sortProblems(r.problems)
}

func (m *once) close() {
	for _, s := range m.sources {
		s.close()
	}
}

// lend gives a source the memory of one that needs it no more.
func (m *once) lend(s *source) {
	if n := len(m.spare); n > 0 {
		old := m.spare[n-1]
		m.spare = m.spare[:n-1]
		s.words, old.words = old.words[:0], nil
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
	if !s.lasting {
		s.shape = shape{}
		m.spare = append(m.spare, s)
	}
}

func sortProblems(list []*FileError) {
	slices.SortStableFunc(list, func(a, b *FileError) int { return comparePaths(a.Path, b.Path) })
}
