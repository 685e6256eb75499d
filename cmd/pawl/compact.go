package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/pawl-metrics/pawl/mmap"
)

// compact folds the files of dead processes.
func compact(c *command, args []string, out, log io.Writer) error {
	f := c.flags(log)
	dir := f.String("dir", "", "directory that the processes record in")
	foreign := f.Bool("foreign", false, "fold files of other machines too; only when nobody there is alive")
	python := f.Bool("python", true, "fold files of Python's prometheus_client too")
	rest, err := parse(f, args)
	if err == nil {
		err = c.directory(log, *dir, rest)
	}
	if err != nil {
		return err
	}
	r, err := mmap.Compact(*dir, mmap.CompactOptions{ClaimForeign: *foreign, LeavePython: !*python})
	fmt.Fprintf(out, "folded %d files, removed %d leftovers; the archive has %d records and %d bytes\n", r.Folded, r.Removed, r.Series, r.Bytes)
	errs := []error{err}
	for _, e := range r.Errors {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}
