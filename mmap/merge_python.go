package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/mmap/clientpython"
)

// pythonFiles merges client_python's files of a directory.
type pythonFiles struct{ merger *clientpython.Merger }

// isPython says whether a file is for package clientpython.
func isPython(path string) bool {
	if strings.HasSuffix(path, ".db") {
		return true
	}
	f, ok := clientpython.ParseName(filepath.Base(path))
	return ok && f.Archive
}

// scanPython merges the directory's files of client_python, when there are some.
func (d *scanner) scanPython(r *result, names []string) {
	if len(names) == 0 {
		return
	}
	if d.python.merger == nil {
		d.python.merger = clientpython.NewMerger(clientpython.Options{MaxFileSize: d.limits.FileBytes, DropDead: true})
	}
	families, errs := d.python.merger.Scan(d.path)
	r.joinPython(families, errs)
}

// addPython merges files of client_python.
func (r *result) addPython(paths []string) {
	if len(paths) == 0 {
		return
	}
	families, errs := clientpython.Merge(paths, r.accumulate)
	r.joinPython(families, errs)
}

// addPythonDir merges the files of client_python in a directory. A scan keeps folds away;
// it is for expositions, whose buckets are cumulative.
func (r *result) addPythonDir(dir string, names []string) {
	if len(names) == 0 {
		return
	}
	merger := clientpython.NewMerger(clientpython.Options{DropDead: true})
	if r.accumulate {
		r.joinPython(merger.Scan(dir))
		return
	}
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	r.joinPython(merger.Merge(names, false))
}

// joinPython adds families of client_python's files to ours.
func (r *result) joinPython(families []encode.Family, errs []error) {
	for _, err := range errs {
		r.problems = append(r.problems, pythonError(err))
	}
	for i := range families {
		at, found := slices.BinarySearchFunc(r.families, families[i].Name, func(f encode.Family, name string) int {
			return strings.Compare(f.Name, name)
		})
		if !found {
			r.families = slices.Insert(r.families, at, families[i])
		} else if err := joinFamily(&r.families[at], &families[i]); err != nil {
			r.problems = append(r.problems, &FileError{Path: "*.db", Kind: Conflict, Err: err})
		}
	}
}

func pythonError(err error) *FileError {
	var file *clientpython.FileError
	var family *clientpython.FamilyError
	switch {
	case errors.As(err, &file):
		return &FileError{Path: file.Path, Kind: pythonKind(file.Err), Offset: file.Offset, Err: file.Err}
	case errors.As(err, &family):
		kind := Conflict
		if errors.Is(err, clientpython.ErrLayout) {
			kind = Layout
		}
		return &FileError{Path: family.Path, Kind: kind, Err: fmt.Errorf("family %q: %w", family.Family, family.Err)}
	}
	return &FileError{Path: "*.db", Kind: System, Err: err}
}

func pythonKind(err error) ErrorKind {
	for kind, of := range map[ErrorKind][]error{
		Unreadable: {clientpython.ErrForeign},
		NotRegular: {clientpython.ErrNotRegular},
		Oversized:  {clientpython.ErrTooBig},
		Truncated:  {clientpython.ErrTruncated},
		Damaged:    {clientpython.ErrCorrupt, clientpython.ErrKey, clientpython.ErrArchive},
		Permission: {fs.ErrPermission},
		Vanished:   {fs.ErrNotExist},
	} {
		for _, e := range of {
			if errors.Is(err, e) {
				return kind
			}
		}
	}
	return System
}

// joinFamily adds the samples of a family that Python processes recorded to those of
// the family by the same name that Go processes did. Series that both have are added
// up; of gauges that is not known to be right, and those of the Go processes stand.
func joinFamily(ours, theirs *encode.Family) error {
	if ours.Type != theirs.Type {
		return fmt.Errorf("family %q: %v in client_python's files, and %v in others", ours.Name, theirs.Type, ours.Type)
	}
	var refused error
	samples := slices.Clone(ours.Samples)
	for _, t := range theirs.Samples {
		at, found := slices.BinarySearchFunc(samples, t.Labels, func(s encode.Sample, labels []encode.Label) int {
			return compareLabels(s.Labels, labels)
		})
		if !found {
			samples = slices.Insert(samples, at, t)
		} else if err := joinSample(ours.Type, &samples[at], &t); err != nil {
			refused = fmt.Errorf("family %q: %w", ours.Name, err)
		}
	}
	ours.Samples = samples
	return refused
}

var (
	errBuckets = errors.New("other buckets in client_python's files than in others")
	errGauges  = errors.New("a gauge both in client_python's files and in others")
)

func joinSample(t encode.Type, ours, theirs *encode.Sample) error {
	switch {
	case t == encode.Counter:
		ours.Value += theirs.Value
	case ours.Summary != nil && theirs.Summary != nil:
		sum := *ours.Summary
		sum.Count += theirs.Summary.Count
		sum.Sum += theirs.Summary.Sum
		ours.Summary = &sum
	case ours.Histogram != nil && theirs.Histogram != nil:
		return joinHistogram(ours, theirs.Histogram)
	default:
		return errGauges
	}
	return nil
}

func joinHistogram(ours *encode.Sample, theirs *encode.HistogramValue) error {
	sum := *ours.Histogram
	same := sum.Native == nil && slices.EqualFunc(sum.Buckets, theirs.Buckets, func(a, b encode.Bucket) bool { return a.UpperBound == b.UpperBound })
	if !same {
		return errBuckets
	}
	sum.Count += theirs.Count
	sum.Sum += theirs.Sum
	sum.Buckets = slices.Clone(sum.Buckets)
	for i := range sum.Buckets {
		sum.Buckets[i].Count += theirs.Buckets[i].Count
	}
	ours.Histogram = &sum
	return nil
}
