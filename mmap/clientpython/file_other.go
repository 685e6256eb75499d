//go:build !unix

package clientpython

import (
	"io"
	"os"
)

type osFile struct{ *os.File }

func openFile(path string) (file, error) {
	f, err := os.Open(path)
	return osFile{f}, reason(err)
}

func (f osFile) size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, reason(err)
	}
	if !info.Mode().IsRegular() {
		return 0, ErrNotRegular
	}
	return info.Size(), nil
}

func (f osFile) readAt(b []byte, offset int64) (int, error) {
	n, err := f.ReadAt(b, offset)
	if err == io.EOF {
		err = nil
	}
	return n, err
}

func (f osFile) close() { f.File.Close() }
