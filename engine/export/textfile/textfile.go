package textfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/internal/line"
)

// Source is what is written: an *engine.Registry, mostly.
type Source interface {
	WriteExpositionContext(ctx context.Context, w io.Writer, o engine.ExpositionOptions) (int64, error)
}

// Options says how to write. The zero value is ready for use.
type Options struct {
	// Mode is the file's permissions, whatever the umask. Zero is 0666 less the umask,
	// as for any new file. The collector has to be able to read it.
	Mode fs.FileMode
}

// What a collector would refuse. Errors wrap them.
var (
	// ErrExtension: the file's name does not end in .prom, so it would not be read.
	ErrExtension = errors.New("the name must end in .prom")
	// ErrTimestamp: a sample has a timestamp, for which the whole file would be skipped.
	ErrTimestamp = errors.New("a sample has a timestamp")
)

// Write writes what src has now to the file at path, which it replaces, if there is one,
// in one step. ctx is the collectors': what they have not brought when it ends is left
// out. Write may be called concurrently; the last to finish has its file stay.
func Write(ctx context.Context, path string, src Source, o Options) error {
	if filepath.Ext(path) != ".prom" {
		return fmt.Errorf("textfile: %s: %w", path, ErrExtension)
	}
	if o.Mode&^fs.ModePerm != 0 {
		return fmt.Errorf("textfile: %s: mode %v has more than permissions", path, o.Mode)
	}
	if err := write(ctx, path, src, o); err != nil {
		return fmt.Errorf("textfile: %s: %w", path, err)
	}
	return nil
}

func write(ctx context.Context, path string, src Source, o Options) error {
	f, err := create(path)
	if err != nil {
		return err
	}
	if err := fill(ctx, f, src, o); err != nil {
		return discard(f.Name(), err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return discard(f.Name(), err)
	}
	return syncDir(filepath.Dir(path))
}

// create makes an empty file beside path, whose name no collector reads. os.CreateTemp
// would make it readable for its owner only.
func create(path string) (f *os.File, err error) {
	dir, base := filepath.Split(path)
	for range 100 {
		name := filepath.Join(dir, "."+base+"."+strconv.FormatUint(rand.Uint64(), 36))
		f, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, err
}

// fill writes and closes the file.
func fill(ctx context.Context, f *os.File, src Source, o Options) error {
	_, err := src.WriteExpositionContext(ctx, checked{f}, engine.ExpositionOptions{})
	if err == nil && o.Mode != 0 {
		err = f.Chmod(o.Mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// discard removes what failed to become the file.
func discard(name string, err error) error {
	if left := os.Remove(name); left != nil {
		return errors.Join(err, left)
	}
	return err
}

// checked lets those lines through that a collector takes. A Source writes whole lines.
type checked struct{ w io.Writer }

func (c checked) Write(p []byte) (int, error) {
	for s := range line.Samples(p) {
		if len(s.Timestamp) > 0 {
			return 0, fmt.Errorf("%w: %s{%s} at %s", ErrTimestamp, s.Name, s.Labels, s.Timestamp)
		}
	}
	return c.w.Write(p)
}
