package clientpython

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// FoldOptions configures [Fold]. The zero value is ready for use.
type FoldOptions struct {
	// MaxFileSize limits the bytes that a file may have in use; [MaxFileSize] if 0.
	MaxFileSize int64

	// TrustPIDs goes by process identifiers where the kernel does not tell who has a
	// file open: on other systems than Linux, on network file systems, or when
	// neither the file's owner nor root asks. Without it such files are left alone.
	// It is only safe when all processes that write to the folder run on this machine
	// and in this PID namespace: one that runs elsewhere seems dead, and what
	// it records after the fold is lost.
	TrustPIDs bool

	// AllGauges also folds gauges of mode all, into an archive that has the process of
	// each value and that client_python does not read: its name does not end in .db.
	// It sees no such gauges of dead processes any more.
	AllGauges bool
}

// FoldResult is what a fold did.
type FoldResult struct {
	Folded  int     // files that are in an archive now
	Removed int     // files of live gauges whose process is dead
	Errors  []error // of single files; they stay, and so does what they say
}

// Fold moves what dead processes recorded into archives and removes their files, which
// the package comment explains. It may be killed at any time, and may be called from
// several processes: one folds, and the others return [ErrFolding].
//
// Folding takes a process that comes back with its old identifier for another one: a
// counter goes on from the archive's share all the same, but a gauge of mode sum keeps
// what the old process left, as it does for any dead process.
//
// The error is about the folder or an archive. What had been folded before stays so.
// It is errors.ErrUnsupported on systems that have no flock.
func Fold(dir string, o FoldOptions) (FoldResult, error) {
	return (&folder{dir: dir, options: o, writers: writers, step: func(string) {}}).fold()
}

// folder is one fold. It belongs to one goroutine.
type folder struct {
	dir     string
	options FoldOptions
	writers func(file) writing
	step    func(done string) // tests stop here

	buffer buffer
	listed map[string][]string // files that are in an archive, still, by archive
	result FoldResult
}

func (f *folder) fold() (FoldResult, error) {
	release, err := lock(f.dir, exclusive, patience)
	if err == ErrFolding {
		return f.result, err
	}
	if err != nil {
		return f.result, &FileError{Path: filepath.Join(f.dir, lockName), Err: err}
	}
	defer release()
	f.step("locked")
	if f.buffer.max = f.options.MaxFileSize; f.buffer.max == 0 {
		f.buffer.max = MaxFileSize
	}
	return f.result, f.locked()
}

func (f *folder) locked() error {
	if err := f.recover(); err != nil {
		return err
	}
	kinds, err := f.candidates()
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if err := f.foldKind(k); err != nil {
			return err
		}
	}
	return nil
}

// recover ends a fold that was killed: it removes what the archives list.
func (f *folder) recover() error {
	f.listed = make(map[string][]string)
	names, err := f.names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if file, ok := ParseName(name); !ok || !file.Archive {
			continue
		}
		a, err := f.buffer.archive(f.path(name))
		if err != nil {
			return in(f.path(name), err)
		}
		members, err := a.members()
		if err != nil {
			return in(f.path(name), err)
		}
		f.listed[name] = f.removeAll(members)
	}
	return nil
}

// removeAll removes files that are in an archive, and returns those that resist: they
// stay listed.
func (f *folder) removeAll(names []string) (left []string) {
	for _, name := range names {
		if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.fail(name, err)
			left = append(left, name)
		}
		f.step("removed " + name)
	}
	return left
}

// kind is the files that go into one archive.
type kind struct {
	file  File
	names []string
}

// candidates returns the files that could be folded, by archive.
func (f *folder) candidates() ([]*kind, error) {
	names, err := f.names()
	if err != nil {
		return nil, err
	}
	var kinds []*kind
	for _, name := range inOrder(names) {
		file, ok := ParseName(name)
		if !ok || file.Archive || f.keeps(file) || slices.Contains(f.listed[file.archiveName()], name) {
			continue
		}
		file = File{Type: file.Type, Mode: file.Mode}
		i := slices.IndexFunc(kinds, func(k *kind) bool { return k.file == file })
		if i < 0 {
			i, kinds = len(kinds), append(kinds, &kind{file: file})
		}
		kinds[i].names = append(kinds[i].names, name)
	}
	return kinds, nil
}

// keeps says whether files like this one stay as they are.
func (f *folder) keeps(file File) bool {
	return file.Type == encode.Gauge && file.Mode == All && !f.options.AllGauges
}

func (f *folder) foldKind(k *kind) error {
	if k.file.ofLive() {
		for _, name := range k.names {
			f.dropLive(name)
		}
		return nil
	}
	archive := k.file.archiveName()
	p, err := f.begin(k.file, archive)
	if err != nil {
		return err
	}
	var members []string
	for _, name := range k.names {
		member, err := f.take(p, name)
		if err != nil {
			f.fail(name, err)
		} else if member != "" {
			members = append(members, member)
		}
	}
	if len(members) == 0 {
		return nil
	}
	return f.publish(p, archive, members)
}

