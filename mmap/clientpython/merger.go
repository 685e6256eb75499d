package clientpython

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// Options configures a [Merger]. The zero value is ready for use.
type Options struct {
	// MaxFileSize limits the bytes that a file may have in use; [MaxFileSize] if 0.
	// A merger keeps memory for the largest file it has read.
	MaxFileSize int64

	// DropDead leaves out gauges of live modes whose file nobody has open any more,
	// so that nobody has to call mark_process_dead for a process that was killed. It
	// asks the kernel, as [Fold] does; where the kernel does not tell, they stay.
	DropDead bool
}

// Merger merges files again and again, and remembers every key it has met, so that only
// values cost anything. It belongs to one goroutine at a time.
type Merger struct {
	buffer   buffer
	dropDead bool
	patience time.Duration // with a fold

	tables   map[File]*table // by kind of file
	families map[familyKey]*family
	owners   map[string]*owner
	keys     int // in tables

	// What follows is of the present scan.
	scan uint64
	open []*family
	met  int // entries
	errs []error
}

// owner is which family has a name in a scan.
type owner struct {
	scan     uint64
	family   *family
	disputed bool // an error says so
}

// NewMerger returns a merger that has not met any key yet.
func NewMerger(o Options) *Merger {
	if o.MaxFileSize == 0 {
		o.MaxFileSize = MaxFileSize
	}
	m := &Merger{buffer: buffer{max: o.MaxFileSize}, dropDead: o.DropDead, patience: patience}
	m.forget()
	return m
}

// forget drops all keys.
func (m *Merger) forget() {
	m.tables = make(map[File]*table)
	m.families = make(map[familyKey]*family)
	m.owners = make(map[string]*owner)
	m.keys = 0
}

// Merge merges files once; see [Merger.Merge].
func Merge(paths []string, accumulate bool) ([]encode.Family, []error) {
	return NewMerger(Options{}).Merge(paths, accumulate)
}

// Merge merges files, archives before the others. Where order matters (between equal
// timestamps, and between files that disagree on a help text, type or mode) the first
// one wins.
//
// Families are in name order and series in label order. Buckets are cumulative if
// accumulate is set; if not, each bucket has its own count and Count is 0, which suits
// those who write the result to files again, and no exposition.
//
// A file that cannot be read is one error of type [*FileError], a family on which
// files disagree is one of type [*FamilyError], and everything else is merged. A file
// of a live mode that is not there is no error, because it may go at any time. Label
// slices belong to the merger and may not be changed.
func (m *Merger) Merge(paths []string, accumulate bool) ([]encode.Family, []error) {
	m.begin()
	paths = inOrder(paths)
	inside := m.archives(paths)
	for _, path := range paths {
		if f, ok := ParseName(path); !ok {
			m.foreign(path)
		} else if !f.Archive && !inside[filepath.Clean(path)] {
			m.merge(path, f)
		}
	}
	return m.result(accumulate), m.errs
}

func (m *Merger) begin() {
	const few = 4096
	if m.keys > 2*m.met+few { // most keys are of files that are gone
		m.forget()
	}
	m.scan++
	m.open, m.met, m.errs = m.open[:0], 0, nil
}

// inOrder returns paths in the order in which they are merged. A process that has the
// identifier of a dead one comes after it.
func inOrder(paths []string) []string {
	paths = slices.Clone(paths)
	slices.SortStableFunc(paths, func(a, b string) int { return rank(a) - rank(b) })
	return paths
}

func rank(path string) int {
	f, _ := ParseName(path)
	switch {
	case f.Archive:
		return rankArchive
	case f.Dead:
		return rankDead
	}
	return rankOther
}

const (
	rankArchive = iota
	rankDead
	rankOther
)

// foreign reports a file that is not client_python's, unless it is empty or gone.
func (m *Merger) foreign(path string) {
	if data, err := m.buffer.head(path); err != nil || len(data) > 0 {
		if err == nil {
			err = ErrForeign
		}
		m.fail(path, err)
	}
}

func (m *Merger) fail(path string, err error) { m.errs = append(m.errs, in(path, err)) }

