package file

import (
	"fmt"
	"iter"
	"sort"
	"sync/atomic"
)

// Index is what a file's extents say: where the pieces of its directory and the
// stripes of its chunks are. It is plain data with one user at a time.
type Index struct {
	view     View
	extents  int    // that have been read
	bytes    uint64 // that they take
	pieces   []piece
	chunks   map[uint32][]run
	occupied uint64 // directory bytes there is room for
}

// piece is a part of the directory.
type piece struct {
	from, to uint64 // in the directory
	at       uint64 // in the file
}

// run is stripes of a chunk, one behind the other.
type run struct {
	stripe, stripes uint32
	at              uint64 // in the file
}

// Reset forgets everything but memory.
func (x *Index) Reset() {
	clear(x.chunks)
	*x = Index{pieces: x.pieces[:0], chunks: x.chunks}
}

// Extend reads the extents from those that it knows up to n, from a view that may be
// of more bytes than the last one, and not of fewer. When one is wrong, the error
// says which, and the index holds those before it.
func (x *Index) Extend(v View, n int) error {
	if v.Len() < x.view.Len() {
		return fmt.Errorf("%d bytes, and there were %d: %w", v.Len(), x.view.Len(), ErrTruncated)
	}
	if n > MaxExtents {
		return fmt.Errorf("%d extents: %w", n, ErrDamaged)
	}
	x.view = v
	if x.chunks == nil {
		x.chunks = make(map[uint32][]run)
	}
	for ; x.extents < n; x.extents++ {
		e, err := v.Extent(x.extents)
		if err == nil {
			err = x.add(&e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *Index) add(e *Extent) error {
	if x.bytes+e.Length > x.view.Len()-ExtentsAt {
		return fmt.Errorf("extent %d: the extents overlap: %w", x.extents, ErrDamaged)
	}
	if e.Kind == Directory {
		x.pieces = append(x.pieces, piece{x.occupied, x.occupied + e.Length, e.Offset})
		x.occupied += e.Length
	} else {
		runs := x.chunks[e.Chunk]
		for _, r := range runs {
			if e.Stripe < r.stripe+r.stripes && r.stripe < e.Stripe+e.Stripes {
				return fmt.Errorf("extent %d: chunk %d has stripe %d already: %w", x.extents, e.Chunk, e.Stripe, ErrDamaged)
			}
		}
		x.chunks[e.Chunk] = append(runs, run{e.Stripe, e.Stripes, e.Offset})
	}
	x.bytes += e.Length
	return nil
}

// Extents returns how many extents the index has read.
func (x *Index) Extents() int { return x.extents }

// Room returns how many bytes of directory the extents have room for.
func (x *Index) Room() uint64 { return x.occupied }

// Stripes yields the number of each stripe of a chunk, and where in the file it is.
func (x *Index) Stripes(chunk uint32) iter.Seq2[int, uint64] {
	return func(yield func(int, uint64) bool) {
		for _, r := range x.chunks[chunk] {
			for i := range r.stripes {
				if !yield(int(r.stripe+i), r.at+uint64(i)*StripeBytes) {
					return
				}
			}
		}
	}
}

// Shared returns where in the file the shared stripe of a chunk is.
func (x *Index) Shared(chunk uint32) (at uint64, ok bool) {
	for _, r := range x.chunks[chunk] {
		if r.stripe == 0 {
			return r.at, true
		}
	}
	return 0, false
}

// CopyCells fills dst with words that begin at an offset of the file, of which
// Stripes or Shared told, each loaded after the one before. It reports whether they
// are in view.
func (x *Index) CopyCells(dst []uint64, at uint64) bool {
	if at%8 != 0 || !x.view.has(at, uint64(len(dst))*8) {
		return false
	}
	for i := range dst {
		dst[i] = x.view.load(at + uint64(i)*8)
	}
	return true
}

// Place returns where in the file the directory has its byte at, and how many bytes
// there are up to the end of that extent. room is 0 beyond the last one.
func (x *Index) Place(at uint64) (offset, room uint64) {
	i := sort.Search(len(x.pieces), func(i int) bool { return at < x.pieces[i].to })
	if i == len(x.pieces) {
		return 0, 0
	}
	p := x.pieces[i]
	return p.at + at - p.from, p.to - at
}

// State returns the state of the record at an offset of the directory; 0 when there
// cannot be one.
func (x *Index) State(at uint64) State {
	offset, room := x.Place(at)
	if at%RecordUnit != 0 || room < RecordUnit {
		return 0
	}
	return State(x.view.load(offset))
}

// Entry is a record met on a walk through the directory.
type Entry struct {
	At    uint64 // in the directory
	State State
}

// Walk yields the records that begin in the bytes from up to to of the directory;
// fillers are left out. A record of impossible length is yielded with an error, and
// costs the rest of its extent, since nobody can tell where the next one begins.
func (x *Index) Walk(from, to uint64) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for from < to {
			offset, room := x.Place(from)
			if room == 0 {
				yield(Entry{At: from}, x.beyond(to))
				return
			}
			e := Entry{At: from}
			length, err := x.length(offset, min(room, to-from))
			if err != nil {
				err = fmt.Errorf("directory: record at %#x: %w", from, err)
				length = room
			} else {
				e.State = State(x.view.load(offset))
			}
			if (err != nil || e.State.Status() != Filler) && !yield(e, err) {
				return
			}
			from += length
		}
	}
}

// Records is Walk from the beginning, up to the first error, with r as each live record
// in turn: the way to read a file that does not change. One that does so all the same
// gets ErrChanged.
func (x *Index) Records(to uint64, r *Record) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for at := uint64(0); at < to; {
			offset, room := x.Place(at)
			if room == 0 {
				yield(Entry{At: at}, x.beyond(to))
				return
			}
			for room = min(room, to-at); room > 0; {
				e, length, err := x.next(at, offset, room, r)
				if (err != nil || e.State.Status() != Filler) && !yield(e, err) || err != nil {
					return
				}
				at, offset, room = at+length, offset+length, room-length
			}
		}
	}
}

