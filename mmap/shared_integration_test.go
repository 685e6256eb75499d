//go:build integration && linux

package mmap_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// pythonJobs records as a gunicorn worker does, and ends without a farewell.
const pythonJobs = `
import os, signal
from prometheus_client import Counter, Gauge, Histogram
jobs = Counter("jobs", "Jobs.", ["kind"])
jobs.labels("mail").inc(5)
jobs.labels("print").inc(0.5)
Gauge("queue", "Jobs that wait.", multiprocess_mode="sum").set(3)
Histogram("job_seconds", "Jobs.", buckets=[1, 10]).observe(4)
os.kill(os.getpid(), signal.SIGKILL)
`

// A real Python process and one of ours record into one directory; one merge has both,
// in the same series where they have the same, before the files are folded and after.
func TestRealPythonAndGo(t *testing.T) {
	dir := memoryDir(t)
	cmd := exec.Command("/usr/bin/python3", "-c", pythonJobs)
	cmd.Env = append(os.Environ(), "PROMETHEUS_MULTIPROC_DIR="+dir)
	if out, err := cmd.CombinedOutput(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("%v\n%s", err, out)
	}
	store, err := mmap.Open(dir, mmap.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
	engine.MustStringCounterVec(reg, engine.Opts{Name: "jobs_total", Help: "Jobs."}, "kind").With("mail").Add(7)
	engine.MustGauge(reg, engine.Opts{Name: "threads", Help: "Threads.", Mode: engine.GaugeSum}).Set(4)
	engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "job_seconds", Help: "Jobs."}, Buckets: []float64{1, 10}}).Observe(20)

	check := func(when string) {
		t.Helper()
		families, err := mmap.MergeDir(dir, true)
		if err != nil {
			t.Errorf("%s: %v", when, err)
		}
		var text []byte
		for i := range families {
			text = encode.AppendFamily(text, encode.Format{}, encode.Options{}, &families[i])
		}
		for _, want := range []string{`jobs_total{kind="mail"} 12`, `jobs_total{kind="print"} 0.5`, "queue 3", "threads 4",
			`job_seconds_bucket{le="10"} 1`, `job_seconds_bucket{le="+Inf"} 2`, "job_seconds_sum 24", "job_seconds_count 2"} {
			if !strings.Contains(string(text), want+"\n") {
				t.Errorf("%s: %q is missing in\n%s", when, want, text)
			}
		}
	}
	check("at first")
	if report, err := mmap.Compact(dir, mmap.CompactOptions{}); err != nil || len(report.Errors) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
	check("folded")
}
