package clientpython

import (
	"errors"
	"fmt"
)

// What can be wrong with a file. A [FileError] says with which one, and where.
var (
	ErrForeign    = errors.New("not the name of a file of client_python's")
	ErrNotRegular = errors.New("not a regular file")
	ErrTooBig     = errors.New("more bytes in use than the limit allows")
	ErrTruncated  = errors.New("the file ends before its entries do")
	ErrCorrupt    = errors.New("what stands here is no entry")
	ErrKey        = errors.New("a key that makes no sense")
	ErrArchive    = errors.New("not an archive, or a damaged one")
)

// What can be wrong with a family. A [FamilyError] says with which one.
var (
	// ErrConflict means that another file has given the family another type, or another
	// gauge mode. The entries that came second are left out.
	ErrConflict = errors.New("files disagree on the type or mode")
	// ErrLayout means that processes have different buckets. The result has all of
	// them, and quantiles from it are wrong.
	ErrLayout = errors.New("processes have different buckets")
	// ErrCount means that what should be a count is negative, a fraction or too large.
	// The series is left out.
	ErrCount = errors.New("a count that is none")
)

// ErrFolding means that another process is folding the folder.
var ErrFolding = errors.New("clientpython: another process is folding this folder")

// FileError is what is wrong with one file. The others are not affected.
type FileError struct {
	Path   string
	Offset int64 // of the byte from which on it makes no sense; 0 for the whole file
	Err    error // one of this package's, or the operating system's
}

// Error returns a sentence with the path, the offset and the reason.
func (e *FileError) Error() string {
	if e.Offset == 0 {
		return fmt.Sprintf("clientpython: %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("clientpython: %s: at byte %d: %v", e.Path, e.Offset, e.Err)
}

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// FamilyError is what is wrong with one family.
type FamilyError struct {
	Family string
	Path   string // of a file that shows it, when there is one
	Err    error
}

// Error returns a sentence with the family, the file and the reason.
func (e *FamilyError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("clientpython: family %q: %v", e.Family, e.Err)
	}
	return fmt.Sprintf("clientpython: family %q: %v, as %s shows", e.Family, e.Err, e.Path)
}

// Unwrap returns the reason.
func (e *FamilyError) Unwrap() error { return e.Err }

// damage is an error at an offset of a file whose path the caller knows.
type damage struct {
	offset int
	err    error
}

func (d *damage) Error() string { return fmt.Sprintf("at byte %d: %v", d.offset, d.err) }
func (d *damage) Unwrap() error { return d.err }

func damaged(offset int, err error) error { return &damage{offset, err} }

// in returns err as the error of a file.
func in(path string, err error) error {
	var d *damage
	if errors.As(err, &d) {
		return &FileError{path, int64(d.offset), d.err}
	}
	return &FileError{Path: path, Err: err}
}
