package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
)

// space is a file as its writer has it: how long it is, how much disk space it holds,
// and the table of its extents. The store's mutex guards it.
type space struct {
	f       *os.File
	head    *mapping  // everything before the first extent
	view    file.View // of head
	extents int       // published
	end     int64     // the file's length, after the last extent
	held    int64     // disk space, in bytes
	table   uint64    // where the table's disk space ends
	most    int64     // Options.MaxBytes; 0: no limit
	page    int64
}

// newSpace maps the head of a file that a builder has written.
func newSpace(f *os.File, most int64) (*space, error) {
	s := &space{f: f, most: most, page: int64(os.Getpagesize())}
	if s.page > file.Unit {
		return nil, fmt.Errorf("pages of %d bytes: %w", s.page, ErrUnsupported)
	}
	head, err := mapFile(f, 0, file.ExtentsAt)
	if err != nil {
		return nil, err
	}
	s.head = head
	if err := s.load(); err != nil {
		head.release()
		return nil, err
	}
	return s, nil
}

func (s *space) load() (err error) {
	if s.view, err = file.NewView(s.head.Bytes()); err != nil {
		return err
	}
	p, err := s.view.Published()
	if err != nil {
		return err
	}
	s.extents = p.Extents
	s.table = uint64(s.round(int64(file.ExtentAt(p.Extents))))
	info, err := s.f.Stat()
	if err != nil {
		return err
	}
	s.end = info.Size()
	s.held, err = sys.Held(s.f)
	return err
}

// round returns the smallest multiple of the page size that is n or more.
func (s *space) round(n int64) int64 { return (n + s.page - 1) &^ (s.page - 1) }

// lengthen makes room for an extent at the end of the file, all of it a hole. It says
// so in the table only when publish is called; another lengthen before that takes
// the same room.
func (s *space) lengthen(e *file.Extent) error {
	if s.extents == file.MaxExtents {
		return fmt.Errorf("%d extents, as many as a file can have: %w", s.extents, ErrNoSpace)
	}
	e.Offset = uint64(s.end)
	want := s.end + int64(e.Length)
	// Past the limit the system sends a signal besides refusing. Nobody should have to
	// handle that.
	if limit := sys.SizeLimit(); want > limit {
		return fmt.Errorf("a file of %d bytes, where the process may make %d (RLIMIT_FSIZE): %w", want, limit, ErrNoSpace)
	}
	if at := file.ExtentAt(s.extents) + file.ExtentBytes; at > s.table {
		if err := s.allocate(int64(s.table), s.page); err != nil {
			return err
		}
		s.table += uint64(s.page)
	}
	if err := s.f.Truncate(want); err != nil {
		return noSpace(err)
	}
	return nil
}

// publish shows an extent that lengthen made room for to readers.
func (s *space) publish(e *file.Extent) {
	s.view.PutWords(file.ExtentAt(s.extents), e.Encode())
	s.extents++
	s.end += int64(e.Length)
	s.view.Publish(file.ExtentCountAt, uint64(s.extents))
}

// abandon takes back what lengthen did.
func (s *space) abandon() {
	_ = s.f.Truncate(s.end) // where it fails there is only a hole more
	s.count()
}

// count asks what the file holds. Adding up what was allocated would be wrong after a
// failure half way through.
func (s *space) count() {
	if n, err := sys.Held(s.f); err == nil {
		s.held = n
	}
}

// allocate gives whole pages of the file disk space, where they have none yet.
func (s *space) allocate(offset, size int64) error {
	if size == 0 {
		return nil
	}
	if s.most > 0 && s.held+size > s.most {
		return fmt.Errorf("%d bytes of disk space and %d more, where %d are allowed (MaxBytes): %w", s.held, size, s.most, ErrNoSpace)
	}
	if err := sys.Allocate(s.f, offset, size); err != nil {
		return noSpace(err)
	}
	s.count()
	return nil
}

// noSpace wraps ErrNoSpace around the system's errors that mean it. It leaves out the
// file's name, which is the temporary one that it was opened under.
func noSpace(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}
