package mmap

import (
	"errors"
	"fmt"
	"time"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// Inspection is everything that a file says, for people who look into it: cmd/pawl
// inspect prints it.
type Inspection struct {
	Path  string
	Size  int64
	State Liveness

	// Of the header.
	Archive bool
	Made    time.Time
	ID      string // 32 hex digits
	PID     uint64
	Host    string
	Slot    string // empty: none
	Boot    [16]byte

	// Of the published words.
	Closed         bool // by its writer, who did not die
	DirectoryBytes uint64
	Extents        []Extent

	Records []InspectedRecord
	Folded  []string // ids of the files that an archive contains

	// Damage is all that is wrong. What could be read is there all the same; a merge
	// would leave out the whole file.
	Damage []*FileError

	copied int64 // bytes of cells
}

// Extent is a part of a file: a piece of the directory, or stripes of a chunk.
type Extent struct {
	Cells          bool // not: directory
	Chunk          uint32
	Stripe         uint32 // the first one; 0 is the shared one, 1+p that of P p
	Stripes        uint32
	Offset, Length uint64
}

// InspectedRecord is one record of the directory.
type InspectedRecord struct {
	Offset uint64 // in the file
	Status string // live, withdrawn, dead
	Uses   uint64
	Length int

	// Of a record that can be read. Cells are the words of each stripe, the shared one
	// first, as they stood: FORMAT.md, "Cells", says what they mean.
	Descriptor *descriptor.Descriptor
	Chunk      uint32
	First      uint32 // word within a stripe
	Words      uint32
	Cells      [][]uint64
	Replaces   int
}

// Inspect reads a file and does not mind damage: what can be read is in the result,
// and what cannot is among its Damage. The error is that of a file of which there is
// nothing to say at all: it cannot be opened, is too large, or has no valid header.
func Inspect(path string) (*Inspection, error) {
	in := &Inspection{Path: path}
	err := guard(in.open)
	if err != nil {
		if in.ID == "" {
			return nil, fileError(path, err)
		}
		in.damage(err)
	}
	return in, nil
}

func (in *Inspection) damage(err error) { in.Damage = append(in.Damage, fileError(in.Path, err)) }

func (in *Inspection) open() error {
	h, _, size, err := openFile(in.Path)
	if err != nil {
		return err
	}
	defer h.close()
	in.Size = size
	if size > (Limits{}).orDefaults().FileBytes {
		return errOversized
	}
	if size < file.ExtentsAt {
		return file.ErrTruncated
	}
	mapping, err := h.mapped(size)
	if err != nil {
		return err
	}
	defer unmap(mapping)
	v, err := file.NewView(mapping)
	if err != nil {
		return err
	}
	header, err := v.Header()
	if err != nil {
		return err
	}
	held, err := h.held()
	in.header(header, held)
	if err != nil {
		in.damage(err)
	}
	return in.contents(v)
}

func (in *Inspection) header(h *file.Header, held bool) {
	in.State = thisMachine().liveness(h, held)
	in.Archive = h.Kind == file.Archive
	in.Made, in.ID, in.PID, in.Host, in.Slot, in.Boot = time.Unix(0, h.Made), h.ID.String(), h.PID, h.Host, h.Slot, h.Boot
}

// contents reads extents and records. It goes on behind what is wrong as far as that
// says where.
func (in *Inspection) contents(v file.View) error {
	p, err := v.Published()
	if err != nil {
		return err
	}
	in.Closed, in.DirectoryBytes = p.Closed, p.Directory
	var x file.Index
	for i := range p.Extents {
		e, err := v.Extent(i)
		if err == nil {
			err = x.Extend(v, i+1)
		}
		if err != nil {
			in.damage(&damageAt{file.ExtentAt(i), err})
			break
		}
		in.Extents = append(in.Extents, Extent{e.Kind == file.Cells, e.Chunk, e.Stripe, e.Stripes, e.Offset, e.Length})
	}
	most := (Limits{}).orDefaults().Records
	for e, err := range x.Walk(0, p.Directory) {
		at, _ := x.Place(e.At)
		switch {
		case err != nil:
			in.damage(&damageAt{at, err})
		case len(in.Records) == most:
			return errOversized
		default:
			in.record(&x, e, at)
		}
	}
	return nil
}

func (in *Inspection) record(x *file.Index, e file.Entry, at uint64) {
	out := InspectedRecord{Offset: at, Status: statusName(e.State.Status()), Uses: e.State.Uses()}
	defer func() { in.Records = append(in.Records, out) }()
	var r file.Record
	err := x.Record(e.At, &r)
	if out.Length = r.Length; err != nil {
		// A dead record may be half written.
		if e.State.Status() != file.Dead && !errors.Is(err, file.ErrChanged) {
			in.damage(&damageAt{at, err})
		}
		return
	}
	out.Chunk, out.First, out.Words, out.Replaces = r.Chunk, r.First, r.Words, len(r.Replaced)
	if out.Descriptor, err = descriptor.Parse(r.Desc); err != nil {
		in.damage(&damageAt{at, err})
		return
	}
	if e.State.Status() == file.Live && out.Descriptor.Kind == descriptor.Folded {
		for _, id := range out.Descriptor.IDs {
			in.Folded = append(in.Folded, file.ID(id).String())
		}
		return
	}
	if e.State.Status() != file.Dead {
		in.cells(x, &r, &out, at)
	}
}

// cells copies a record's cells. Honest records do not share any, so all of them are no
// more than the file.
func (in *Inspection) cells(x *file.Index, r *file.Record, out *InspectedRecord, at uint64) {
	found := false
	for stripe, offset := range x.Stripes(r.Chunk) {
		words := make([]uint64, r.Words)
		if !x.CopyCells(words, offset+uint64(r.First)*8) {
			continue
		}
		found = true
		if stripe == 0 {
			out.Cells = append([][]uint64{words}, out.Cells...)
		} else {
			out.Cells = append(out.Cells, words)
		}
		if in.copied += int64(len(words)) * 8; in.copied > in.Size {
			in.damage(damaged(at, "records that share cells"))
			return
		}
	}
	if !found && r.Words > 0 {
		in.damage(damaged(at, "record of %q: in chunk %d, which is not there", out.Descriptor.Family, r.Chunk))
	}
}

func statusName(s file.Status) string {
	switch s {
	case file.Live:
		return "live"
	case file.Withdrawn:
		return "withdrawn"
	case file.Dead:
		return "dead"
	}
	return fmt.Sprintf("status %d", s)
}
