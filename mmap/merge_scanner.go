package mmap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// directory is a directory that is scanned again and again. Between scans it keeps
// what it knows of each file: of dead ones what they hold, of living ones where
// they hold it.
//
// Model. It belongs to one goroutine at a time.
type scanner struct {
	path string
	*readers
	limits  Limits
	sources map[string]*source // by name
	order   []*source          // as they are merged
	ids     ids
	python  pythonFiles
	inexact uint64 // copies that had to be taken as they stood, so far
}

func newScanner(path string, l Limits) *scanner {
	l = l.orDefaults()
	return &scanner{path: path, limits: l, readers: newReaders(newMerger(l), l), sources: make(map[string]*source)}
}

func (d *scanner) close() {
	for _, s := range d.sources {
		s.close()
	}
	clear(d.sources)
}

// again is how often a scan is begun anew because there was a fold meanwhile.
const again = 8

// scan reads what has changed, and merges all. The error is that of the directory.
//
// The archive comes first, and is looked at once more at the end. A file that was there
// when the names were read, and has been folded since, is in neither: then there
// is another archive by that name.
func (d *scanner) scan(r *result) error {
	var pythonNames []string
	for range again {
		names, err := namesIn(d.path)
		if err != nil {
			return err
		}
		names, pythonNames = split(names)
		d.sync(names)
		if !archiveMoved(filepath.Join(d.path, archiveName), d.sources[archiveName]) {
			break
		}
	}
	d.merge()
	d.merger.fill(r)
	for _, s := range d.order {
		if s.err != nil && !errors.Is(s.err, fs.ErrNotExist) {
			r.problems = append(r.problems, fileError(s.path, s.err))
		}
	}
	d.scanPython(r, pythonNames)
	sortProblems(r.problems)
	return nil
}

// namesIn returns the names of a directory's files, in no order.
func namesIn(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fileError(dir, err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, fileError(dir, err)
	}
	return names, nil
}

// split takes the names of our files, in the order of the merge, and client_python's
// out of all.
func split(names []string) (ours, python []string) {
	ours = names[:0]
	for _, name := range names {
		switch {
		case isOurs(name):
			ours = append(ours, name)
		case isPython(name):
			python = append(python, name)
		}
	}
	slices.SortFunc(ours, comparePaths)
	return ours, python
}

// isOurs says whether a name is that of a process' file or of the archive.
func isOurs(name string) bool {
	return name == archiveName || strings.HasSuffix(name, suffix) &&
		(strings.HasPrefix(name, processPrefix) || strings.HasPrefix(name, slotPrefix))
}

// sync makes the sources those of the names, and reads what may have changed.
func (d *scanner) sync(names []string) {
	d.order = d.order[:0]
	present := make(map[string]bool, len(names))
	var stale []*source
	for _, name := range names {
		present[name] = true
		s := d.sources[name]
		if s == nil || s.outdated() {
			if s != nil {
				s.close()
			}
			s = &source{path: filepath.Join(d.path, name), handle: noHandle}
			d.sources[name] = s
		}
		d.order = append(d.order, s)
		if !s.settled {
			stale = append(stale, s)
		}
	}
	for name, s := range d.sources {
		if !present[name] {
			s.close()
			delete(d.sources, name)
		}
	}
	if len(stale) > 0 && stale[0].path == filepath.Join(d.path, archiveName) {
		d.each(stale[:1], d.read) // before the files that a fold may move into it
		stale = stale[1:]
	}
	d.each(stale, d.read)
}

// outdated says whether the source says nothing about what its name leads to now.
func (s *source) outdated() bool {
	if s.err != nil || s.state == Foreign {
		return true
	}
	if !slotted(s.path) {
		return false
	}
	id, err := identOf(s.path)
	return err != nil || id != s.id
}

// read reads a file for the first time, or one whose process lived when it was read
// last.
func (d *scanner) read(s *source, desk *desk) error {
	t := d.merger.table
	if !s.handle.open() {
		return s.open(t, desk, d.here, true)
	}
	held, err := s.handle.held()
	if err != nil {
		return err
	}
	if !held {
		s.state = Dead // before it is read: so this is the last time
	}
	if err := s.readAgain(t, desk, s.handle); err != nil || held {
		return err
	}
	s.handle.close()
	s.handle = noHandle
	if !slotted(s.path) {
		s.close()
	}
	s.settle(desk)
	return nil
}

// archiveMoved says whether the archive's name leads to another file than s, which was
// read and is still mapped; nil if there was none.
func archiveMoved(path string, s *source) bool {
	id, err := identOf(path)
	if s == nil {
		return err == nil
	}
	return s.err == nil && (err != nil || id != s.id)
}

// merge adds up all sources.
func (d *scanner) merge() {
	d.merger.begin()
	d.ids.reset()
	for _, s := range d.order {
		switch {
		case s.err != nil:
			continue
		case s.archived():
			d.ids.list(s.folded)
		case d.ids.folded[s.ID]:
			continue
		default:
			if s.err = d.ids.meet(s); s.err != nil {
				continue
			}
		}
		d.inexact += uint64(s.inexact)
		s.inexact = 0
		d.merger.add(s)
	}
	nameProcesses(d.order)
}

// count returns how many files of processes are in a state.
func (d *scanner) count(state Liveness) (n int) {
	for _, s := range d.order {
		if s.err == nil && s.state == state && !s.archived() {
			n++
		}
	}
	return n
}
