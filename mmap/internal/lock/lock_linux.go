package lock

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// A writer locks the whole file, however long it becomes; a folder shares its second
// byte; who asks asks for the first.
const (
	all        = 0 // length of a lock to the end
	askedByte  = 0
	foldedByte = 1
)

func take(f *os.File) error { return set(f, unix.F_WRLCK, 0, all) }

func share(f *os.File) error { return set(f, unix.F_RDLCK, foldedByte, 1) }

func release(f *os.File) error { return set(f, unix.F_UNLCK, 0, all) }

// set leaves the pid 0, as the kernel wants it in locks of open file descriptions.
func set(f *os.File, typ int16, start, length int64) error {
	l := unix.Flock_t{Type: typ, Whence: io.SeekStart, Start: start, Len: length}
	return explain(fcntl(int(f.Fd()), unix.F_OFD_SETLK, &l))
}

func query(fd int) (bool, error) {
	l := unix.Flock_t{Type: unix.F_RDLCK, Whence: io.SeekStart, Start: askedByte, Len: 1}
	if err := fcntl(fd, unix.F_OFD_GETLK, &l); err != nil {
		return false, explain(err)
	}
	return l.Type != unix.F_UNLCK, nil
}

func fcntl(fd int, cmd int, l *unix.Flock_t) error {
	for {
		err := unix.FcntlFlock(uintptr(fd), cmd, l)
		if err != unix.EINTR {
			return err
		}
	}
}

func explain(err error) error {
	switch {
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EACCES):
		return ErrHeld
	case errors.Is(err, unix.ENOLCK), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w (%v)", ErrUnsupported, err)
	}
	return err
}
