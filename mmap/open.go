package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
	"github.com/pawl-metrics/pawl/shard"
)

// Names in the directory. FORMAT.md has them.
const (
	tempPrefix    = ".tmp-"
	processPrefix = "p-"
	slotPrefix    = "slot-"
	suffix        = ".pawl"
	archiveName   = "archive.pawl"
)

// Open makes the file of this process in a directory, which must exist, and returns
// the store whose cells are in it. A process may open several; each is a file.
//
// The error wraps ErrUnsupported on other systems than Linux, macOS and FreeBSD and
// on network file systems, ErrNotMemory, ErrSlotTaken, ErrNoSpace, or what the system
// said.
func Open(dir string, o Options) (*Store, error) {
	s, err := open(dir, o)
	if err != nil {
		return nil, fmt.Errorf("mmap: open a store in %s: %w", dir, err)
	}
	return s, nil
}

func open(dir string, o Options) (*Store, error) {
	if !sys.Supported {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, sys.ErrUnsupported)
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	fs, err := checkDir(dir, o)
	if err != nil {
		return nil, err
	}
	// A folder removes temporary files that nobody has locked. Who is that quick finds
	// ours between its creation and its lock; then there is nothing to rename.
	const attempts = 5
	for range attempts {
		var s *Store
		if s, err = attempt(dir, o, fs); err == nil {
			return s, nil
		}
		if !errors.Is(err, errAgain) {
			break
		}
	}
	return nil, err
}

// errAgain means that somebody came in between, and that nothing was lost.
var errAgain = errors.New("another process was quicker, again and again")

// checkDir says what the directory is on, if it will do.
func checkDir(dir string, o Options) (sys.FileSystem, error) {
	d, err := os.Open(dir)
	if err != nil {
		return sys.FileSystem{}, err
	}
	defer d.Close()
	if info, err := d.Stat(); err != nil || !info.IsDir() {
		return sys.FileSystem{}, errors.Join(err, errors.New("not a directory"))
	}
	on, err := sys.FileSystemOf(d)
	switch {
	case err != nil:
		return on, err
	case on.Network:
		return on, fmt.Errorf("%w: on %s, other hosts may have the files too", ErrUnsupported, on.Name)
	case o.RequireMemory && !on.Memory:
		return on, fmt.Errorf("%w, but %s", ErrNotMemory, on.Name)
	}
	return on, nil
}

// attempt makes the file and gives it its name.
func attempt(dir string, o Options, on sys.FileSystem) (_ *Store, err error) {
	header := identity(file.Process, o.Slot)
	b := file.NewBuilder(header)
	old, err := takeSlot(dir, o.Slot, b)
	if err != nil {
		return nil, err
	}
	defer old.letGo()

	temp := filepath.Join(dir, tempPrefix+header.ID.String())
	f, err := create(temp, o.mode())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.Remove(temp)
			f.Close()
		}
	}()
	s := &Store{id: header.ID, slot: o.Slot, fs: on, f: f}
	if err := s.fill(b, o.MaxBytes); err != nil {
		return nil, err
	}
	if s.path, err = publish(dir, temp, header, old); err != nil {
		s.unmap()
		return nil, err
	}
	return s, nil
}

// create makes an empty file, which nobody had made before, and locks it.
func create(name string, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|sys.OpenFlags, mode)
	if err != nil {
		return nil, noSpace(err)
	}
	if err = f.Chmod(mode); err == nil { // in spite of the umask
		err = lockNew(f)
	}
	if err != nil {
		os.Remove(name)
		f.Close()
		return nil, err
	}
	return f, nil
}

// lockNew takes the lock of a file that was just made.
func lockNew(f *os.File) error {
	err := lock.Take(f)
	switch {
	case errors.Is(err, lock.ErrHeld): // by a folder, about to remove it
		return errAgain
	case errors.Is(err, lock.ErrUnsupported):
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	return err
}

// fill writes what a new file has, and maps it.
func (s *Store) fill(b *file.Builder, most int64) error {
	if limit := sys.SizeLimit(); b.Size() > limit {
		return fmt.Errorf("a file of %d bytes, where the process may make %d (RLIMIT_FSIZE): %w", b.Size(), limit, ErrNoSpace)
	}
	if most > 0 && b.Bytes() > most {
		return fmt.Errorf("%d bytes to begin with, where %d are allowed (MaxBytes): %w", b.Bytes(), most, ErrNoSpace)
	}
	if err := b.WriteTo(s.f); err != nil {
		return noSpace(err)
	}
	space, err := newSpace(s.f, most)
	if err != nil {
		return err
	}
	s.space, s.dir.space = space, space
	if err := s.attach(b); err != nil {
		s.unmap()
		return err
	}
	return nil
}

// attach takes up where the builder stopped: behind the records that it wrote, and
// the chunks.
func (s *Store) attach(b *file.Builder) error {
	e, err := b.Directory(), error(nil)
	if err = s.dir.mapPiece(&e); err != nil {
		return err
	}
	p, err := s.space.view.Published()
	if err != nil {
		return err
	}
	s.dir.used = p.Directory
	s.dir.pieces[0].ready = uint64(s.space.round(int64(p.Directory)))
	s.next, s.stats.carried = uint32(b.Chunks()), b.Records()
	s.chunks = make(map[*shard.Chunk]*chunk)
	s.free = make(map[shard.Layout][]place)
	return nil
}

func (s *Store) unmap() {
	s.dir.release()
	s.space.head.release()
}

// publish gives the finished file the name that readers look for.
func publish(dir, temp string, h file.Header, old *slot) (path string, err error) {
	path = filepath.Join(dir, processPrefix+h.ID.String()+suffix)
	if h.Slot != "" {
		path = slotPath(dir, h.Slot)
	}
	if old.found() {
		err = os.Rename(temp, path) // over the file that we hold the lock of
	} else {
		err = sys.RenameNew(temp, path)
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		err = errors.Join(errAgain, err)
	}
	return path, err
}
