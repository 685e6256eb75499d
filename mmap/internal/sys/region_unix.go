//go:build linux || darwin || freebsd

package sys

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Supported says whether the calls of this package work.
const Supported = true

const readWrite = unix.PROT_READ | unix.PROT_WRITE

// Reserve takes address space that is no memory: touching it faults.
func Reserve(size int) (Region, error) {
	return region("reserve", -1, 0, nil, size, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
}

// Anonymous returns memory outside the Go heap that is no file's, to compare with.
func Anonymous(size int) (Region, error) {
	return region("map", -1, 0, nil, size, readWrite, unix.MAP_ANON|unix.MAP_PRIVATE)
}

// Map maps part of a file, for reading and writing, where the system likes.
func Map(f *os.File, offset int64, size int) (Region, error) {
	return region("map", int(f.Fd()), offset, nil, size, readWrite, unix.MAP_SHARED)
}

// MapReadOnly maps part of a file for reading.
func MapReadOnly(f *os.File, offset int64, size int) (Region, error) {
	return region("map", int(f.Fd()), offset, nil, size, unix.PROT_READ, unix.MAP_SHARED)
}

// MapAt maps part of a file over part of the region, from its byte at on.
func (r Region) MapAt(at int, f *os.File, offset int64, size int) error {
	if at < 0 || size < 0 || at+size > r.Len() {
		return fmt.Errorf("map %d bytes at %d of a region of %d: %w", size, at, r.size, unix.EINVAL)
	}
	// Safety: the pages from at on are the caller's own reservation (checked), so
	// MAP_FIXED replaces nobody else's.
	_, err := region("map", int(f.Fd()), offset, unsafe.Add(r.base, at), size, readWrite, unix.MAP_SHARED|unix.MAP_FIXED)
	return err
}

// Release gives all of the region back.
func (r Region) Release() {
	if r.base != nil {
		_ = unix.MunmapPtr(r.base, r.size)
	}
}

func region(what string, fd int, offset int64, at unsafe.Pointer, size, prot, flags int) (Region, error) {
	base, err := unix.MmapPtr(fd, offset, at, uintptr(size), prot, flags)
	if err != nil {
		return Region{}, fmt.Errorf("%s %d bytes of address space: %w", what, size, err)
	}
	return Region{base, uintptr(size)}, nil
}

// SizeLimit returns how long the process may make a file (RLIMIT_FSIZE). Going past
// it is a signal besides an error.
func SizeLimit() int64 {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_FSIZE, &l); err != nil || int64(l.Cur) < 0 {
		return 1<<63 - 1
	}
	return int64(l.Cur)
}

// Held returns how much disk space a file has, in bytes.
func Held(f *os.File) (int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return 0, &os.PathError{Op: "stat", Path: f.Name(), Err: err}
	}
	return int64(st.Blocks) * 512, nil
}

// OpenFlags are for opening a file that others may have put there: no symbolic
// link, and no waiting for somebody to open the other end of a pipe.
const OpenFlags = unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK

// linkNew gives a file a second name, and then takes the first.
func linkNew(from, to string) error {
	if err := os.Link(from, to); err != nil {
		return err
	}
	return os.Remove(from)
}

// writeZeros allocates disk space by writing zeros where nothing but holes is, or
// nothing that matters yet.
func writeZeros(f *os.File, offset, size int64) error {
	var zeros [4096]byte
	for size > 0 {
		n, err := f.WriteAt(zeros[:min(size, int64(len(zeros)))], offset)
		if err != nil {
			return err
		}
		offset, size = offset+int64(n), size-int64(n)
	}
	return nil
}
