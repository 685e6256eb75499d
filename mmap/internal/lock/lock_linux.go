package lock

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// whole is a lock of the given type on a whole file, however long it becomes. The
// kernel wants the pid to be 0 in locks of open file descriptions.
func whole(typ int16) unix.Flock_t {
	return unix.Flock_t{Type: typ, Whence: io.SeekStart}
}

func take(f *os.File) error { return set(f, unix.F_WRLCK) }

func release(f *os.File) error { return set(f, unix.F_UNLCK) }

func set(f *os.File, typ int16) error {
	l := whole(typ)
	return explain(fcntl(f, unix.F_OFD_SETLK, &l))
}

func query(f *os.File) (bool, error) {
	l := whole(unix.F_WRLCK)
	err := fcntl(f, unix.F_OFD_GETLK, &l)
	return l.Type != unix.F_UNLCK, explain(err)
}

func fcntl(f *os.File, cmd int, l *unix.Flock_t) error {
	for {
		err := unix.FcntlFlock(f.Fd(), cmd, l)
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
