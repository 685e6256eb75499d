//go:build !linux && !darwin && !freebsd

package sys

import "os"

// Supported says whether the calls of this package work.
const Supported = false

// OpenFlags are for opening a file that others may have put there.
const OpenFlags = 0

// Reserve is not supported.
func Reserve(int) (Region, error) { return Region{}, ErrUnsupported }

// Map is not supported.
func Map(*os.File, int64, int) (Region, error) { return Region{}, ErrUnsupported }

// MapReadOnly is not supported.
func MapReadOnly(*os.File, int64, int) (Region, error) { return Region{}, ErrUnsupported }

// MapAt is not supported.
func (r Region) MapAt(int, *os.File, int64, int) error { return ErrUnsupported }

// Release does nothing.
func (r Region) Release() {}

// SizeLimit is not supported.
func SizeLimit() int64 { return 1<<63 - 1 }

// Held is not supported.
func Held(*os.File) (int64, error) { return 0, ErrUnsupported }

// Allocate is not supported.
func Allocate(*os.File, int64, int64) error { return ErrUnsupported }

// Prefault does nothing.
func Prefault([]byte) error { return nil }

// RenameNew is not supported.
func RenameNew(string, string) error { return ErrUnsupported }

// FileSystemOf is not supported.
func FileSystemOf(*os.File) (FileSystem, error) { return FileSystem{}, ErrUnsupported }
