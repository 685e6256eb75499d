package measure

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// Resident returns the memory that this process alone has written and still
// holds, in bytes: the Go heap after a collection that gave back what was free, and
// what was mapped outside of it. Linux only.
func Resident() (float64, error) {
	runtime.GC()
	debug.FreeOSMemory()
	rollup, err := os.ReadFile("/proc/self/smaps_rollup")
	if err != nil {
		return 0, err
	}
	return privateDirty(rollup)
}

func privateDirty(rollup []byte) (float64, error) {
	_, rest, found := bytes.Cut(rollup, []byte("Private_Dirty:"))
	fields := bytes.Fields(rest)
	if !found || len(fields) < 2 || string(fields[1]) != "kB" {
		return 0, fmt.Errorf("measure: no Private_Dirty line in kB")
	}
	kb, err := strconv.ParseFloat(string(fields[0]), 64)
	return kb * 1024, err
}
