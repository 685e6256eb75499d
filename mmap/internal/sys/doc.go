// Package sys is the system calls of package mmap, in twin files: Linux, macOS and
// FreeBSD have them, and elsewhere each answers [ErrUnsupported].
package sys

import (
	"errors"
	"unsafe"
)

// ErrUnsupported means that this operating system has no such call, or that nobody
// has tried whether its files and mappings keep together.
var ErrUnsupported = errors.New("not supported on this operating system")

// Region is address space: reserved, or a mapping. It is a value that says where;
// whoever made it releases it once.
type Region struct {
	base unsafe.Pointer
	size uintptr
}

// Bytes returns the region as a slice. It is not Go's memory: it is valid until
// Release, whoever refers to it.
func (r Region) Bytes() []byte { return unsafe.Slice((*byte)(r.base), r.size) }

// Len returns how many bytes it has.
func (r Region) Len() int { return int(r.size) }

// FileSystem is what a directory is on.
type FileSystem struct {
	Name    string
	Memory  bool // files are pages of memory, and never written back to anything
	Network bool // other hosts may have it too, or locks may not be what they seem
}
