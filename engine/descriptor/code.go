package descriptor

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/pawl-metrics/pawl/encode"
)

// ErrMalformed is what Parse and Key wrap when bytes are no descriptor.
var ErrMalformed = errors.New("malformed descriptor")

// carriedFlag is the only flag so far.
const carriedFlag = 1

// Append appends the descriptor's bytes and returns the extended slice.
func Append(dst []byte, d *Descriptor) []byte {
	dst = AppendKey(dst, d.Family, d.Labels)
	flags := byte(0)
	if d.Carried {
		flags |= carriedFlag
	}
	dst = append(dst, byte(d.Kind), byte(d.Type), flags, byte(d.Mode))
	dst = appendString(appendString(appendString(dst, d.Help), d.Unit), d.Pid)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(d.Start))
	dst = binary.AppendUvarint(dst, uint64(len(d.Bounds)))
	for _, b := range d.Bounds {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b))
	}
	switch d.Kind {
	case NativeBase, NativeBlock:
		dst = appendNative(dst, d)
	case StateSet, Enum:
		dst = binary.AppendUvarint(dst, uint64(len(d.States)))
		for _, s := range d.States {
			dst = appendString(dst, s)
		}
	case Exemplar:
		dst = binary.AppendVarint(dst, int64(d.Bucket))
	case Folded:
		dst = binary.AppendUvarint(dst, uint64(len(d.IDs)))
		for i := range d.IDs {
			dst = append(dst, d.IDs[i][:]...)
		}
	}
	return dst
}

func appendNative(dst []byte, d *Descriptor) []byte {
	dst = binary.AppendVarint(dst, int64(d.Schema))
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(d.Threshold))
	dst = binary.AppendUvarint(dst, uint64(d.Extra))
	for _, r := range d.Reaches {
		dst = binary.AppendUvarint(binary.AppendVarint(dst, int64(r.First)), uint64(r.Cells))
	}
	return dst
}

// AppendKey appends the key of a series: what all its descriptors begin with.
func AppendKey(dst []byte, family string, labels []encode.Label) []byte {
	dst = binary.AppendUvarint(appendString(dst, family), uint64(len(labels)))
	for _, l := range labels {
		dst = appendString(appendString(dst, l.Name), l.Value)
	}
	return dst
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Key returns the key that a descriptor begins with, as a part of desc.
func Key(desc []byte) ([]byte, error) {
	r := reader{rest: desc}
	r.bytes()
	for range r.count(2) {
		r.bytes()
		r.bytes()
	}
	if r.err != nil {
		return nil, r.err
	}
	return desc[:len(desc)-len(r.rest)], nil
}

// Parse reads a descriptor. Its strings are copies. It returns an error that wraps
// ErrMalformed, and never needs more memory than a small multiple of desc.
func Parse(desc []byte) (*Descriptor, error) {
	r := reader{rest: desc}
	d := &Descriptor{Family: r.string()}
	for range r.count(2) {
		d.Labels = append(d.Labels, encode.Label{Name: r.string(), Value: r.string()})
	}
	d.Kind, d.Type = Kind(r.byte()), encode.Type(r.byte())
	d.Carried, d.Mode = r.byte()&carriedFlag != 0, Mode(r.byte())
	d.Help, d.Unit, d.Pid = r.string(), r.string(), r.string()
	d.Start = int64(r.word())
	for range r.count(8) {
		d.Bounds = append(d.Bounds, math.Float64frombits(r.word()))
	}
	r.byKind(d)
	if r.err == nil {
		r.err = d.check(len(r.rest))
	}
	if r.err != nil {
		return nil, r.err
	}
	return d, nil
}

func (r *reader) byKind(d *Descriptor) {
	switch d.Kind {
	case NativeBase, NativeBlock:
		d.Schema, d.Threshold = int32(r.varint()), math.Float64frombits(r.word())
		d.Extra = uint32(r.uvarint())
		for i := range d.Reaches {
			d.Reaches[i] = Reach{First: int32(r.varint()), Cells: uint32(r.uvarint())}
		}
	case StateSet, Enum:
		for range r.count(1) {
			d.States = append(d.States, r.string())
		}
	case Exemplar:
		d.Bucket = int(r.varint())
	case Folded:
		for range r.count(16) {
			var id [16]byte
			copy(id[:], r.take(16))
			d.IDs = append(d.IDs, id)
		}
	}
}

// check refuses what no engine writes.
func (d *Descriptor) check(rest int) error {
	switch {
	case rest > 0:
		return fmt.Errorf("descriptor of %q: %d bytes too many: %w", d.Family, rest, ErrMalformed)
	case d.Kind < Counter || d.Kind >= kinds:
		return fmt.Errorf("descriptor of %q: kind %d: %w", d.Family, d.Kind, ErrMalformed)
	case d.Mode >= Modes:
		return fmt.Errorf("descriptor of %q: mode %d: %w", d.Family, d.Mode, ErrMalformed)
	}
	return nil
}

// reader takes a descriptor apart. Its first error stays.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("descriptor: %s: %w", what, ErrMalformed)
	}
	r.rest = nil
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail("ends early")
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) word() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail("no number")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.fail("no number")
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads the number of elements that follow, each of at least size bytes.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/size) {
		r.fail("ends early")
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte  { return r.take(r.count(1)) }
func (r *reader) string() string { return string(r.bytes()) }
