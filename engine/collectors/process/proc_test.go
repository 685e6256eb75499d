package process

import (
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/enginetest"
)

// fakeProc makes a /proc with one process.
func fakeProc(t *testing.T, pid string, files map[string]string) proc {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return proc{root: root, dir: filepath.Join(root, pid)}
}

const statLine = `584 (a) b (c)) R 1 584 584 0 -1 4194304 1 2 3 4 1700 21 5 6 20 0 1 0 82375 56274944 1981 18446744073709551615 0`

func TestStat(t *testing.T) {
	p := fakeProc(t, "584", map[string]string{"584/stat": statLine, "stat": "cpu 1 2\nbtime 1418183276\nintr 3\n"})
	st, err := p.stat()
	if err != nil {
		t.Fatal(err)
	}
	want := status{cpu: 17.21, start: 823.75, virtual: 56274944, resident: 1981 * float64(os.Getpagesize())}
	if st != want {
		t.Errorf("%+v, want %+v", st, want)
	}
	if boot, err := p.boot(); boot != 1418183276 || err != nil {
		t.Errorf("boot %v, %v", boot, err)
	}
}

func TestStatThatEndsEarly(t *testing.T) {
	for _, text := range []string{"", "584 (a)", "584 (a) R 1 2", "584 (a) R " + strings.Repeat("x ", 40)} {
		p := fakeProc(t, "584", map[string]string{"584/stat": text})
		if st, err := p.stat(); err == nil || st != (status{}) || !strings.Contains(err.Error(), "584/stat") {
			t.Errorf("%q: %+v, %v", text, st, err)
		}
	}
}

func TestLimits(t *testing.T) {
	p := fakeProc(t, "1", map[string]string{"1/limits": "Limit                     Soft Limit           Hard Limit           Units\n" +
		"Max address space         unlimited            unlimited            bytes\n" +
		"Max open files            2048                 4096                 files\n"})
	files, memory, err := p.limits()
	if files != 2048 || memory != math.MaxUint64 || err != nil {
		t.Errorf("%v files, %v bytes, %v", files, memory, err)
	}
}

func TestNetwork(t *testing.T) {
	p := fakeProc(t, "1", map[string]string{"1/net/netstat": "TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 7 8 9\n"})
	in, out, err := p.network()
	if in != 8 || out != 9 || err != nil {
		t.Errorf("%v in, %v out, %v", in, out, err)
	}
	p = fakeProc(t, "1", map[string]string{"1/net/netstat": "TcpExt: A B\n"})
	if _, _, err := p.network(); err == nil {
		t.Error("no error where there are no lines")
	}
}

// A real /proc, of this process.
func TestCollect(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc: ", err)
	}
	reg := engine.NewRegistry()
	reg.MustRegister(New(Options{Namespace: "x"}))
	value := func(name string) float64 {
		t.Helper()
		return enginetest.Value(t, reg, "x_process_"+name)
	}
	open := value("open_fds")
	f, err := os.Open("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if now := value("open_fds"); now != open+1 {
		t.Errorf("%v files are open, and one was opened: %v", open, now)
	}
	if v := value("start_time_seconds"); math.Abs(v-float64(time.Now().Unix())) > 3600 {
		t.Errorf("started at %v", v)
	}
	names := []string{"max_fds", "virtual_memory_max_bytes"}
	if runtime.GOARCH == "amd64" { // an emulator's /proc has zeros for the others
		names = append(names, "virtual_memory_bytes", "resident_memory_bytes")
	}
	for _, name := range names {
		if value(name) <= 0 {
			t.Errorf("%s is %v", name, value(name))
		}
	}
	for _, name := range []string{"cpu_seconds_total", "network_receive_bytes_total", "network_transmit_bytes_total"} {
		if value(name) < 0 {
			t.Errorf("%s is %v", name, value(name))
		}
	}
}

// A process that is gone is an error, which is counted, and costs nothing else.
func TestNoSuchProcess(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc: ", err)
	}
	reg := engine.NewRegistry()
	reg.MustRegister(New(Options{Pid: func() (int, error) { return 1 << 30, nil }}))
	reg.AppendText(nil)
	text := string(reg.AppendText(nil)) // with what the scrape before it has counted
	if strings.Contains(text, "process_cpu") || !strings.Contains(text, `pawl_collector_errors_total{collector="process",reason="error"} `) {
		t.Error(text)
	}
}
