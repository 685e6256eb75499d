package file

import (
	"fmt"
	"io"
)

// Builder makes a whole file before anybody sees it: an archive, or the first state
// of a process' file. Its records' cells lie in chunks of the shared stripe alone.
// It has one user.
//
// As a process' file, what it writes may be mapped and gone on with: the directory
// has room left, up to the end of its extent, and chunk numbers from Chunks on are
// free.
type Builder struct {
	header Header
	dir    []byte
	chunks []*[StripeWords]uint64
	used   int // words of the last chunk
	n      int // records
}

// NewBuilder returns a builder of a file without records.
func NewBuilder(h Header) *Builder { return &Builder{header: h, used: StripeWords} }

// Add adds a live record and returns its cells, to be filled in before WriteTo. The
// error wraps ErrFull or descriptor.ErrMalformed.
func (b *Builder) Add(desc []byte, words int) ([]uint64, error) {
	if words < 0 || words > StripeWords {
		return nil, fmt.Errorf("record: %d words: %w", words, ErrFull)
	}
	r := Record{State: NewState(Live, 1), Words: uint32(words), Desc: desc}
	var cells []uint64
	if words > 0 {
		if b.used+words > StripeWords {
			b.chunks, b.used = append(b.chunks, new([StripeWords]uint64)), 0
		}
		r.Chunk, r.First = uint32(len(b.chunks)-1), uint32(b.used)
		cells = b.chunks[r.Chunk][b.used : b.used+words : b.used+words]
		b.used += words
	}
	if len(b.chunks)+1 > MaxExtents {
		return nil, fmt.Errorf("%d chunks: %w", len(b.chunks), ErrFull)
	}
	bytes, err := r.Encode()
	if err != nil {
		return nil, err
	}
	b.dir = append(b.dir, bytes...)
	b.n++
	return cells, nil
}

// Chunks returns how many chunks the records take.
func (b *Builder) Chunks() int { return len(b.chunks) }

// Records returns how many records there are.
func (b *Builder) Records() int { return b.n }

// Directory returns the one extent of the directory.
func (b *Builder) Directory() Extent {
	return Extent{Kind: Directory, Offset: ExtentsAt, Length: b.dirLength()}
}

// Bytes returns how much of the file is written, the rest being holes.
func (b *Builder) Bytes() int64 {
	n := int64(2*Unit/16 + len(b.dir)) // the header's page and the table's first
	return n + int64(len(b.chunks))*StripeBytes
}

// Size returns how long the file is.
func (b *Builder) Size() int64 {
	return ExtentsAt + int64(b.dirLength()) + int64(len(b.chunks))*StripeBytes
}

func (b *Builder) dirLength() uint64 { return roundUp(uint64(max(len(b.dir), 1)), Unit) }

// Target is the file that a builder writes: an *os.File, empty.
type Target interface {
	io.WriterAt
	Truncate(size int64) error
}

// WriteTo writes the file. Where there is nothing but zeros it leaves holes.
func (b *Builder) WriteTo(t Target) error {
	if err := t.Truncate(b.Size()); err != nil {
		return err
	}
	offset, e := uint64(ExtentsAt), b.Directory()
	table := e.Encode()
	if _, err := t.WriteAt(b.dir, int64(offset)); err != nil {
		return err
	}
	offset += e.Length
	for i, cells := range b.chunks {
		e := Extent{Kind: Cells, Chunk: uint32(i), Stripes: 1, Offset: offset, Length: StripeBytes}
		table = append(table, e.Encode()...)
		if err := writeCells(t, cells, offset); err != nil {
			return err
		}
		offset += StripeBytes
	}
	if _, err := t.WriteAt(table, TableAt); err != nil {
		return err
	}
	_, err := t.WriteAt(b.head(), 0)
	return err
}

// head returns what stands before the table: header twins and published words.
func (b *Builder) head() []byte {
	head := make([]byte, TableAt)
	copy(head[HeaderA:], b.header.Encode())
	copy(head[HeaderB:], b.header.Encode())
	native.PutUint64(head[ExtentCountAt:], uint64(1+len(b.chunks)))
	native.PutUint64(head[DirectoryBytesAt:], uint64(len(b.dir)))
	return head
}

// writeCells writes a chunk up to its last word that is not zero.
func writeCells(t Target, cells *[StripeWords]uint64, offset uint64) error {
	n := len(cells)
	for n > 0 && cells[n-1] == 0 {
		n--
	}
	bytes := make([]byte, 0, n*8)
	for _, w := range cells[:n] {
		bytes = native.AppendUint64(bytes, w)
	}
	_, err := t.WriteAt(bytes, int64(offset))
	return err
}
