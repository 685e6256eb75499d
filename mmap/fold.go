package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/clientpython"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
)

// CompactOptions configures [Compact]. The zero value is ready for use.
type CompactOptions struct {
	Limits Limits

	// ClaimForeign also folds what processes of other machines have left: files that
	// nobody has locked and that were written under another host's name. Only who
	// knows that nobody there is alive may say so: a writer whose lock is not
	// seen here loses what it records after the fold.
	ClaimForeign bool

	// LeavePython leaves client_python's files alone, where its own collector
	// reads the directory too.
	LeavePython bool
}

// Report is what a fold did.
type Report struct {
	Folded  int          // files of dead processes that are in the archive now, and removed
	Removed int          // leftovers of folds and of processes that were killed
	Series  int          // records of the archive
	Bytes   int64        // of disk space that the archive takes
	Errors  []*FileError // of files that stay, with what they hold

	Python clientpython.FoldResult
}

// ErrFolding means that somebody else is folding the directory.
var ErrFolding = errors.New("mmap: somebody else is folding this directory")

// lockName is the file that who folds has locked.
const lockName = "archive.lock"

// Compact folds what dead processes have left in a directory into one archive, and
// removes their files. What readers see does not change by that: totals stay what they
// are to the last bit, gauges of live modes had gone when their process died.
//
// It may be killed at any point, and called by several processes: one folds, the
// others get [ErrFolding]. FORMAT.md, "Folding", has the steps and why none of them
// loses or doubles anything. Errors of single files are in the report, and leave these
// files as they are; the error is about the directory or the archive.
func Compact(dir string, o CompactOptions) (Report, error) {
	return (&folder{dir: dir, options: o, step: func(string) error { return nil }}).fold()
}

// folder is one fold. It belongs to one goroutine.
type folder struct {
	dir     string
	options CompactOptions
	step    func(done string) error // tests stop here, as a kill would

	limits  Limits
	desk    *desk
	sources []*source // all files of processes, of which the headers are known
	held    []*os.File
	report  Report
}

// atOneFold is how many files are folded in one go. Each is open and locked until it
// is removed, and file descriptors are scarce.
const atOneFold = 256

func (f *folder) fold() (Report, error) {
	f.limits = f.options.Limits.orDefaults()
	f.desk = &desk{limits: f.limits}
	l, err := openLock(filepath.Join(f.dir, lockName))
	if err != nil {
		return f.report, fileError(filepath.Join(f.dir, lockName), err)
	}
	defer l.Close()
	if err := lock.Take(l); errors.Is(err, lock.ErrHeld) {
		return f.report, ErrFolding
	} else if err != nil {
		return f.report, fileError(l.Name(), err)
	}
	defer f.letGo()
	if err = f.step("locked"); err == nil {
		err = f.foldAll()
	}
	if err == nil && !f.options.LeavePython {
		err = f.foldPython()
	}
	return f.report, err
}

func (f *folder) letGo() {
	for _, file := range f.held {
		file.Close()
	}
	f.held = nil
}

func (f *folder) foldAll() error {
	names, err := f.survey()
	if err != nil {
		return err
	}
	f.removeTemporary(names)
	for rest := f.sources; ; {
		some := rest[:min(atOneFold, len(rest))]
		rest = rest[len(some):]
		if err := f.foldSome(some); err != nil {
			return err
		}
		f.letGo()
		if len(rest) == 0 {
			return nil
		}
	}
}

// survey reads the headers of all files, to know whom they are of: two processes with
// one number get different labels, whether they are folded at once or not.
func (f *folder) survey() (names []string, err error) {
	d, err := os.Open(f.dir)
	if err != nil {
		return nil, fileError(f.dir, err)
	}
	defer d.Close()
	if names, err = d.Readdirnames(-1); err != nil {
		return nil, fileError(f.dir, err)
	}
	slices.Sort(names)
	for _, name := range names {
		if !isOurs(name) || name == archiveName {
			continue
		}
		s := &source{path: f.path(name), handle: noHandle}
		if err := guard(func() error { return s.readHeader(f.desk) }); err == nil {
			f.sources = append(f.sources, s)
		} else if !errors.Is(err, fs.ErrNotExist) {
			f.report.Errors = append(f.report.Errors, fileError(s.path, err))
		}
	}
	nameProcesses(f.sources)
	return names, nil
}

