package mmap

import (
	"slices"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/nativehist"
)

// entry is a record that counts, as the merge has it.
type entry struct {
	form  *form
	words uint32 // of its slab
	out   uint32 // where among the source's words its start is; what it holds comes next
	part  int32  // of a native histogram, among the shape's
}

// found is an entry, and where in the file it is: what it takes to read it.
type found struct {
	entry
	seen
	start        int64
	chunk, first uint32
	unread       bool // in this scan
}

// shape is what a file has, without what that holds. The processes of a program make
// the same series in the same order, so thousands of files can have one shape: then
// none of them takes more memory than its numbers do.
//
// Model. A shape that a desk has handed out never changes.
type shape struct {
	entries []entry
	parts   []nativehist.Part
	lasting bool // the merge goes on looking at the words after they were added
}

// list makes the shape that of the entries that were found.
func (s *source) list() {
	s.entries = slices.Grow(s.entries[:0], len(s.found))
	s.lasting = false
	for i := range s.found {
		e := &s.found[i].entry
		s.entries = append(s.entries, *e)
		s.lasting = s.lasting || e.form.lasting
	}
}

// began returns the start timestamp of an entry; 0 is not known.
func (s *source) began(e *entry) int64 { return int64(s.words[e.out]) }

// holds returns the words of an entry, as [source.read] has them, and those behind.
func (s *source) holds(e *entry) []uint64 { return s.words[e.out+1:] }

// settle leaves of a source whose words are final what the merge needs.
func (s *source) settle(d *desk) {
	if known := d.shapeOf(s); known != nil {
		s.shape = *known
	} else {
		s.list()
		d.remember(s.shape)
	}
	if cap(s.found) <= mostRemembered {
		d.found = s.found[:0]
	}
	s.settled = true
	s.records, s.found, s.gone, s.copied = nil, nil, nil, nil
	d.ground, s.ground, s.view = s.ground, ground{}, file.View{}
}

// A desk remembers the shapes of a few programs, if they are not so long that files
// that nobody trusts could make it remember a lot.
const (
	fewShapes      = 8
	mostRemembered = 1 << 14 // entries
)

// shapeOf returns the shape that the source has, if the desk remembers it.
func (d *desk) shapeOf(s *source) *shape {
	for i := range d.shapes {
		if d.shapes[i].fits(s) {
			known := d.shapes[i]
			copy(d.shapes[1:i+1], d.shapes[:i])
			d.shapes[0] = known
			return &d.shapes[0]
		}
	}
	return nil
}

// fits says whether the shape is that of the entries that were found.
func (p *shape) fits(s *source) bool {
	if len(p.entries) != len(s.found) || !slices.Equal(p.parts, s.parts) {
		return false
	}
	for i := range p.entries {
		if p.entries[i] != s.found[i].entry {
			return false
		}
	}
	return true
}

// remember puts a shape in the place of the one that was met longest ago.
func (d *desk) remember(p shape) {
	if len(p.entries) > mostRemembered {
		return
	}
	if len(d.shapes) < fewShapes {
		d.shapes = append(d.shapes, shape{})
	}
	copy(d.shapes[1:], d.shapes)
	d.shapes[0] = p
}
