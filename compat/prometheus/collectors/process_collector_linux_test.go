package collectors_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/collectors"
)

func TestProcessCollector(t *testing.T) {
	want := recorded(t, "process_linux.txt")
	equal(t, gathered(t, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})), want)
	equal(t, gathered(t, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{ReportErrors: true})), want)
	prefixed := make(map[string]string)
	for name, rest := range want {
		prefixed["worker_"+name] = rest
	}
	got := gathered(t, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{Namespace: "worker", PidFn: func() (int, error) { return os.Getppid(), nil }}))
	equal(t, got, prefixed)
}

// A number that cannot be read is missing, or an error where errors are asked for.
func TestProcessCollectorErrors(t *testing.T) {
	broken := errors.New("boo")
	for name, pid := range map[string]func() (int, error){
		"boo":            func() (int, error) { return 0, broken },
		"no such file":   func() (int, error) { return 1 << 30, nil },
		"can't read pid": prometheus.NewPidFileFn(filepath.Join(t.TempDir(), "none")),
	} {
		quiet := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{PidFn: pid})
		if got := gathered(t, quiet); len(got) != 0 {
			t.Errorf("%s: %v", name, got)
		}
		reg := prometheus.NewPedanticRegistry()
		reg.MustRegister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{PidFn: pid, ReportErrors: true}))
		if got, err := reg.Gather(); err == nil || !strings.Contains(err.Error(), name) || len(got) != 0 {
			t.Errorf("%s: %v, %v", name, err, got)
		}
	}
}

// PidFn is asked at each collection; without it the process is the one that makes the
// collector.
func TestProcessCollectorAsksEachTime(t *testing.T) {
	asked := 0
	c := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{PidFn: func() (int, error) { asked++; return os.Getpid(), nil }})
	first := gathered(t, c)
	gathered(t, c)
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	const start = "process_start_time_seconds"
	self := gathered(t, collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if a, b := number(first[start]), number(self[start]); a != b || a == 0 {
		t.Errorf("started at %v and at %v", a, b)
	}
}

func number(mf *dto.MetricFamily) float64 { return mf.GetMetric()[0].GetGauge().GetValue() }