// readHeader reads the header alone.
func (s *source) readHeader(d *desk) error {
	h, id, size, err := openFile(s.path)
	if err != nil {
		return err
	}
	defer h.close()
	if size > d.limits.FileBytes {
		return errOversized
	}
	s.id = id
	v, err := d.read(h, min(size, file.ExtentsAt))
	if err == nil {
		s.Header, err = v.Header()
	}
	return err
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// foldSome folds those of the files that are of dead processes.
func (f *folder) foldSome(some []*source) error {
	table := newTable(f.limits.Series)
	archive, err := f.readArchive(table)
	if err != nil {
		return err
	}
	var contained ids
	var left remains
	if archive != nil {
		contained.list(archive.folded)
		left.add(archive)
	}
	var members, leftovers []*source
	for _, s := range some {
		dead, err := f.lockDead(s)
		if dead && err == nil && contained.folded[s.ID] {
			leftovers = append(leftovers, s)
			continue
		}
		if dead && err == nil {
			err = f.read(s, table)
		}
		if err != nil {
			f.report.Errors = append(f.report.Errors, fileError(s.path, err))
		} else if dead {
			members = append(members, s)
			left.add(s)
		}
	}
	if len(members) > 0 {
		if err := f.publish(&left, archive, members); err != nil {
			return err
		}
		f.report.Folded += len(members)
	}
	f.report.Removed += len(leftovers)
	return f.remove(append(leftovers, members...))
}

// readArchive returns nil when there is none. One that cannot be read ends the fold: a
// new one would be without what the old one has.
func (f *folder) readArchive(t *table) (*source, error) {
	s := &source{path: f.path(archiveName), handle: noHandle}
	err := guard(func() error { return s.open(t, f.desk, thisMachine(), false) })
	s.close()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !s.archived() {
		err = damaged(file.HeaderA, "a file of a process under the archive's name")
	}
	if err != nil {
		return nil, fileError(s.path, err)
	}
	return s, nil
}

// lockDead keeps a file of a dead process from being resumed. It says false for others,
// and when another file has taken the name.
func (f *folder) lockDead(s *source) (bool, error) {
	h, id, _, err := openFile(s.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return false, err
	}
	opened := h.file(s.path)
	switch err := lock.Share(opened); {
	case errors.Is(err, lock.ErrHeld):
		return false, opened.Close()
	case err != nil:
		return false, errors.Join(err, opened.Close())
	}
	now, err := identOf(s.path)
	state := thisMachine().liveness(s.Header, false)
	if err != nil || id != s.id || now != id || state == Foreign && !f.options.ClaimForeign {
		return false, opened.Close()
	}
	f.held = append(f.held, opened)
	return true, nil
}

// read reads a file that is locked. It goes on only with the very file that was.
func (f *folder) read(s *source, t *table) error {
	label, id := s.label, s.id
	err := guard(func() error { return s.open(t, f.desk, thisMachine(), false) })
	s.close()
	s.label = label
	if err == nil && (s.id != id || s.state == Alive) {
		err = fs.ErrNotExist
	}
	if err == nil {
		err = s.check()
	}
	return err
}

// check finds parts of native histograms that are none: a merge leaves them out, and so
// the file must stay.
func (s *source) check() error {
	for i := range s.entries {
		e := &s.entries[i]
		if !e.form.parted() {
			continue
		}
		var alone nativeValue
		alone.begin(e.form)
		alone.add(e, s.holds(e), s)
		if alone.total(); alone.err != nil {
			return alone.err
		}
	}
	return nil
}

// publish writes the new archive and puts it in the place of the old one.
func (f *folder) publish(left *remains, old *source, members []*source) error {
	b := file.NewBuilder(identity(file.Archive, ""))
	if err := left.addTo(b); err != nil {
		return fileError(f.path(archiveName), err)
	}
	if err := addFolded(b, f.listed(old, members)); err != nil {
		return fileError(f.path(archiveName), err)
	}
	// An archive that readers refuse would be worse than many files.
	if common := (Limits{}).orDefaults(); b.Size() > min(f.limits.FileBytes, common.FileBytes) || len(left.list) > min(f.limits.Records, common.Records)/2 {
		return fileError(f.path(archiveName), errOversized)
	}
	f.report.Series, f.report.Bytes = len(left.list), b.Bytes()
	id := newID()
	temporary := f.path(tempPrefix + id.String())
	if err := f.write(temporary, b); err != nil {
		return err
	}
	if err := os.Rename(temporary, f.path(archiveName)); err != nil {
		return fileError(temporary, err)
	}
	if err := f.step("renamed"); err != nil {
		return err
	}
	return f.syncDir()
}

// listed returns the ids that the new archive lists: of its new members, and of old ones
// of which the file is still there.
func (f *folder) listed(old *source, members []*source) (list []file.ID) {
	for _, s := range members {
		list = append(list, s.ID)
	}
	if old == nil {
		return list
	}
	for _, id := range old.folded {
		if slices.ContainsFunc(f.sources, func(s *source) bool { return s.ID == id }) {
			list = append(list, id)
		}
	}
	return list
}

// idsOfRecord is how many ids a record of kind folded has.
const idsOfRecord = 1024

func addFolded(b *file.Builder, list []file.ID) error {
	for some := range slices.Chunk(list, idsOfRecord) {
		d := descriptor.Descriptor{Kind: descriptor.Folded}
		for _, id := range some {
			d.IDs = append(d.IDs, id)
		}
		if _, err := b.Add(descriptor.Append(nil, &d), 0); err != nil {
			return err
		}
	}
	return nil
}

// write makes the new archive under its temporary name, and waits until it is on disk.
// It is locked so that nobody takes it for one that was left behind.
func (f *folder) write(path string, b *file.Builder) error {
	w, err := createFile(path)
	if err != nil {
		return fileError(path, err)
	}
	defer w.Close()
	err = lock.Take(w)
	if err == nil {
		err = f.step("made")
	}
	if err == nil {
		err = b.WriteTo(w)
	}
	if err == nil {
		err = f.step("written")
	}
	if err == nil {
		err = w.Sync()
	}
	if err != nil && !errors.Is(err, errStopped) {
		os.Remove(path)
	}
	if err != nil {
		return fileError(path, err)
	}
	if err := f.step("synced"); err != nil {
		return fileError(path, err)
	}
	return lock.Release(w)
}

// errStopped is what tests stop a fold with.
var errStopped = errors.New("stopped")

// syncDir makes sure that the new name stays, should the machine stop, before files go
// that only the new archive replaces.
func (f *folder) syncDir() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return fileError(f.dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fileError(f.dir, err)
	}
	return f.step("directory synced")
}

