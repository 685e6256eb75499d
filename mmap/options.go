package mmap

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// Options are for Open. The zero value is a store whose file nobody resumes.
type Options struct {
	// Slot is a name of [A-Za-z0-9_-], at most 128 of them, under which the next
	// process goes on where this one ends: its counters begin with what its
	// predecessors counted. One living process can hold a slot.
	Slot string

	// RequireMemory makes Open refuse a directory that is not on tmpfs or ramfs.
	RequireMemory bool

	// Mode is the file's permissions, whatever the umask; 0600 if zero. Whoever is to
	// read it needs them, and whoever may write it can damage it.
	Mode fs.FileMode

	// MaxBytes is how much disk space the file may take, which on tmpfs is memory. 0 is
	// no limit. At the limit new series have no cells, and are counted as dropped.
	MaxBytes int64
}

// What Open, and a store's Alloc, wrap.
var (
	// ErrUnsupported: no files can be had on this operating system or file system.
	ErrUnsupported = errors.New("no mapped files here")
	// ErrNotMemory: Options.RequireMemory, and the directory is on a disk.
	ErrNotMemory = errors.New("not on a file system in memory")
	// ErrSlotTaken: a living process has the slot.
	ErrSlotTaken = errors.New("the slot is taken")
	// ErrNoSpace: the disk, Options.MaxBytes, the process' limit for files or the format
	// allows no more. Where it was the system, its error is wrapped as well.
	ErrNoSpace = errors.New("no space")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")
)

func (o *Options) check() error {
	if len(o.Slot) > file.MaxSlot {
		return fmt.Errorf("a slot name of %d bytes, where %d are allowed", len(o.Slot), file.MaxSlot)
	}
	for i := range len(o.Slot) {
		if !slotByte(o.Slot[i]) {
			return fmt.Errorf("slot name %q: letters, digits, _ and - are allowed", o.Slot)
		}
	}
	if o.Mode&^fs.ModePerm != 0 {
		return fmt.Errorf("mode %v: only permissions are allowed", o.Mode)
	}
	if o.Mode != 0 && o.Mode&0o600 != 0o600 {
		return fmt.Errorf("mode %v: the owner must be able to read and write", o.Mode)
	}
	if o.MaxBytes < 0 {
		return fmt.Errorf("at most %d bytes", o.MaxBytes)
	}
	return nil
}

func slotByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// mode returns the permissions of the file.
func (o *Options) mode() fs.FileMode {
	if o.Mode == 0 {
		return 0o600
	}
	return o.Mode
}
