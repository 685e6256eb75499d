//go:build unix

package clientpython

import "golang.org/x/sys/unix"

// descriptor is a file without what package os adds to one, which a scrape of thousands
// of files would pay for.
type descriptor int

// openFile opens a file for reading. It does not wait for the other end of a pipe.
func openFile(path string) (file, error) { return openWith(path, 0) }

func openWith(path string, flags int) (descriptor, error) {
	for {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY|flags, 0o666)
		if err != unix.EINTR {
			return descriptor(fd), err
		}
	}
}

func (d descriptor) size() (int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(d), &st); err != nil {
		return 0, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return 0, ErrNotRegular
	}
	return st.Size, nil
}

func (d descriptor) readAt(b []byte, offset int64) (n int, err error) {
	for n < len(b) {
		got, err := unix.Pread(int(d), b[n:], offset+int64(n))
		if err == unix.EINTR {
			continue
		}
		if err != nil || got == 0 {
			return n, err
		}
		n += got
	}
	return n, nil
}

func (d descriptor) close() { unix.Close(int(d)) }
