package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// fleet makes a directory with the file of a process that is alive, those of two that
// are dead, and one that is damaged.
func fleet(t *testing.T) (dir string, alive *mmap.Store) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("files are for Linux first")
	}
	dir = t.TempDir()
	for i := range 3 {
		store, err := mmap.Open(dir, mmap.Options{})
		if err != nil {
			t.Fatal(err)
		}
		reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
		engine.MustCounter(reg, engine.Opts{Name: "jobs_total", Help: "Jobs."}).Add(uint64(1 + i))
		engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "job_seconds", Help: "Jobs."}, Buckets: []float64{1}}).Observe(.5)
		engine.MustGauge(reg, engine.Opts{Name: "queue", Help: "Jobs that wait.", Mode: engine.GaugeSum}).Set(7)
		if i < 2 {
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
		} else {
			alive = store
			t.Cleanup(func() { store.Close() })
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "p-"+strings.Repeat("0", 32)+".pawl"), []byte("damage"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, alive
}

// pawl runs a command line.
func pawl(args ...string) (status int, out, log string) {
	var o, l bytes.Buffer
	status = run(args, &o, &l)
	return status, o.String(), l.String()
}

func TestMergeCommand(t *testing.T) {
	dir, _ := fleet(t)
	for format, want := range map[string]string{
		"text":        "jobs_total 6\n",
		"openmetrics": "# TYPE jobs counter\n# HELP jobs Jobs.\njobs_total 6.0\n",
		"json":        `"value": 6`,
	} {
		status, out, log := pawl("merge", "--dir", dir, "--format", format)
		if status != exitError || !strings.Contains(out, want) {
			t.Errorf("%s: status %d\n%s", format, status, out)
		}
		if !strings.HasPrefix(log, "pawl merge: ") || strings.Count(log, "\n") != 1 || !strings.Contains(log, "p-000") {
			t.Errorf("%s: the damaged file is reported as %q", format, log)
		}
	}
	_, out, _ := pawl("merge", "--dir", dir, "--format", "json")
	var families []map[string]any
	if err := json.Unmarshal([]byte(out), &families); err != nil || len(families) != 3 {
		t.Errorf("%d families, %v\n%s", len(families), err, out)
	}
	if err := os.Remove(filepath.Join(dir, "p-"+strings.Repeat("0", 32)+".pawl")); err != nil {
		t.Fatal(err)
	}
	if status, _, log := pawl("merge", "--dir", dir); status != exitOK || log != "" {
		t.Errorf("status %d, %q", status, log)
	}
}

func TestInspectCommand(t *testing.T) {
	_, alive := fleet(t)
	status, out, log := pawl("inspect", alive.Stats().Path)
	if status != exitOK || log != "" {
		t.Errorf("status %d, %q", status, log)
	}
	for _, want := range []string{"kind      process", "alive", "jobs_total = 3", "job_seconds = 1 observations, sum 0.5", "queue = 7"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if status, _, log := pawl("inspect", filepath.Join(t.TempDir(), "none.pawl")); status != exitError || !strings.Contains(log, "none.pawl") {
		t.Errorf("status %d, %q", status, log)
	}
}

func TestCompactCommand(t *testing.T) {
	dir, _ := fleet(t)
	status, out, log := pawl("compact", "--dir", dir)
	if status != exitError || !strings.HasPrefix(out, "folded 2 files") || !strings.Contains(log, "p-000") {
		t.Errorf("status %d, %q, %q", status, out, log)
	}
	if _, out, _ := pawl("merge", "--dir", dir); !strings.Contains(out, "jobs_total 6\n") || !strings.Contains(out, "queue 21\n") {
		t.Error(out)
	}
}

func TestServeCommand(t *testing.T) {
	dir, _ := fleet(t)
	handler, err := newExporter(dir, mmap.CollectorOptions{FoldAfter: -1})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serveUntil(ctx, listener, handler) }()
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, body := get("/metrics"); status != 200 || !strings.Contains(body, "jobs_total 6\n") || !strings.Contains(body, `pawl_files{state="dead"} 2`) {
		t.Errorf("%d\n%s", status, body)
	}
	if status, body := get("/-/healthy"); status != 200 || !strings.Contains(body, "2 files of processes that are dead\n") || !strings.Contains(body, "p-000") {
		t.Errorf("%d\n%s", status, body)
	}
	if status, body := get("/"); status != 200 || !strings.Contains(body, "/metrics") {
		t.Errorf("%d\n%s", status, body)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if status, body := get("/-/healthy"); status != 503 || !strings.Contains(body, "not healthy") {
		t.Errorf("without the directory: %d\n%s", status, body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What a person types wrongly is answered with what would be right, and status 2.
func TestWrongCommandLines(t *testing.T) {
	for want, args := range map[string][]string{
		`pawl: there is no command "serv"`:            {"serv"},
		"Usage:":                                      {},
		"pawl merge: which directory? Give --dir":     {"merge"},
		`pawl merge: format "xml"`:                    {"merge", "--dir", ".", "--format", "xml"},
		"pawl merge: either --dir or files":           {"merge", "--dir", ".", "x.pawl"},
		"pawl inspect: which files?":                  {"inspect"},
		"flag provided but not defined: -no":          {"compact", "--no"},
		`pawl serve: unexpected argument "x"`:         {"serve", "--dir", ".", "x"},
		`pawl help: there is no command "everything"`: {"help", "everything"},
	} {
		status, out, log := pawl(args...)
		if status != exitUsage || out != "" || !strings.Contains(log, want) {
			t.Errorf("%q: status %d, out %q, log %q", args, status, out, log)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"help", "serve"}, {"help", "help"}, {"merge", "-h"}} {
		status, out, log := pawl(args...)
		if status != exitOK || !strings.Contains(out+log, "Usage:") || !strings.Contains(out+log, "pawl") {
			t.Errorf("%q: status %d, out %q, log %q", args, status, out, log)
		}
	}
	for _, c := range commands {
		if _, out, _ := pawl("help"); !strings.Contains(out, c.name) || !strings.Contains(out, c.about) {
			t.Errorf("help says nothing of %s", c.name)
		}
	}
}

func TestNoSuchDirectory(t *testing.T) {
	for _, c := range []string{"merge", "compact", "serve"} {
		status, _, log := pawl(c, "--dir", filepath.Join(t.TempDir(), "none"))
		if status != exitError || !strings.Contains(log, "none") {
			t.Errorf("%s: status %d, %q", c, status, log)
		}
	}
}
