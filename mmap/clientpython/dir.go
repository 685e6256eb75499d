package clientpython

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

const (
	lockName = "pawl-fold.lock"
	// patience is how long to wait for a fold, or for those who scan. A fold of
	// thousands of files takes less than a second.
	patience = 5 * time.Second
	scans    = 3 // how often a scan is begun again
)

// Files returns the paths of a folder's *.db files, and of the archive that is not one,
// by name.
func Files(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &FileError{Path: dir, Err: reason(err)}
	}
	var paths []string
	for _, e := range entries {
		_, ours := ParseName(e.Name())
		if ours || strings.HasSuffix(e.Name(), extension) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}

// Scan merges the files of a folder, for an exposition. It keeps folds out meanwhile, so
// that it sees each file once: as itself or in an archive. If it has to wait for a fold
// longer than five seconds, the fold must have been stopped: it goes ahead, because
// whatever a fold leaves behind can be read. Should files move all the same, again
// and again, that is an error that wraps ErrFolding.
func (m *Merger) Scan(dir string) (families []encode.Family, errs []error) {
	for range scans {
		var moved bool
		if families, errs, moved = m.scanOnce(dir); !moved {
			return families, errs
		}
	}
	return families, append(errs, &FileError{Path: dir, Err: ErrFolding})
}

// scanOnce also says whether files have gone while it read, so that their increments
// may be missing.
func (m *Merger) scanOnce(dir string) ([]encode.Family, []error, bool) {
	release, err := lock(dir, shared, m.patience)
	if err == nil {
		defer release()
	}
	var before string
	if err != nil { // not locked: compare what there is before and after
		before = foldState(dir)
	}
	paths, dirErr := Files(dir)
	if dirErr != nil {
		return nil, []error{dirErr}, false
	}
	families, errs := m.Merge(paths, true)
	return families, errs, lost(errs) || err != nil && foldState(dir) != before
}

// foldState returns a string that is another one after each step of a fold. It is for
// those who scan without the lock: there is none in a folder that has never been folded.
func foldState(dir string) string {
	entries, _ := os.ReadDir(dir)
	var state strings.Builder
	for _, e := range entries {
		if f, _ := ParseName(e.Name()); f.Archive || f.Dead {
			info, err := e.Info()
			if err == nil {
				fmt.Fprintln(&state, e.Name(), info.Size(), info.ModTime().UnixNano())
			}
		}
	}
	return state.String()
}

// lost says whether a file was gone that had been listed.
func lost(errs []error) bool {
	for _, err := range errs {
		if errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}
