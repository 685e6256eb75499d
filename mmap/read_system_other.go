//go:build !linux && !darwin && !freebsd

package mmap

import (
	"errors"
	"os"
)

type handle struct{}

var noHandle handle

type ident struct{ dev, ino uint64 }

func openFile(string) (handle, ident, int64, error) {
	return noHandle, ident{}, 0, errors.ErrUnsupported
}

func (handle) stat() (ident, int64, error)  { return ident{}, 0, errors.ErrUnsupported }
func identOf(string) (ident, error)         { return ident{}, errors.ErrUnsupported }
func (handle) open() bool                   { return false }
func (handle) close()                       {}
func (handle) held() (bool, error)          { return false, errors.ErrUnsupported }
func (handle) fill([]byte, int64) error     { return errors.ErrUnsupported }
func (handle) mapped(int64) ([]byte, error) { return nil, errors.ErrUnsupported }
func (handle) file(string) *os.File         { return nil }
func unmap([]byte)                          {}
func createFile(string) (*os.File, error)   { return nil, errors.ErrUnsupported }
func openLock(string) (*os.File, error)     { return nil, errors.ErrUnsupported }

func handleOf(*os.File) handle { return noHandle }
