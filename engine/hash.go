package engine

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"unsafe"
)

// hasher hashes label values in one pass: for each value one or two 64x64 to 128
// bit multiplications, folded. The construction is that of wyhash and of Go's own
// portable memhash.
//
// The hash only narrows a lookup; equality of the whole key decides. Both
// multipliers are random for each vec, so that a client who chooses label values
// cannot choose collisions.
type hasher struct {
	k0, k1 uint64
	fields []hashField
}

// hashField is one field of a label struct: a string, or size bytes of integer.
type hashField struct {
	offset uintptr
	size   uintptr // 0 for a string
}

func newHasher(fields []field) hasher {
	h := hasher{k0: rand.Uint64() | 1, k1: rand.Uint64() | 1}
	for _, f := range fields {
		hf := hashField{offset: f.offset}
		if !f.str {
			hf.size = f.typ.Size()
		}
		h.fields = append(h.fields, hf)
	}
	return h
}

// live sets the top bit: slots keep the small numbers for empty and dead.
const live = 1 << 63

// structHash hashes the label struct at p.
func (h *hasher) structHash(p unsafe.Pointer) uint64 {
	x := h.k0
	for i := range h.fields {
		f := &h.fields[i]
		if f.size == 0 {
			x = h.mix(x, *(*string)(unsafe.Add(p, f.offset)))
		} else {
			x = fold(x^integer(unsafe.Add(p, f.offset), f.size), h.k1)
		}
	}
	return x | live
}

// valuesHash hashes a slice of label values.
func (h *hasher) valuesHash(values []string) uint64 {
	x := h.k0
	for _, v := range values {
		x = h.mix(x, v)
	}
	return x | live
}

func integer(p unsafe.Pointer, size uintptr) uint64 {
	switch size {
	case 1:
		return uint64(*(*uint8)(p))
	case 2:
		return uint64(*(*uint16)(p))
	case 4:
		return uint64(*(*uint32)(p))
	}
	return *(*uint64)(p)
}

// fold is the 128-bit product of a and b, its halves xored.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// mix takes one string into the state x. The length is part of what is hashed, so
// that ("ab","c") and ("a","bc") differ.
func (h *hasher) mix(x uint64, s string) uint64 {
	n := len(s)
	p := unsafe.Pointer(unsafe.StringData(s))
	var a, b uint64
	switch {
	case n >= 8 && n <= 16:
		// Two words that overlap unless n is 16.
		a, b = load64(p, 0), load64(p, n-8)
	case n >= 4 && n < 8:
		a, b = uint64(load32(p, 0)), uint64(load32(p, n-4))
	case n < 4:
		if n > 0 {
			a = uint64(s[0])<<16 | uint64(s[n>>1])<<8 | uint64(s[n-1])
		}
	default:
		return h.mixLong(x, s)
	}
	return fold(a^x^uint64(n), b^h.k1)
}

func (h *hasher) mixLong(x uint64, s string) uint64 {
	n := len(s)
	p := unsafe.Pointer(unsafe.StringData(s))
	for i := 0; i+16 < n; i += 16 {
		x = fold(load64(p, i)^x, load64(p, i+8)^h.k0)
	}
	return fold(load64(p, n-16)^x^uint64(n), load64(p, n-8)^h.k1)
}

// Same as: binary.NativeEndian.Uint64([]byte(s)[i:])
// Safety: the caller has checked that i+8 <= len(s).
func load64(p unsafe.Pointer, i int) uint64 {
	return binary.NativeEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

func load32(p unsafe.Pointer, i int) uint32 {
	return binary.NativeEndian.Uint32((*[4]byte)(unsafe.Add(p, i))[:])
}
