package file

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/cespare/xxhash/v2"
)

// Kind says what a file is.
type Kind uint32

// The kinds of files.
const (
	Process Kind = 1 // of one process
	Archive Kind = 2 // what dead ones left
)

// ID is a file's random name.
type ID [16]byte

// String returns the id as 32 hex digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Header says whose file it is. It never changes.
type Header struct {
	Generation uint64 // of two valid twins the higher one counts
	Kind       Kind
	Made       int64 // Unix nanoseconds
	ID         ID
	PID        uint64
	Started    uint64   // start of the process in clock ticks since boot; 0: not known
	Boot       [16]byte // zero: not known
	Host       string   // at most MaxHost bytes; a longer one is cut
	Slot       string   // at most MaxSlot bytes
}

// Where a header has what.
const (
	atMagic      = 0
	atVersion    = 8
	atOrder      = 12
	atGeneration = 16
	atKind       = 24
	atStripe     = 28
	atMade       = 32
	atID         = 40
	atPID        = 56
	atStarted    = 64
	atBoot       = 72
	atHost       = 88
	atSlot       = 344
	atSum        = 504
)

var native = binary.NativeEndian

// Encode returns the header as HeaderBytes bytes.
func (h *Header) Encode() []byte {
	b := make([]byte, HeaderBytes)
	copy(b[atMagic:], Magic)
	native.PutUint32(b[atVersion:], Version)
	native.PutUint32(b[atOrder:], ByteOrderMark)
	native.PutUint64(b[atGeneration:], h.Generation)
	native.PutUint32(b[atKind:], uint32(h.Kind))
	native.PutUint32(b[atStripe:], StripeBytes)
	native.PutUint64(b[atMade:], uint64(h.Made))
	copy(b[atID:], h.ID[:])
	native.PutUint64(b[atPID:], h.PID)
	native.PutUint64(b[atStarted:], h.Started)
	copy(b[atBoot:], h.Boot[:])
	putShort(b[atHost:], h.Host, MaxHost)
	putShort(b[atSlot:], h.Slot, MaxSlot)
	native.PutUint64(b[atSum:], xxhash.Sum64(b[:atSum]))
	return b
}

// putShort writes a string of at most most bytes behind its length.
func putShort(b []byte, s string, most int) {
	s = s[:min(len(s), most)]
	native.PutUint16(b, uint16(len(s)))
	copy(b[2:], s)
}

// short reads what putShort wrote.
func short(b []byte, most int) (string, error) {
	n := int(native.Uint16(b))
	if n > most {
		return "", fmt.Errorf("header: a string of %d bytes, where there is room for %d: %w", n, most, ErrDamaged)
	}
	return string(b[2 : 2+n]), nil
}

// ParseHeader reads one twin. Its error wraps ErrForeign, ErrTruncated or ErrDamaged.
func ParseHeader(b []byte) (*Header, error) {
	if len(b) < HeaderBytes {
		return nil, fmt.Errorf("header: %d bytes of %d: %w", len(b), HeaderBytes, ErrTruncated)
	}
	b = b[:HeaderBytes]
	if err := checkHeader(b); err != nil {
		return nil, err
	}
	h := &Header{
		Generation: native.Uint64(b[atGeneration:]),
		Kind:       Kind(native.Uint32(b[atKind:])),
		Made:       int64(native.Uint64(b[atMade:])),
		PID:        native.Uint64(b[atPID:]),
		Started:    native.Uint64(b[atStarted:]),
	}
	copy(h.ID[:], b[atID:])
	copy(h.Boot[:], b[atBoot:])
	var err error
	if h.Host, err = short(b[atHost:], MaxHost); err != nil {
		return nil, err
	}
	if h.Slot, err = short(b[atSlot:], MaxSlot); err != nil {
		return nil, err
	}
	return h, nil
}

// checkHeader goes from what makes the rest unreadable to what is only wrong.
func checkHeader(b []byte) error {
	if string(b[:len(Magic)]) != Magic {
		return fmt.Errorf("header: begins with %q: %w", b[:len(Magic)], ErrForeign)
	}
	if order := native.Uint32(b[atOrder:]); order != ByteOrderMark {
		if order == 0x04030201 {
			return fmt.Errorf("header: written by a machine of the other byte order: %w", ErrForeign)
		}
		return fmt.Errorf("header: byte order mark %#x: %w", order, ErrDamaged)
	}
	if v := native.Uint32(b[atVersion:]); v != Version {
		return fmt.Errorf("header: version %d, and this program knows %d: %w", v, Version, ErrForeign)
	}
	if sum := xxhash.Sum64(b[:atSum]); sum != native.Uint64(b[atSum:]) {
		return fmt.Errorf("header: checksum %#x, and its bytes have %#x: %w", native.Uint64(b[atSum:]), sum, ErrDamaged)
	}
	if k := Kind(native.Uint32(b[atKind:])); k != Process && k != Archive {
		return fmt.Errorf("header: a file of kind %d: %w", k, ErrForeign)
	}
	if n := native.Uint32(b[atStripe:]); n != StripeBytes {
		return fmt.Errorf("header: stripes of %d bytes: %w", n, ErrForeign)
	}
	return nil
}

// Header returns the valid twin, the one of the higher generation if both are. If
// none is, the error is that of twin A.
func (v View) Header() (*Header, error) {
	a, err := v.twin(HeaderA)
	if err == nil && v.still && bytes.Equal(v.Bytes(HeaderA, HeaderBytes), v.Bytes(HeaderB, HeaderBytes)) {
		return a, nil
	}
	b, errB := v.twin(HeaderB)
	switch {
	case errB == nil && (err != nil || b.Generation > a.Generation):
		return b, nil
	case err == nil:
		return a, nil
	}
	return nil, err
}

// twin parses a copy, unless the bytes are still: what is checked must be what is used.
func (v View) twin(at uint64) (*Header, error) {
	if v.still {
		return ParseHeader(v.Bytes(at, HeaderBytes))
	}
	var b [HeaderBytes]byte
	v.copyWords(b[:], at)
	return ParseHeader(b[:])
}
