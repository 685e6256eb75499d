package mmap

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/nativehist"
)

// Liveness is what is known of the process that wrote a file.
type Liveness uint8

// What can be known. FORMAT.md, "Whose file it is", says how.
const (
	Alive   Liveness = iota // it holds the lock
	Dead                    // nobody does, and it ran on this machine
	Foreign                 // nobody does, and it ran on another machine
)

// String returns the liveness as the label state of pawl_files has it.
func (l Liveness) String() string { return [...]string{"alive", "dead", "foreign"}[l] }

// source is one file, open or read already.
//
// Model. It belongs to one goroutine at a time: to a reader of files while a scan
// reads, to the merge after.
type source struct {
	path string
	*file.Header
	id    ident
	state Liveness
	err   error

	handle  handle // while it is alive
	mapping []byte
	view    file.View
	ground

	records []seen                 // all there are, of a file that may change
	walked  uint64                 // bytes of the directory that they take
	found   []found                // those that count, until the source is settled
	last    *form                  // of the last one that was taken
	gone    map[file.Replaced]bool // records that another one stands for
	folded  []file.ID
	shape            // what the merge has of those that count
	out     int      // words of all of them
	words   []uint64 // their starts, and what they hold, as it was read
	weight  uint64   // bytes of their cells
	copied  []uint64
	most    int64  // bytes that the file may have
	inexact int    // copies in this scan that had to be taken as they stood
	settled bool   // and it will not change
	label   string // pid in gauges of the modes all and liveall
}

// archived says whether the file is what a fold left.
func (s *source) archived() bool { return s.Header != nil && s.Kind == file.Archive }

// living says whether live modes count what the file holds.
func (s *source) living() bool { return s.state == Alive && !s.archived() }

// slotted says whether another file may take this one's name.
func slotted(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(name, slotPrefix) || name == archiveName
}

// open opens the file, finds out whose it is, and reads what it holds. keep says that
// it will be read again: then what may change, or be replaced, stays mapped.
func (s *source) open(t *table, d *desk, here *machine, keep bool) error {
	h, id, size, err := openFile(s.path)
	if err != nil {
		return err
	}
	defer func() {
		if s.handle != h {
			h.close()
		}
	}()
	s.id, s.handle, s.most = id, noHandle, d.limits.FileBytes
	if size > d.limits.FileBytes {
		return errOversized
	}
	held, err := h.held()
	unknown := errors.Is(err, lock.ErrUnsupported)
	if err != nil && !unknown {
		return err
	}
	if err := s.look(h, d, size, held, keep); err != nil {
		return err
	}
	if s.Header, err = s.view.Header(); err != nil {
		return err
	}
	if s.state = here.liveness(s.Header, held); unknown && s.Kind == file.Process {
		s.state = Foreign
	}
	if s.state == Alive && keep {
		s.handle = h
	}
	if s.mapping != nil && s.state != Dead {
		return s.readAgain(t, d, h)
	}
	return s.readOnce(t, d, h)
}

// look makes the file's bytes visible: in a mapping, or on the desk.
func (s *source) look(h handle, d *desk, size int64, held, keep bool) (err error) {
	if size < file.ExtentsAt {
		return fmt.Errorf("%d bytes, where the shortest file has %d: %w", size, file.ExtentsAt, file.ErrTruncated)
	}
	if held || keep && slotted(s.path) || size > deskBytes {
		if s.mapping, err = h.mapped(size); err != nil {
			return err
		}
		s.view, err = file.NewView(s.mapping)
		return err
	}
	s.view, err = d.read(h, size)
	return err
}

// close gives back what the source holds of the system.
func (s *source) close() {
	s.handle.close()
	unmap(s.mapping)
	s.handle, s.mapping = noHandle, nil
}

// readOnce reads a file that does not change any more.
func (s *source) readOnce(t *table, d *desk, h handle) error {
	s.ground, s.found = d.ground, d.found
	s.index.Reset()
	s.forget()
	p, err := s.extend()
	if err != nil {
		return err
	}
	if s.mapping == nil {
		if err := d.readDirectory(h, &s.index, p.Directory); err != nil {
			return err
		}
	}
	if err := s.collect(t, d, p.Directory); err != nil {
		return err
	}
	if s.mapping == nil {
		if err := d.readCells(h, s); err != nil {
			return err
		}
	}
	for i := range s.found {
		s.read(&s.found[i], false)
	}
	s.settle(d)
	return nil
}

