package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
)

// slot is the file that the last holder of a slot left, locked so that nobody else
// resumes or folds it.
//
// The order of events, and what a kill after each leaves:
//
//  1. lock the old file          it, unlocked again: the next one resumes it
//  2. write all that it has to   it, and a temporary file that a folder removes
//     a new file, locked
//  3. rename that over it        the new file, dead: the next one resumes that
//
// So there is always one file of that name that has everything.
type slot struct {
	f *os.File
}

func (s *slot) found() bool { return s.f != nil }

func (s *slot) letGo() {
	if s.f != nil {
		_ = lock.Release(s.f)
		s.f.Close()
	}
}

func slotPath(dir, name string) string { return filepath.Join(dir, slotPrefix+name+suffix) }

// takeSlot locks what the last holder left, if there is a slot and a file, and adds to
// b what is in it.
func takeSlot(dir, name string, b *file.Builder) (*slot, error) {
	if name == "" {
		return &slot{}, nil
	}
	f, err := lockSlot(slotPath(dir, name))
	if err != nil || f == nil {
		return &slot{}, err
	}
	s := &slot{f}
	if err := carry(dir, f, b); err != nil {
		s.letGo()
		return nil, err
	}
	return s, nil
}

// foldingTakes is how long to wait for somebody who folds the file.
const foldingTakes = 10 * time.Second

// lockSlot opens and locks the file of a slot. It returns nil when there is none.
func lockSlot(path string) (*os.File, error) {
	for deadline := time.Now().Add(foldingTakes); ; time.Sleep(time.Millisecond) {
		f, err := tryLockSlot(path)
		if !errors.Is(err, errAgain) || time.Now().After(deadline) {
			return f, err
		}
	}
}

func tryLockSlot(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|sys.OpenFlags, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, syscall.ELOOP):
		return nil, fmt.Errorf("%s is a symbolic link: %w", path, err)
	case err != nil:
		return nil, err
	}
	if err := lockIfThere(f, path); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockIfThere locks an open file, if its name still leads to it.
func lockIfThere(f *os.File, path string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file: %v", path, info.Mode())
	}
	if err := lock.Take(f); errors.Is(err, lock.ErrHeld) {
		return taken(f, path)
	} else if err != nil {
		return err
	}
	now, err := os.Lstat(path)
	if err != nil || !os.SameFile(info, now) {
		return errAgain // folded, or resumed by another, between opening and locking
	}
	return nil
}

// taken says who holds the lock: a process, or somebody who folds the file and will
// be done soon.
func taken(f *os.File, path string) error {
	held, err := lock.Held(f)
	if err != nil {
		return err
	}
	if !held {
		return errAgain
	}
	who := "a process"
	head := make([]byte, file.HeaderBytes)
	if _, err := f.ReadAt(head, file.HeaderA); err == nil {
		if h, err := file.ParseHeader(head); err == nil {
			who = fmt.Sprintf("process %d of host %s", h.PID, h.Host)
		}
	}
	return fmt.Errorf("%s: %w by %s", path, ErrSlotTaken, who)
}

// carry adds to b what a dead file has, unless the archive has it already.
func carry(dir string, f *os.File, b *file.Builder) error {
	id, err := fileID(f)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	folded, err := archiveHas(filepath.Join(dir, archiveName), id)
	if err != nil || folded {
		return err
	}
	if err := carryInto(b, f); err != nil {
		return fmt.Errorf("%s: %w", f.Name(), err)
	}
	return nil
}

func fileID(f *os.File) (id file.ID, err error) {
	err = withView(f, func(v file.View) error {
		h, err := v.Header()
		if err == nil {
			id = h.ID
		}
		return err
	})
	return id, err
}

// archiveHas says whether an archive lists a file among those that it contains. We
// hold the file's lock, so no fold of it begins after the archive was opened here. An
// archive that cannot be read has nothing: no reader counts what is in it.
func archiveHas(path string, id file.ID) (has bool, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|sys.OpenFlags, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = withView(f, func(v file.View) error {
		has = lists(v, id)
		return nil
	})
	if errors.Is(err, file.ErrTruncated) || errors.Is(err, file.ErrDamaged) {
		err = nil
	}
	return has, err
}

// lists says whether a record of kind folded has the id.
func lists(v file.View, id file.ID) bool {
	p, err := v.Published()
	if err != nil {
		return false
	}
	var x file.Index
	_ = x.Extend(v, p.Extents)
	var r file.Record
	for e, err := range x.Walk(0, p.Directory) {
		if err != nil || x.Record(e.At, &r) != nil || r.State.Status() != file.Live {
			continue
		}
		d, err := descriptor.Parse(r.Desc)
		if err != nil || d.Kind != descriptor.Folded {
			continue
		}
		for _, other := range d.IDs {
			if other == id {
				return true
			}
		}
	}
	return false
}

// withView calls use with all bytes of a file, mapped. A fault, because somebody has
// made the file shorter, becomes an error.
func withView(f *os.File, use func(file.View) error) (err error) {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < file.ExtentsAt || info.Size() != int64(int(info.Size())) {
		return fmt.Errorf("%d bytes: %w", info.Size(), file.ErrTruncated)
	}
	region, err := sys.MapReadOnly(f, 0, int(info.Size()))
	if err != nil {
		return err
	}
	defer region.Release()
	v, err := file.NewView(region.Bytes())
	if err != nil {
		return err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v: %w", fault, file.ErrTruncated)
		}
	}()
	return use(v)
}
