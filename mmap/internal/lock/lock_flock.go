//go:build darwin || freebsd

package lock

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// flock(2) belongs to the open file description on the BSDs, as wanted.

func take(f *os.File) error { return flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

func share(f *os.File) error { return flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) }

func release(f *os.File) error { return flock(int(f.Fd()), unix.LOCK_UN) }

// query tries for a shared lock. A holder of the exclusive one refuses it; another
// reader that asks at the same time does not. A process that takes its lock in this
// instant is refused, which is why files are locked before they have a name that
// readers look at, and resuming a slot tries again.
func query(fd int) (bool, error) {
	err := flock(fd, unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, ErrHeld) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, flock(fd, unix.LOCK_UN)
}

func flock(fd int, how int) error {
	for {
		err := unix.Flock(fd, how)
		switch err {
		case unix.EINTR:
			continue
		case unix.EWOULDBLOCK:
			return ErrHeld
		case unix.ENOLCK, unix.EOPNOTSUPP, unix.EINVAL:
			return fmt.Errorf("%w (%v)", ErrUnsupported, err)
		}
		return err
	}
}
