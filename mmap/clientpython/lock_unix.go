//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package clientpython

import (
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// How a folder is locked. The kernel frees the lock when its holder dies.
const (
	shared    = unix.LOCK_SH
	exclusive = unix.LOCK_EX
)

// lock locks a folder against folds, or for one. Who only reads makes no lock file: if
// there is none, that is an error. It waits so long, then returns ErrFolding.
func lock(dir string, how int, wait time.Duration) (release func(), err error) {
	path := filepath.Join(dir, lockName)
	fd, err := openWith(path, unix.O_NOFOLLOW)
	if err == unix.ENOENT && how == exclusive {
		fd, err = openWith(path, unix.O_NOFOLLOW|unix.O_CREAT)
	}
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(wait); ; time.Sleep(2 * time.Millisecond) {
		err = unix.Flock(int(fd), how|unix.LOCK_NB)
		if err == nil {
			return fd.close, nil
		}
		if err != unix.EWOULDBLOCK && err != unix.EINTR || time.Now().After(deadline) {
			fd.close()
			return nil, busy(err)
		}
	}
}

func busy(err error) error {
	if err == unix.EWOULDBLOCK {
		return ErrFolding
	}
	return err
}

// exists says whether there is a process with an identifier, as far as this process
// can see.
func exists(pid int) bool { return unix.Kill(pid, 0) != unix.ESRCH }

// noFollow is for opening what must not be a link.
const noFollow = unix.O_NOFOLLOW

func openDead(path string) (file, error) { return openWith(path, noFollow) }