// remove unlinks files that the archive contains. They are locked: nobody is putting
// another file in their place. One that stays is listed, so nobody counts it.
func (f *folder) remove(list []*source) error {
	for _, s := range list {
		if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.report.Errors = append(f.report.Errors, fileError(s.path, err))
		}
		if err := f.step("removed"); err != nil {
			return err
		}
	}
	return nil
}

// younger is an age at which a temporary file may be one of which the lock has not
// been taken yet.
const younger = time.Minute

// removeTemporary removes temporary files that nobody is writing any more.
func (f *folder) removeTemporary(names []string) {
	for _, name := range names {
		if !strings.HasPrefix(name, tempPrefix) {
			continue
		}
		h, _, _, err := openFile(f.path(name))
		if err != nil {
			continue
		}
		opened := h.file(f.path(name))
		info, err := opened.Stat()
		held, lockErr := lock.Held(opened)
		opened.Close()
		if err == nil && lockErr == nil && !held && time.Since(info.ModTime()) > younger && os.Remove(f.path(name)) == nil {
			f.report.Removed++
		}
	}
}

// foldPython folds client_python's files, if there are some.
func (f *folder) foldPython() (err error) {
	paths, err := clientpython.Files(f.dir)
	if err != nil || len(paths) == 0 {
		return err
	}
	f.report.Python, err = clientpython.Fold(f.dir, clientpython.FoldOptions{MaxFileSize: f.limits.FileBytes})
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil
	case err != nil:
		return fmt.Errorf("mmap: folding client_python's files: %w", err)
	}
	return nil
}