// extend reads the published words, and the extents that are new.
func (s *source) extend() (file.Published, error) {
	p, err := s.view.Published()
	if err != nil {
		return p, err
	}
	if p.Extents != s.index.Extents() {
		err = s.index.Extend(s.view, p.Extents)
		s.forget()
	}
	return p, err
}

// collect lists the records of a file that does not change.
func (s *source) collect(t *table, d *desk, bytes uint64) error {
	met := 0
	for record, err := range s.index.Records(bytes, &d.record) {
		if err == nil && met >= d.limits.Records {
			err = errOversized
		}
		if err == nil && record.State.Status() == file.Live {
			err = s.take(t, &d.record, seen{Entry: record})
		}
		if err != nil {
			return err
		}
		met++
	}
	s.dropGone()
	s.words = slices.Grow(s.words[:0], s.out)[:s.out]
	return nil
}

// take takes a live record.
func (s *source) take(t *table, r *file.Record, at seen) error {
	for _, old := range r.Replaced {
		s.leave(old)
	}
	var err error
	if isFolded(r.Desc) {
		err = s.fold(r.Desc)
	} else {
		err = s.enter(t, r, at)
	}
	if err != nil {
		return s.in(at.At, err)
	}
	return nil
}

// in adds to an error where in the file the record is.
func (s *source) in(at uint64, err error) error {
	var known *damageAt
	if errors.As(err, &known) {
		err = known.err
	}
	offset, _ := s.index.Place(at)
	return &damageAt{offset, err}
}

// isFolded says whether a descriptor lists files that an archive contains. It has an
// empty key, which no series has.
func isFolded(desc []byte) bool {
	return len(desc) > 2 && desc[0] == 0 && desc[1] == 0 && descriptor.Kind(desc[2]) == descriptor.Folded
}

func (s *source) fold(desc []byte) error {
	d, err := descriptor.Parse(desc)
	if err != nil {
		return err
	}
	if !s.archived() {
		return damaged(0, "a list of folded files in a file that is no archive")
	}
	for _, id := range d.IDs {
		s.folded = append(s.folded, id)
	}
	return nil
}

// enter adds a record to those that count.
func (s *source) enter(t *table, r *file.Record, at seen) error {
	before := s.last
	if before == nil {
		before = &t.first
	}
	p, err := t.find(r, before)
	if err != nil {
		return err
	}
	e := found{entry: entry{form: p, words: r.Words, out: uint32(s.out), part: -1},
		seen: at, start: p.start(r.Desc), chunk: r.Chunk, first: r.First, unread: true}
	var part nativehist.Part
	if p.parted() {
		var ok bool
		if part, ok = p.part(r.Desc); !ok {
			return damaged(0, "descriptor of %q: no part of a native histogram", p.Family)
		}
		e.part = int32(len(s.parts))
		s.parts = append(s.parts, part)
	}
	n, ok := p.outWords(r.Words, &part)
	if !ok {
		return damaged(0, "record of %q: %d words", p.Family, r.Words)
	}
	if len(s.stripes(r.Chunk)) == 0 {
		return damaged(0, "record of %q: in chunk %d, which is not there", p.Family, r.Chunk)
	}
	// Honest records have disjoint cells. Others could make a small file cost a reader
	// as much as they like.
	if s.weight += e.weight(s); s.weight > s.view.Len() {
		return damaged(0, "records that share cells")
	}
	s.out += 1 + n
	s.last = p
	s.found = append(s.found, e)
	return nil
}

// weight is how many bytes of cells the entry has.
func (e *found) weight(s *source) uint64 {
	return uint64(e.words) * 8 * uint64(len(s.stripes(e.chunk)))
}

// dropGone takes out records that another one stands for.
func (s *source) dropGone() {
	if len(s.gone) == 0 {
		return
	}
	s.found = slices.DeleteFunc(s.found, func(e found) bool {
		gone := s.gone[file.Replaced(e.Entry)]
		if gone {
			s.weight -= min(s.weight, e.weight(s))
		}
		return gone
	})
}

// leave notes a record that does not count.
func (s *source) leave(r file.Replaced) {
	if s.gone == nil {
		s.gone = make(map[file.Replaced]bool)
	}
	s.gone[r] = true
}
