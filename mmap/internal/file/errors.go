package file

import "errors"

// What is wrong with a file. Errors of this package wrap one of them.
var (
	// ErrForeign: it is no file of ours, or one that this program cannot read.
	ErrForeign = errors.New("not a pawl file that can be read here")
	// ErrTruncated: something lies beyond the end of the bytes that were given. A
	// living writer makes its file longer before it says so: look at the file's
	// length again before you call it damaged.
	ErrTruncated = errors.New("beyond the end of the file")
	// ErrDamaged: the bytes contradict themselves.
	ErrDamaged = errors.New("damaged")
	// ErrChanged: the writer changed a record while it was read. Try again.
	ErrChanged = errors.New("changed while it was read")
	// ErrFull: one of the format's own limits.
	ErrFull = errors.New("no room in the format")
)
