//go:build !windows && !darwin

package process

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// told returns the numbers of a process, or which errors there are in their places.
func told(c *Collector) string {
	var list []string
	c.Read(func(n Number) {
		if n.Err != nil {
			list = append(list, fmt.Sprintf("%d:error", n.Of))
		} else {
			list = append(list, fmt.Sprintf("%d:%v", n.Of, n.Value))
		}
	})
	return strings.Join(list, " ")
}

// Each file stands for itself: without it only its numbers are missing.
func TestNumbersOfFiles(t *testing.T) {
	files := map[string]string{
		"stat":            "btime 1000\n",
		"7/stat":          statLine,
		"7/limits":        "Max open files 10 20 files\nMax address space 30 40 bytes\n",
		"7/net/netstat":   "IpExt: InOctets OutOctets\nIpExt: 50 60\n",
		"7/fd/0":          "",
		"7/fd/1":          "",
		"8/only":          "",
		"9/stat":          statLine,
		"9/fd/0":          "",
		"10/net/netstat":  "",
		"10/limits":       "Max open files 10 20 files\n",
		"11/fd/0":         "",
		"11/stat":         "1 (x) R",
		"11/limits":       "",
		"11/net/netstat2": "",
	}
	root := fakeProc(t, "7", files).root
	resident := fmt.Sprintf("%d:%v", ResidentMemory, 1981*float64(os.Getpagesize()))
	for pid, want := range map[int]string{
		7:  fmt.Sprintf("%d:17.21 %d:5.6274944e+07 %s %d:1823.75 %d:2 %d:10 %d:30 %d:50 %d:60", CPU, VirtualMemory, resident, StartTime, OpenFiles, MaxFiles, MaxMemory, Received, Transmitted),
		8:  fmt.Sprintf("%d:error %d:error %d:error %d:error", CPU, OpenFiles, MaxFiles, Received),
		9:  fmt.Sprintf("%d:17.21 %d:5.6274944e+07 %s %d:1823.75 %d:1 %d:error %d:error", CPU, VirtualMemory, resident, StartTime, OpenFiles, MaxFiles, Received),
		10: fmt.Sprintf("%d:error %d:error %d:error %d:error", CPU, OpenFiles, MaxFiles, Received),
		11: fmt.Sprintf("%d:error %d:1 %d:error %d:error", CPU, OpenFiles, MaxFiles, Received),
		12: fmt.Sprintf("%d:error", Whole),
	} {
		c := New(Options{Root: root, Pid: func() (int, error) { return pid, nil }})
		if got := told(c); got != want {
			t.Errorf("process %d: %s, want %s", pid, got, want)
		}
		if !c.Supported() {
			t.Error("a proc is there")
		}
	}
	c := New(Options{Root: root, Pid: func() (int, error) { return 0, errors.New("no") }})
	if got, want := told(c), fmt.Sprintf("%d:error", Whole); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if New(Options{Root: t.TempDir()}).Supported() {
		t.Error("a proc is not there")
	}
	if n := len(c.Quantities()); n != int(NumQuantities)-1 {
		t.Errorf("%d quantities", n)
	}
}