// next looks at the record or filler at an offset of the file, and reads it if it is a
// live record.
func (x *Index) next(at, offset, room uint64, r *Record) (e Entry, length uint64, err error) {
	e.At = at
	if length, err = x.length(offset, room); err == nil {
		if e.State = State(x.view.load(offset)); e.State.Status() == Live {
			err = x.read(offset, length, r)
			if err == nil && r.State != e.State {
				err = ErrChanged
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("directory: record at %#x: %w", at, err)
	}
	return e, length, err
}

// beyond is the error of a directory of n bytes for which there are no extents.
func (x *Index) beyond(n uint64) error {
	return fmt.Errorf("directory: %d bytes, and extents for %d: %w", n, x.occupied, ErrDamaged)
}

// length returns the length of the record or filler at an offset of the file.
func (x *Index) length(offset, room uint64) (uint64, error) {
	if offset%RecordUnit != 0 || room < RecordUnit {
		return 0, fmt.Errorf("%d bytes are left: %w", room, ErrDamaged)
	}
	var b [8]byte
	native.PutUint64(b[:], x.view.load(offset+LengthAt))
	n := uint64(native.Uint32(b[:]))
	if n < RecordUnit || n%RecordUnit != 0 || n > room {
		return 0, fmt.Errorf("length %d, and %d bytes are left: %w", n, room, ErrDamaged)
	}
	return n, nil
}

// Record reads the record at an offset of the directory. Its bytes are copied into
// r's own, which the next call may use again; or, where the view is still, they are
// left where they stand. The error wraps ErrDamaged, or ErrChanged when the writer
// was at work on it.
func (x *Index) Record(at uint64, r *Record) error {
	err := x.record(at, r)
	if err != nil {
		err = fmt.Errorf("directory: record at %#x: %w", at, err)
	}
	return err
}

func (x *Index) record(at uint64, r *Record) error {
	offset, room := x.Place(at)
	n, err := x.length(offset, room)
	if err != nil {
		return err
	}
	return x.read(offset, n, r)
}

// read reads the record of n bytes at an offset of the file.
func (x *Index) read(offset, n uint64, r *Record) error {
	if n < RecordHead || n > MaxRecord {
		return fmt.Errorf("length %d: %w", n, ErrDamaged)
	}
	r.State, r.Length = State(x.view.load(offset)), int(n)
	if x.view.still {
		return r.decode(x.view.Bytes(offset, n))
	}
	if cap(r.buf) < r.Length {
		r.buf = make([]byte, r.Length)
	}
	r.buf = r.buf[:r.Length]
	x.view.copyWords(r.buf, offset)
	err := r.decode(r.buf)
	if State(atomic.LoadUint64(x.view.Word(offset))) != r.State {
		return ErrChanged
	}
	return err
}
