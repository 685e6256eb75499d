package file

import (
	"fmt"
	"sync/atomic"

	"github.com/cespare/xxhash/v2"

	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// Status is the low byte of a record's state.
type Status uint8

// The statuses. Zero is none of them.
const (
	Live      Status = 1
	Withdrawn Status = 2 // exposed no more; handles may go on recording
	Dead      Status = 3 // its cells may be somebody else's any time
	Filler    Status = 4 // no record, but space
)

// State is the first word of a record: its status, and how often the record's place
// has been used.
type State uint64

// NewState makes a state.
func NewState(s Status, uses uint64) State { return State(uses<<8 | uint64(s)) }

// Status returns what the record is.
func (s State) Status() Status { return Status(s) }

// Uses returns how often its place has been used.
func (s State) Uses() uint64 { return uint64(s >> 8) }

// Replaced names a record by where it is in the directory, and by the state that it
// must still have.
type Replaced struct {
	At    uint64
	State State
}

// Record is one slab of the file.
type Record struct {
	State    State
	Length   int    // of the whole record; it never changes
	KeyHash  uint64 // xxHash64 of the descriptor's key
	Chunk    uint32
	First    uint32 // its first word in each stripe of the chunk
	Words    uint32 // 0: no cells
	Desc     []byte // package engine/descriptor
	Replaced []Replaced

	buf []byte // a copy of the record's bytes, unless they are still; Desc is a part of them
}

// Where a record has what, in bytes from its beginning.
const (
	StateAt    = 0
	LengthAt   = 8
	DescLenAt  = 12
	KeyHashAt  = 16
	ChunkAt    = 24
	FirstAt    = 28
	WordsAt    = 32
	ReplacesAt = 36
	CheckAt    = 40
)

// RecordLength returns how long a record must be to hold a descriptor of desc bytes
// and so many replaced records.
func RecordLength(desc, replaced int) int {
	return roundUp(RecordHead+roundUp(desc, 8)+replaced*ReplacedBytes, RecordUnit)
}

// Encode returns the record's bytes. Length may be more than the record needs; if it
// is 0 it becomes what it needs. KeyHash is computed. The error wraps ErrFull for a
// record that is too long, or descriptor.ErrMalformed.
func (r *Record) Encode() ([]byte, error) {
	need := RecordLength(len(r.Desc), len(r.Replaced))
	if r.Length == 0 {
		r.Length = need
	}
	if need > r.Length || r.Length > MaxRecord {
		return nil, fmt.Errorf("record: %d bytes of descriptor, replacing %d, in %d bytes: %w",
			len(r.Desc), len(r.Replaced), min(r.Length, MaxRecord), ErrFull)
	}
	key, err := descriptor.Key(r.Desc)
	if err != nil {
		return nil, err
	}
	r.KeyHash = xxhash.Sum64(key)
	b := make([]byte, r.Length)
	native.PutUint64(b[StateAt:], uint64(r.State))
	native.PutUint32(b[LengthAt:], uint32(r.Length))
	native.PutUint32(b[DescLenAt:], uint32(len(r.Desc)))
	native.PutUint64(b[KeyHashAt:], r.KeyHash)
	native.PutUint32(b[ChunkAt:], r.Chunk)
	native.PutUint32(b[FirstAt:], r.First)
	native.PutUint32(b[WordsAt:], r.Words)
	native.PutUint32(b[ReplacesAt:], uint32(len(r.Replaced)))
	copy(b[RecordHead:], r.Desc)
	for i, old := range r.Replaced {
		at := RecordHead + roundUp(len(r.Desc), 8) + i*ReplacedBytes
		native.PutUint64(b[at:], old.At)
		native.PutUint64(b[at+8:], uint64(old.State))
	}
	native.PutUint64(b[CheckAt:], Checksum(b, r.State))
	return b, nil
}

// Checksum computes what the checksum of a record's bytes must be in the given state.
func Checksum(b []byte, s State) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(s.Uses())
	d.Write(b[LengthAt:CheckAt])
	d.Write(b[RecordHead:])
	return d.Sum64()
}

// decode takes the record out of its bytes, and checks it.
func (r *Record) decode(b []byte) error {
	descLen, replaces, all := native.Uint32(b[DescLenAt:]), native.Uint32(b[ReplacesAt:]), uint32(len(b))
	if descLen > all || replaces > all || RecordLength(int(descLen), int(replaces)) > len(b) {
		return fmt.Errorf("%d bytes of descriptor, replacing %d, in %d bytes: %w", descLen, replaces, all, ErrDamaged)
	}
	if sum := Checksum(b, r.State); sum != native.Uint64(b[CheckAt:]) {
		return fmt.Errorf("checksum %#x, and its bytes have %#x: %w", native.Uint64(b[CheckAt:]), sum, ErrDamaged)
	}
	r.KeyHash = native.Uint64(b[KeyHashAt:])
	r.Chunk, r.First, r.Words = native.Uint32(b[ChunkAt:]), native.Uint32(b[FirstAt:]), native.Uint32(b[WordsAt:])
	if r.Words > StripeWords || r.First > StripeWords-r.Words {
		return fmt.Errorf("words from %d on, %d of them: %w", r.First, r.Words, ErrDamaged)
	}
	desc := int(descLen)
	r.Desc = b[RecordHead : RecordHead+desc]
	r.Replaced = r.Replaced[:0]
	for i := range int(replaces) {
		at := RecordHead + roundUp(desc, 8) + i*ReplacedBytes
		r.Replaced = append(r.Replaced, Replaced{native.Uint64(b[at:]), State(native.Uint64(b[at+8:]))})
	}
	return nil
}

// PutRecord writes an encoded record at an offset of the file, its state last.
// Readers that meet it half written see the state that was there before, which
// must not be a live one.
func (v View) PutRecord(at uint64, b []byte) {
	v.PutWords(at+8, b[8:])
	v.SetState(at, State(native.Uint64(b)))
}

// PutFiller makes the n bytes at an offset of the file a filler.
func (v View) PutFiller(at, n uint64) {
	var b [16]byte
	native.PutUint64(b[:], uint64(NewState(Filler, 0)))
	native.PutUint32(b[LengthAt:], uint32(n))
	v.PutWords(at, b[:])
}

// SetState changes the state of the record at an offset of the file. Only the writer
// calls it.
func (v View) SetState(at uint64, s State) { atomic.StoreUint64(v.Word(at), uint64(s)) }
