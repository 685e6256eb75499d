package process

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// The sizes of memory are not here: only Mach's own calls have them, which take cgo.
var quantities = []Quantity{CPU, OpenFiles, MaxFiles, MaxMemory, StartTime}

func supported(string) bool { return true }

// read asks the kernel. When another process was started is all that it tells of one.
func (r reader) read(_ string, pid int) {
	start, err := startTime(pid)
	r.number(StartTime, start, err)
	if pid != os.Getpid() {
		r.number(Whole, 0, fmt.Errorf("process: %d is not this process, %d; of others, macOS tells little", pid, os.Getpid()))
		return
	}
	var used unix.Rusage
	err = unix.Getrusage(unix.RUSAGE_SELF, &used)
	r.number(CPU, time.Duration(used.Utime.Nano()+used.Stime.Nano()).Seconds(), err)
	n, err := openFiles()
	r.number(OpenFiles, n, err)
	r.limit(MaxFiles, unix.RLIMIT_NOFILE)
	r.limit(MaxMemory, unix.RLIMIT_AS)
}

func startTime(pid int) (float64, error) {
	found, err := unix.SysctlKinfoProcSlice("kern.proc.pid", pid)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("process: sysctl knows %d processes of number %d", len(found), pid)
	}
	if err != nil {
		return 0, err
	}
	return float64(found[0].Proc.P_starttime.Nano()) / 1e9, nil
}

// openFiles counts descriptors, less the one that counting takes. Their names are all
// that is asked for: some descriptors have no more.
func openFiles() (float64, error) {
	d, err := os.Open("/dev/fd")
	if err != nil {
		return 0, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	return float64(len(names) - 1), err
}

func (r reader) limit(of Quantity, resource int) {
	var l unix.Rlimit
	err := unix.Getrlimit(resource, &l)
	r.number(of, float64(l.Cur), err)
}
