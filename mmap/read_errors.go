package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// ErrorKind says what is the matter with a file, in one word: the label kind of
// pawl_file_errors.
type ErrorKind string

// The kinds of [FileError].
const (
	Damaged    ErrorKind = "damaged"    // its bytes contradict themselves
	Unreadable ErrorKind = "unreadable" // another byte order, another version, or no pawl file
	Truncated  ErrorKind = "truncated"  // it ends before what it says that it holds
	Oversized  ErrorKind = "oversized"  // more than the Limits allow
	NotRegular ErrorKind = "notregular" // a symbolic link, a directory, a pipe
	Permission ErrorKind = "permission"
	Vanished   ErrorKind = "vanished"
	Layout     ErrorKind = "layout"   // buckets other than those of the family's first file
	Conflict   ErrorKind = "conflict" // type, unit, help or mode other than those of the first
	System     ErrorKind = "system"   // another error of the operating system
)

var errorKinds = []ErrorKind{Damaged, Unreadable, Truncated, Oversized, NotRegular, Permission, Vanished, Layout, Conflict, System}

// FileError is what is wrong with one file. It costs nothing but that file, or,
// where Kind is Layout or Conflict, one family of it.
type FileError struct {
	Path   string
	Kind   ErrorKind
	Offset int64 // of the trouble in the file, as far as it is known
	Err    error
}

// Error returns a sentence with the path and the reason.
func (e *FileError) Error() string {
	if e.Offset > 0 {
		return fmt.Sprintf("mmap: %s: at byte %#x: %v", e.Path, e.Offset, e.Err)
	}
	return fmt.Sprintf("mmap: %s: %v", e.Path, e.Err)
}

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// What can be wrong with a file as a whole, beside what the operating system says.
var (
	errNotRegular = errors.New("not a regular file")
	errOversized  = errors.New("more than the limits allow")
	errFault      = errors.New("cut short while it was read")
	errChanging   = errors.New("its writer changes it faster than it can be read")
)

// fileError makes err the error of a file.
func fileError(path string, err error) *FileError {
	var known *FileError
	if errors.As(err, &known) {
		return known
	}
	e := &FileError{Path: path, Kind: kindOf(err), Err: reason(err)}
	var at *damageAt
	if errors.As(err, &at) {
		e.Offset, e.Err = int64(at.offset), at.err
	}
	return e
}

func kindOf(err error) ErrorKind {
	switch {
	case errors.Is(err, file.ErrForeign):
		return Unreadable
	case errors.Is(err, file.ErrTruncated), errors.Is(err, errFault):
		return Truncated
	case errors.Is(err, file.ErrDamaged), errors.Is(err, file.ErrChanged), errors.Is(err, descriptor.ErrMalformed), errors.Is(err, errChanging):
		return Damaged
	case errors.Is(err, errOversized):
		return Oversized
	case errors.Is(err, errNotRegular):
		return NotRegular
	case errors.Is(err, fs.ErrPermission):
		return Permission
	case errors.Is(err, fs.ErrNotExist):
		return Vanished
	}
	return System
}

// reason takes the path out of an error of package os: a FileError says it already.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// damageAt is an error at an offset of a file whose path the caller knows.
type damageAt struct {
	offset uint64
	err    error
}

func (d *damageAt) Error() string { return fmt.Sprintf("at byte %#x: %v", d.offset, d.err) }
func (d *damageAt) Unwrap() error { return d.err }

// damaged returns an error that wraps file.ErrDamaged.
func damaged(offset uint64, format string, args ...any) error {
	return &damageAt{offset, fmt.Errorf(format+": %w", append(args, file.ErrDamaged)...)}
}
