//go:build darwin || freebsd

package sys

import (
	"os"

	"golang.org/x/sys/unix"
)

// Allocate makes sure that part of a file, in which nothing has been written, has
// disk space, by writing zeros: the one way that all file systems know.
func Allocate(f *os.File, offset, size int64) error { return writeZeros(f, offset, size) }

// Prefault does nothing: there is no such call.
func Prefault([]byte) error { return nil }

// RenameNew gives a file a new name, and fails with EEXIST rather than replace one.
func RenameNew(from, to string) error { return linkNew(from, to) }

// FileSystemOf says what an open directory is on. A file system that is not local is
// a network's, the system says; tmpfs alone is memory.
func FileSystemOf(dir *os.File) (FileSystem, error) {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &st); err != nil {
		return FileSystem{}, &os.PathError{Op: "statfs", Path: dir.Name(), Err: err}
	}
	name := unix.ByteSliceToString(st.Fstypename[:])
	return FileSystem{Name: name, Memory: name == "tmpfs", Network: uint64(st.Flags)&unix.MNT_LOCAL == 0}, nil
}
