package file

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"unsafe"
)

// View is the bytes of a file: mapped, or read into memory. It may be shorter than
// the file has become since, and is a value, copied freely. Everything that it
// returns was checked against its length.
//
// Where the bytes are a mapping, reading them faults when the file was cut short:
// the caller runs under debug.SetPanicOnFault.
type View struct {
	mem   []byte
	still bool // nobody changes them: what was checked may be used where it stands
}

// NewView returns a view of mem, which must begin at a multiple of 8 bytes, as all
// mappings do.
func NewView(mem []byte) (View, error) {
	switch {
	case len(mem) < ExtentsAt:
		return View{}, fmt.Errorf("%d bytes, where the shortest file has %d: %w", len(mem), ExtentsAt, ErrTruncated)
	case uintptr(unsafe.Pointer(unsafe.SliceData(mem)))%8 != 0:
		return View{}, fmt.Errorf("file: a view of bytes that are not aligned for words")
	}
	return View{mem: mem}, nil
}

// NewStill is NewView of bytes that nobody changes as long as the view, or a record
// that was read from it, is used: those that the caller has read into memory of its
// own. Records are not copied.
func NewStill(mem []byte) (View, error) {
	v, err := NewView(mem)
	v.still = true
	return v, err
}

// Len returns the number of bytes in view.
func (v View) Len() uint64 { return uint64(len(v.mem)) }

// has says whether n bytes from at on are in view.
func (v View) has(at, n uint64) bool { return n <= v.Len() && at <= v.Len()-n }

// Word returns the word at an offset: nil when it is not in view, or not at a
// multiple of 8.
func (v View) Word(at uint64) *uint64 {
	if at%8 != 0 || !v.has(at, 8) {
		return nil
	}
	// Same as: the 8 bytes v.mem[at:at+8].
	// Safety: they are there (checked), and aligned: mem is (NewView), and at is.
	return (*uint64)(unsafe.Pointer(&v.mem[at]))
}

// Bytes returns n bytes from an offset on, or nil where they are not in view. They
// are the file's own: they may change at any time.
func (v View) Bytes(at, n uint64) []byte {
	if !v.has(at, n) {
		return nil
	}
	return v.mem[at : at+n : at+n]
}

// load reads a word that has been checked.
func (v View) load(at uint64) uint64 { return atomic.LoadUint64(v.Word(at)) }

// copyWords fills dst with the words from at on, which have been checked. Each is
// loaded after the one before.
func (v View) copyWords(dst []byte, at uint64) {
	for i := 0; i < len(dst); i += 8 {
		binary.NativeEndian.PutUint64(dst[i:], v.load(at+uint64(i)))
	}
}

// PutWords stores src, a multiple of 8 bytes, at an offset of a mapped file. Each
// word is stored after the one before. It panics when that is not in view: only
// the writer itself calls this.
func (v View) PutWords(at uint64, src []byte) {
	for i := 0; i < len(src); i += 8 {
		atomic.StoreUint64(v.Word(at+uint64(i)), binary.NativeEndian.Uint64(src[i:]))
	}
}
