package engine

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"unsafe"
)

// hasher hashes label values: for each value one 64x64 to 128 bit multiplication,
// folded (more for values of over 16 bytes), the results added up. The
// construction is that of wyhash and of Go's own portable memhash, but for the
// chain: each value has multipliers of its own, so that the multiplications of one
// label set run side by side.
//
// The hash only narrows a lookup; equality of the whole key decides. The
// multipliers are random for each vec, so that a client who chooses label values
// cannot choose collisions.
type hasher struct {
	fields  []hashField
	secrets []secret // one for each field
	strings int      // how many fields there are when all are strings side by side, else 0
}

// secret is what one label is hashed with. The length has a multiplier of its own:
// mixed into one of the words by xor, it could be undone by the bytes that it was
// mixed with, whatever the secrets are.
type secret struct{ a, b, c, d, length uint64 }

// hashField is one field of a label struct: a string, or size bytes of integer. A
// slice of strings is hashed as a struct of as many.
type hashField struct {
	offset uintptr
	size   uintptr // 0 for a string
}

// stringSize is the size of a string header.
const stringSize = unsafe.Sizeof("")

// newHasher returns a hasher for n strings side by side.
func newHasher(n int) hasher {
	h := hasher{fields: make([]hashField, n), secrets: make([]secret, n), strings: n}
	for i := range n {
		h.fields[i] = hashField{offset: uintptr(i) * stringSize}
		h.secrets[i] = secret{rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64(), rand.Uint64() | 1}
	}
	return h
}

// newStructHasher returns a hasher for a label struct.
func newStructHasher(fields []field) hasher {
	h := newHasher(len(fields))
	for i, f := range fields {
		if !f.str {
			h.fields[i] = hashField{f.offset, f.typ.Size()}
			h.strings = 0
		} else if h.fields[i].offset != f.offset {
			h.fields[i].offset = f.offset
			h.strings = 0
		}
	}
	return h
}

// live sets the top bit: slots keep the small numbers for empty and dead.
const live = 1 << 63

// hash hashes the label struct, or the strings, at p. For strings alone the
// cases of one are written out: as a function of their own they are too large to
// be inlined, and the calls cost a third of the lookup.
func (h *hasher) hash(p unsafe.Pointer) uint64 {
	if h.strings == 0 {
		return h.mixed(p)
	}
	var x uint64
	for i := range h.secrets {
		k := &h.secrets[i]
		s := *(*string)(unsafe.Add(p, uintptr(i)*stringSize))
		t, n := unsafe.Pointer(unsafe.StringData(s)), len(s)
		a, b := k.a, k.b
		switch {
		case n > 32:
			x += k.long(s)
			continue
		case n > 16:
			x += fold(load64(t, n-16)^k.c, load64(t, n-8)^k.d)
			a ^= load64(t, 0)
			b ^= load64(t, 8)
		case n >= 8:
			a ^= load64(t, 0)
			b ^= load64(t, n-8)
		case n >= 4:
			a ^= uint64(load32(t, 0))
			b ^= uint64(load32(t, n-4))
		case n > 0:
			a ^= load3(t, n)
		}
		x += fold(a, b) + uint64(n)*k.length
	}
	return x | live
}

// mixed hashes a label struct that has more than strings in it.
func (h *hasher) mixed(p unsafe.Pointer) (x uint64) {
	for i := range h.fields {
		f, k := &h.fields[i], &h.secrets[i]
		if q := unsafe.Add(p, f.offset); f.size == 0 {
			x += k.one(*(*string)(q))
		} else {
			x += fold(integer(q, f.size)^k.a, k.b)
		}
	}
	return x | live
}

// one is what the loop in hash does with one string.
func (k *secret) one(s string) (x uint64) {
	t, n := unsafe.Pointer(unsafe.StringData(s)), len(s)
	a, b := k.a, k.b
	switch {
	case n > 32:
		return k.long(s)
	case n > 16:
		x = fold(load64(t, n-16)^k.c, load64(t, n-8)^k.d)
		a ^= load64(t, 0)
		b ^= load64(t, 8)
	case n >= 8:
		a ^= load64(t, 0)
		b ^= load64(t, n-8)
	case n >= 4:
		a ^= uint64(load32(t, 0))
		b ^= uint64(load32(t, n-4))
	case n > 0:
		a ^= load3(t, n)
	}
	return x + fold(a, b) + uint64(n)*k.length
}

// long hashes a string of more than 32 bytes, in a chain.
func (k *secret) long(s string) uint64 {
	n := len(s)
	t := unsafe.Pointer(unsafe.StringData(s))
	var x uint64
	for i := 0; i+16 < n; i += 16 {
		x = fold(load64(t, i)^x^k.a, load64(t, i+8)^k.b)
	}
	return fold(load64(t, n-16)^x^k.c, load64(t, n-8)^k.d) + uint64(n)*k.length
}

// fold is the 128-bit product of a and b, its halves xored.
func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
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

// sameStrings compares n strings side by side at p and q. It spares short ones,
// which labels are, the call that == makes for each.
func sameStrings(p, q unsafe.Pointer, n int) bool {
	for i := range n {
		s := *(*string)(unsafe.Add(p, uintptr(i)*stringSize))
		t := *(*string)(unsafe.Add(q, uintptr(i)*stringSize))
		c, d, n := unsafe.Pointer(unsafe.StringData(s)), unsafe.Pointer(unsafe.StringData(t)), len(s)
		var differ uint64
		switch {
		case n != len(t):
			return false
		case n > 32:
			if s != t {
				return false
			}
		case n > 16:
			differ = (load64(c, 0) ^ load64(d, 0)) | (load64(c, 8) ^ load64(d, 8)) |
				(load64(c, n-16) ^ load64(d, n-16)) | (load64(c, n-8) ^ load64(d, n-8))
		case n >= 8:
			differ = (load64(c, 0) ^ load64(d, 0)) | (load64(c, n-8) ^ load64(d, n-8))
		case n >= 4:
			differ = uint64((load32(c, 0) ^ load32(d, 0)) | (load32(c, n-4) ^ load32(d, n-4)))
		case n > 0:
			differ = load3(c, n) ^ load3(d, n)
		}
		if differ != 0 {
			return false
		}
	}
	return true
}

// load3 returns all bytes of a string of one to three.
func load3(p unsafe.Pointer, n int) uint64 {
	first, middle, last := *(*uint8)(p), *(*uint8)(unsafe.Add(p, n>>1)), *(*uint8)(unsafe.Add(p, n-1))
	return uint64(first)<<16 | uint64(middle)<<8 | uint64(last)
}

// Same as: binary.NativeEndian.Uint64([]byte(s)[i:])
// Safety: the caller has checked that i+8 <= len(s).
func load64(p unsafe.Pointer, i int) uint64 {
	return binary.NativeEndian.Uint64((*[8]byte)(unsafe.Add(p, i))[:])
}

// As load64, for four bytes.
func load32(p unsafe.Pointer, i int) uint32 {
	return binary.NativeEndian.Uint32((*[4]byte)(unsafe.Add(p, i))[:])
}