// begin returns a pile with what the archive has already.
func (f *folder) begin(file File, archive string) (*pile, error) {
	p := newPile(file)
	a, err := f.buffer.archive(f.path(archive))
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err == nil {
		err = p.add(File{Type: file.Type, Mode: file.Mode, Archive: true}, &a.body, a.rests)
	}
	if err != nil {
		return nil, in(f.path(archive), err)
	}
	return p, nil
}

// dropLive removes a file of a live mode if its process is dead.
func (f *folder) dropLive(name string) {
	file, _ := ParseName(name)
	open, err := openDead(f.path(name))
	if err != nil {
		f.fail(name, err)
		return
	}
	defer open.close()
	if !f.dead(f.writers(open), file) {
		return
	}
	if err := os.Remove(f.path(name)); err != nil {
		f.fail(name, err)
		return
	}
	f.result.Removed++
	f.step("removed " + name)
}

// dead says whether nobody writes to a file any more, going by what the kernel says.
func (f *folder) dead(state writing, file File) bool {
	return state == none || state == unknown && f.options.TrustPIDs && Dead(file.PID)
}

// stillDead asks again, once the file has a name that nobody knows.
func (f *folder) stillDead(state writing, open file, file File) bool {
	if state == none {
		return leased(open)
	}
	return f.dead(state, file)
}

// take adds a file to a pile if its process is dead, and returns its new name. The file
// is renamed before its entries count, so that no process that gets the identifier of
// the dead one goes on writing to what is about to be removed. One that was
// opening it just then is seen by the lease: then it has the file under its new name,
// where it counts as before, until another fold finds it dead.
func (f *folder) take(p *pile, name string) (member string, err error) {
	file, _ := ParseName(name)
	open, err := openDead(f.path(name))
	if err != nil {
		return "", err
	}
	defer open.close()
	state := f.writers(open)
	if !f.dead(state, file) {
		return "", nil
	}
	f.step("leased " + name)
	b, err := f.buffer.bodyOf(open)
	if err != nil {
		return "", err
	}
	if err := p.check(&b); err != nil {
		return "", err
	}
	if member, err = f.putAside(name, file); err != nil || !f.stillDead(state, open, file) {
		return "", err
	}
	return member, p.add(file, &b, nil)
}

// putAside gives a file a name that no process knows, unless it has one.
func (f *folder) putAside(name string, file File) (string, error) {
	if file.Dead {
		return name, nil
	}
	member := name[:len(name)-len(extension)] + deadMark + randomHex() + extension
	if err := os.Rename(f.path(name), f.path(member)); err != nil {
		return "", err
	}
	f.step("put aside " + name)
	return member, nil
}

func randomHex() string {
	var b [deadRandom / 2]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// publish writes the archive and removes what is in it.
func (f *folder) publish(p *pile, archive string, members []string) error {
	temporary := f.path(archive + ".tmp")
	data, ok := p.encode(slices.Concat(f.listed[archive], members))
	if !ok || int64(len(data)) > f.buffer.max {
		return in(f.path(archive), ErrTooBig)
	}
	// What the old archive lists and the new one does not must never come back.
	if err := f.sync(); err != nil {
		return err
	}
	if err := f.write(temporary, data); err != nil {
		return in(temporary, reason(err))
	}
	if err := os.Rename(temporary, f.path(archive)); err != nil {
		return in(temporary, reason(err))
	}
	f.step("published " + archive)
	if err := f.sync(); err != nil {
		return err
	}
	f.result.Folded += len(members)
	f.removeAll(members)
	return f.sync()
}

// write makes a file and waits until it is on disk. One that a killed fold left goes.
func (f *folder) write(path string, data []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	f.step("made " + path)
	_, err = w.Write(data)
	f.step("wrote " + path)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		os.Remove(path)
	}
	f.step("synced " + path)
	return err
}

// sync makes sure that renamed files stay renamed and removed ones removed, should the
// machine stop.
func (f *folder) sync() error {
	d, err := os.Open(f.dir)
	if err != nil {
		return &FileError{Path: f.dir, Err: reason(err)}
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return &FileError{Path: f.dir, Err: reason(err)}
	}
	return nil
}

// names returns the names of the folder's files.
func (f *folder) names() ([]string, error) {
	paths, err := Files(f.dir)
	for i, p := range paths {
		paths[i] = filepath.Base(p)
	}
	return paths, err
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) fail(name string, err error) {
	f.result.Errors = append(f.result.Errors, in(f.path(name), reason(err)))
}