// archives merges the archives among paths, and returns the paths of files that are in
// them and must not count again.
func (m *Merger) archives(paths []string) (inside map[string]bool) {
	inside = make(map[string]bool)
	dead := slices.ContainsFunc(paths, func(p string) bool { return rank(p) == rankDead })
	for _, path := range paths {
		if rank(path) != rankArchive {
			break
		}
		if err := m.archive(path, dead, inside); err != nil {
			m.fail(path, err)
		}
	}
	return inside
}

// archive merges one archive, and adds its members to inside if that is asked for.
func (m *Merger) archive(path string, list bool, inside map[string]bool) error {
	a, err := m.buffer.archive(path)
	if err != nil {
		return err
	}
	if list {
		members, err := a.members()
		if err != nil {
			return err
		}
		for _, name := range members {
			inside[filepath.Join(filepath.Dir(path), name)] = true
		}
	}
	f, _ := ParseName(path)
	m.add(path, f, &a.body, a.rests)
	return nil
}

// merge merges one file that is no archive.
func (m *Merger) merge(path string, f File) {
	b, err := m.buffer.body(path, m.dropDead && f.ofLive())
	if errors.Is(err, fs.ErrNotExist) && f.ofLive() || err == errDead {
		return
	}
	if err != nil {
		m.fail(path, err)
		return
	}
	m.add(path, f, &b, nil)
}

// add merges the entries of a file. Rests, if there are any, belong to the values.
func (m *Merger) add(path string, f File, b *body, rests []byte) {
	t, rule := m.table(f), f.rule()
	m.met += b.entries
	var bad error
	n := &t.start
	for pos := headerSize; pos < len(b.data); {
		text, value, next := b.at(pos)
		previous := n
		if n = t.after(previous, text); n == nil {
			n = m.learn(t, text)
			previous.next = n
		}
		if n.err != nil && bad == nil {
			bad = damaged(pos, n.err)
		}
		if n.cell != nil && (n.cell.scan == m.scan || m.enter(n, path)) {
			if rule == All {
				n.cell.pids = append(n.cell.pids, pidValue{n.pid(f), b.value(value)})
			} else {
				n.cell.add(rule, b.value(value), b.stamp(value))
			}
			if len(rests) > 0 {
				n.cell.total.add(float(rests))
			}
		}
		if len(rests) > 0 {
			rests = rests[8:]
		}
		pos = next
	}
	if bad != nil {
		m.fail(path, bad)
	}
}

// pid is whose value an entry with this key in a file is.
func (n *node) pid(f File) string {
	if f.withPIDs() {
		return n.key.pid
	}
	return f.PID
}

// table returns the table for a kind of file.
func (m *Merger) table(f File) *table {
	kind := File{Type: f.Type, Mode: f.Mode, Archive: f.withPIDs()}
	t := m.tables[kind]
	if t == nil {
		t = &table{kind: kind, nodes: make(map[string]*node)}
		m.tables[kind] = t
	}
	return t
}

// learn parses a key that is new.
func (m *Merger) learn(t *table, text []byte) *node {
	n := &node{text: string(text)}
	t.nodes[n.text] = n
	m.keys++
	if n.key, n.err = parseKey(text, t.kind.Type); n.err != nil || n.key.part == nothing {
		return n
	}
	k := familyKey{n.key.family, t.kind.Type, t.kind.rule()}
	if n.family = m.families[k]; n.family == nil {
		n.family = newFamily(k)
		m.families[k] = n.family
	}
	n.cell = n.family.cell(&n.key)
	return n
}

// enter makes a cell take part in this scan, and says whether it may.
func (m *Merger) enter(n *node, path string) bool {
	f := n.family
	o := m.owners[f.name]
	if o == nil {
		o = new(owner)
		m.owners[f.name] = o
	}
	if o.scan != m.scan {
		*o = owner{scan: m.scan, family: f}
		f.help = n.key.help
		m.open = append(m.open, f)
	}
	if o.family != f {
		if !o.disputed {
			m.errs = append(m.errs, &FamilyError{f.name, path, ErrConflict})
		}
		o.disputed = true
		return false
	}
	n.cell.begin(m.scan)
	return true
}
