// Package lock is how a process shows that it lives: an exclusive lock on an open
// file description, which the kernel lets go of when the last descriptor of it is
// closed and the last mapping made of it is gone: at the very moment of death,
// whatever the process died of.
//
// It is never POSIX's lock of fcntl(F_SETLK). That belongs to the process, and goes
// when the process closes any descriptor of the file, say one that a scrape of its
// own directory had opened for a moment.
//
// Since a mapping keeps the description, closing the file is not enough to let go;
// [Release] is.
package lock

import (
	"errors"
	"os"
)

// ErrHeld means that somebody else holds the lock.
var ErrHeld = errors.New("locked by a living process")

// ErrUnsupported means that locks cannot be had on this file system, or on this
// operating system: who died could not be told from who lives.
var ErrUnsupported = errors.New("file locks are not supported here")

// Take takes the lock of a file's writer, without waiting. Its error wraps ErrHeld,
// or ErrUnsupported, or is the system's.
func Take(f *os.File) error { return wrap("lock", f, take(f)) }

// Share takes the lock of who folds a dead file, without waiting: it proves that no
// writer has the file and keeps any from taking it, but to those who ask with Held
// the file stays as dead as it was. Several may have it. Its errors are Take's. The
// file may be open for reading only.
func Share(f *os.File) error { return wrap("lock", f, share(f)) }

// Release lets go of either. Other descriptors and mappings of the same opening lose
// it too.
func Release(f *os.File) error { return wrap("unlock", f, release(f)) }

// Held says whether a writer holds the lock, through another opening of the file than
// this one, which has none. It takes nothing, or, where the system knows no such
// question, takes a shared lock for an instant.
func Held(f *os.File) (bool, error) {
	held, err := HeldFD(int(f.Fd()))
	return held, wrap("ask for the lock of", f, err)
}

// HeldFD is Held of a file descriptor, for those who look at thousands of files.
func HeldFD(fd int) (bool, error) { return query(fd) }

func wrap(what string, f *os.File, err error) error {
	if err == nil {
		return nil
	}
	return &os.PathError{Op: what, Path: f.Name(), Err: err}
}
