package file

import "fmt"

// ExtentKind says what an extent holds.
type ExtentKind uint32

// The kinds of extents.
const (
	Directory ExtentKind = 1
	Cells     ExtentKind = 2
)

// Extent is a part of the file: a piece of the directory, or stripes of a chunk.
type Extent struct {
	Kind    ExtentKind
	Chunk   uint32 // number of the chunk; 0 for a directory
	Stripe  uint32 // the first one; 0 is the shared stripe, 1+p that of P p
	Stripes uint32 // how many
	Offset  uint64 // in the file
	Length  uint64
}

// Encode returns the extent as ExtentBytes bytes.
func (e *Extent) Encode() []byte {
	b := make([]byte, ExtentBytes)
	native.PutUint32(b, uint32(e.Kind))
	native.PutUint32(b[4:], e.Chunk)
	native.PutUint32(b[8:], e.Stripe)
	native.PutUint32(b[12:], e.Stripes)
	native.PutUint64(b[16:], e.Offset)
	native.PutUint64(b[24:], e.Length)
	return b
}

// decodeExtent reads what Encode wrote; nothing is checked.
func decodeExtent(b []byte) Extent {
	return Extent{
		Kind:    ExtentKind(native.Uint32(b)),
		Chunk:   native.Uint32(b[4:]),
		Stripe:  native.Uint32(b[8:]),
		Stripes: native.Uint32(b[12:]),
		Offset:  native.Uint64(b[16:]),
		Length:  native.Uint64(b[24:]),
	}
}

// Extent returns extent i of the table, which must be less than MaxExtents.
func (v View) Extent(i int) (Extent, error) {
	var b [ExtentBytes]byte
	v.copyWords(b[:], ExtentAt(i))
	e := decodeExtent(b[:])
	if err := e.check(v); err != nil {
		return Extent{}, fmt.Errorf("extent %d: %w", i, err)
	}
	return e, nil
}

// ExtentAt returns where in the file the table has extent i.
func ExtentAt(i int) uint64 { return TableAt + uint64(i)*ExtentBytes }

func (e *Extent) check(v View) error {
	switch {
	case e.Kind != Directory && e.Kind != Cells:
		return fmt.Errorf("kind %d: %w", e.Kind, ErrDamaged)
	case e.Offset < ExtentsAt || e.Offset%Unit != 0 || e.Length == 0 || e.Length%Unit != 0:
		return fmt.Errorf("%d bytes at %#x: %w", e.Length, e.Offset, ErrDamaged)
	case e.Kind == Cells && (e.Stripes > MaxStripes || e.Stripe > MaxStripes-e.Stripes):
		return fmt.Errorf("stripes from %d on, %d of them: %w", e.Stripe, e.Stripes, ErrDamaged)
	case e.Kind == Cells && e.Length != uint64(e.Stripes)*StripeBytes:
		return fmt.Errorf("%d bytes for %d stripes: %w", e.Length, e.Stripes, ErrDamaged)
	case e.Offset+e.Length < e.Offset:
		return fmt.Errorf("%d bytes at %#x: %w", e.Length, e.Offset, ErrDamaged)
	case !v.has(e.Offset, e.Length):
		return fmt.Errorf("%d bytes at %#x of a file of %d: %w", e.Length, e.Offset, v.Len(), ErrTruncated)
	}
	return nil
}
