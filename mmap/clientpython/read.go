package clientpython

import (
	"errors"
	"io/fs"
	"os"
)

// MaxFileSize is the default limit to the bytes that a file may have in use. A file of
// client_python's cannot have more than 2 GiB.
const MaxFileSize = 256 << 20

// Read returns the entries of a file. It may be one that its process is writing to.
// Errors are of type [*FileError].
func Read(path string) ([]Entry, error) {
	b := buffer{max: MaxFileSize}
	found, err := b.body(path, false)
	if err != nil {
		return nil, in(path, err)
	}
	return found.list(), nil
}

// buffer is memory for one file after the other. It belongs to one goroutine.
type buffer struct {
	memory []byte
	max    int64 // the most bytes that a file may have in use
	guess  int   // how much to read at first: what the file before had in use
}

// tries is how often a file is read that makes no sense: its process may be writing.
// An entry lies still once used has been moved past it, and memory is read in
// order on amd64. Elsewhere, or when the file is cut while it is read, trying again
// is what helps.
const tries = 3

// body reads a file and finds its entries. If it has to be of a process that lives and is
// not, that is errDead.
func (b *buffer) body(path string, live bool) (found body, err error) {
	f, err := openFile(path)
	if err != nil {
		return body{}, err
	}
	defer f.close()
	if live && writers(f) == none {
		return body{}, errDead
	}
	return b.bodyOf(f)
}

var errDead = errors.New("nobody writes to this file any more")

// bodyOf is body of an open file.
func (b *buffer) bodyOf(f file) (found body, err error) {
	for range tries {
		var data []byte
		if data, err = b.load(f); err != nil {
			continue
		}
		if found, err = parse(data); err == nil {
			break
		}
	}
	return found, err
}

// whole reads a file to its end.
func (b *buffer) whole(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	size, err := f.size()
	if err != nil {
		return nil, err
	}
	if size > b.max {
		return nil, ErrTooBig
	}
	return b.fill(f, nil, int(size))
}

// head reads the first bytes of a file.
func (b *buffer) head(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	size, err := f.size()
	if err != nil {
		return nil, err
	}
	return b.fill(f, nil, int(min(size, headerSize)))
}

// load reads of a file what is in use. The result is valid until the next call.
func (b *buffer) load(f file) ([]byte, error) {
	size, err := f.size()
	if err != nil {
		return nil, err
	}
	data, err := b.fill(f, nil, int(min(size, int64(max(b.guess, pageSize)))))
	if err != nil {
		return nil, err
	}
	used, err := usedOf(data)
	if err != nil {
		return nil, err
	}
	if err := b.check(used, size); err != nil {
		return nil, err
	}
	b.guess = min((used+pageSize-1)&^(pageSize-1), maxGuess)
	if used <= len(data) {
		return data, nil
	}
	return b.fill(f, data, used)
}

const (
	pageSize = 4096
	maxGuess = 1 << 20
)

// check compares what a file says is in use with what there is, before any memory is
// made for it.
func (b *buffer) check(used int, size int64) error {
	if int64(used) > size {
		return damaged(int(size), ErrTruncated)
	}
	if int64(used) > b.max {
		return ErrTooBig
	}
	return nil
}

// fill reads up to byte n, of which data have been read already.
func (b *buffer) fill(f file, data []byte, n int) ([]byte, error) {
	if cap(b.memory) < n {
		grown := make([]byte, n+n/4)
		copy(grown, data)
		b.memory = grown
	}
	got, err := f.readAt(b.memory[len(data):n], int64(len(data)))
	if err != nil {
		return nil, err
	}
	return b.memory[:len(data)+got], nil
}

// file is an open file, for reading.
type file interface {
	size() (int64, error) // ErrNotRegular if it has none
	// readAt reads until the buffer is full or the file ends, which is no error.
	readAt(b []byte, offset int64) (int, error)
	close()
}

// reason takes the path out of an error of package os: a FileError says it already.
func reason(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
