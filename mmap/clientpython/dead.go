package clientpython

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
)

// writing says who has a file open for writing, or mapped.
type writing int

const (
	unknown writing = iota
	none
	some
)

// MarkDead removes the files of a process's gauges of live modes, as client_python's
// mark_process_dead does: call it when a worker has ended. What the process counted
// stays. pid is the identifier in the names of its files.
func MarkDead(dir, pid string) error {
	var errs []error
	for m := LiveAll; m < numModes; m++ {
		err := os.Remove(filepath.Join(dir, "gauge_"+m.String()+"_"+pid+extension))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return &FileError{Path: dir, Err: err}
	}
	return nil
}

// Dead says whether there is no process with an identifier. It only knows processes of
// its own PID namespace, and nothing of whose the number was before: a dead process
// seems to live when its number has been given to another, and one in another
// container seems dead. An identifier that is not a number never is.
func Dead(pid string) bool {
	n, err := strconv.Atoi(pid)
	return err == nil && n > 0 && !exists(n)
}
