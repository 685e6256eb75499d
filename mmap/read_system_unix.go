//go:build linux || darwin || freebsd

package mmap

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
)

// descriptor numbers, and not os.File: where there are thousands of files, what
// os.File does for each beyond opening it (a finalizer, asking whether it can be
// polled) costs more than all else.
type handle struct{ fd int }

var noHandle = handle{-1}

// ident says whether two names, or one name at two times, lead to the same file. It
// is reliable while the file is open or mapped: only then nobody else can be given its
// number.
type ident struct{ dev, ino uint64 }

// openFile opens a regular file for reading and returns its length. It follows no
// symbolic link, and does not wait for anybody at the other end of a pipe.
func openFile(path string) (h handle, id ident, size int64, err error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	})
	if err == unix.ELOOP {
		return noHandle, ident{}, 0, errNotRegular
	}
	if err != nil {
		return noHandle, ident{}, 0, err
	}
	h = handle{fd}
	id, size, err = h.stat()
	if err != nil {
		h.close()
		return noHandle, ident{}, 0, err
	}
	return h, id, size, nil
}

func (h handle) stat() (ident, int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(h.fd, &st); err != nil {
		return ident{}, 0, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return ident{}, 0, errNotRegular
	}
	return ident{uint64(st.Dev), uint64(st.Ino)}, st.Size, nil
}

// identOf returns what a name leads to now.
func identOf(path string) (ident, error) {
	var st unix.Stat_t
	_, err := retry(func() (int, error) { return 0, unix.Lstat(path, &st) })
	return ident{uint64(st.Dev), uint64(st.Ino)}, err
}

func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

func (h handle) open() bool { return h.fd >= 0 }

func (h handle) close() {
	if h.open() {
		unix.Close(h.fd)
	}
}

// held says whether a living process writes to the file.
func (h handle) held() (bool, error) { return lock.HeldFD(h.fd) }

// fill reads len(b) bytes at an offset.
func (h handle) fill(b []byte, at int64) error {
	for len(b) > 0 {
		n, err := retry(func() (int, error) { return unix.Pread(h.fd, b, at) })
		if err != nil {
			return err
		}
		if n == 0 {
			return file.ErrTruncated
		}
		b, at = b[n:], at+int64(n)
	}
	return nil
}

// mapped maps the first bytes of the file, for reading.
func (h handle) mapped(size int64) ([]byte, error) {
	return unix.Mmap(h.fd, 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
}

func unmap(b []byte) {
	if b != nil {
		unix.Munmap(b)
	}
}

// file returns an os.File for the same opening of the file; the handle is not to be
// used after.
func (h handle) file(path string) *os.File { return os.NewFile(uintptr(h.fd), path) }

// createFile makes a new file.
func createFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|unix.O_NOFOLLOW, 0o600)
}

// openLock opens the file that is there to be locked, or makes it.
func openLock(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
}

// handleOf returns a handle for an open file, which stays the file's to close.
func handleOf(f *os.File) handle { return handle{int(f.Fd())} }
