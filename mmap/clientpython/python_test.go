//go:build integration && linux

package clientpython

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// python returns an interpreter that has client_python: the one in CLIENT_PYTHON, or
// Debian's.
func python(t *testing.T) string {
	t.Helper()
	for _, p := range []string{os.Getenv("CLIENT_PYTHON"), "/usr/bin/python3", "python3"} {
		if p != "" && exec.Command(p, "-c", "import prometheus_client.multiprocess").Run() == nil {
			return p
		}
	}
	t.Fatal("there is no client_python (Debian: python3-prometheus-client)")
	return ""
}

// worker is a running Python process.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	pid string // as it sees it, and its files are named
}

func startWorker(t *testing.T, python, dir string, seed int) *worker {
	t.Helper()
	w := &worker{cmd: exec.Command(python, "testdata/worker.py", strconv.Itoa(seed))}
	w.cmd.Env = append(os.Environ(), "PROMETHEUS_MULTIPROC_DIR="+dir)
	w.cmd.Stderr = os.Stderr
	w.in, _ = w.cmd.StdinPipe()
	out, _ := w.cmd.StdoutPipe()
	w.out = bufio.NewReader(out)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.kill)
	w.pid = w.line(t)
	return w
}

func (w *worker) line(t *testing.T) string {
	t.Helper()
	line, err := w.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

// record makes the worker record once more.
func (w *worker) record(t *testing.T) {
	t.Helper()
	fmt.Fprintln(w.in)
	w.line(t)
}

func (w *worker) kill() {
	w.cmd.Process.Kill()
	w.cmd.Wait()
}

// pythonFamily is what collect.py prints.
type pythonFamily struct {
	Name, Type, Help string
	Samples          []struct {
		Name   string
		Labels map[string]string
		Value  float64
	}
}

func collect(t *testing.T, python, dir string, dead ...string) []pythonFamily {
	t.Helper()
	cmd := exec.Command(python, append([]string{"testdata/collect.py", dir}, dead...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var families []pythonFamily
	if err := json.Unmarshal(out, &families); err != nil {
		t.Fatal(err)
	}
	return families
}

// agree compares what client_python makes of a folder with what a merger of ours does:
// families, types, help texts, samples.
func agree(t *testing.T, what string, python []pythonFamily, ours []encode.Family) {
	t.Helper()
	want, got := values{}, flat(ours)
	var wantHeads, gotHeads []string
	for _, f := range python {
		wantHeads = append(wantHeads, fmt.Sprintf("%s %s %q", f.Name, f.Type, f.Help))
		for _, s := range f.Samples {
			if le, ok := s.Labels["le"]; ok {
				bound, _ := strconv.ParseFloat(le, 64)
				s.Labels["le"] = boundText(bound)
			}
			want[sampleName(s.Name, s.Labels)] = s.Value
		}
	}
	for _, f := range ours {
		name := f.Name
		if f.Type == encode.Counter {
			name = strings.TrimSuffix(name, "_total")
		}
		gotHeads = append(gotHeads, fmt.Sprintf("%s %s %q", name, f.Type, f.Help))
	}
	slices.Sort(wantHeads)
	if !slices.Equal(gotHeads, wantHeads) {
		t.Errorf("%s: families are\n%q, want\n%q", what, gotHeads, wantHeads)
	}
	if len(want) < 50 {
		t.Errorf("%s: client_python has only %d samples", what, len(want))
	}
	same(t, what, got, want)
}

// TestRealWorkers has Python processes record, be killed and be folded, and compares with
// client_python's collector at each point.
func TestRealWorkers(t *testing.T) {
	python, dir := python(t), t.TempDir()
	m, alive := NewMerger(Options{}), NewMerger(Options{DropDead: true})
	check := func(what string, m *Merger, theirs []pythonFamily) {
		t.Helper()
		families, errs := m.Scan(dir)
		for _, err := range errs {
			t.Errorf("%s: %v", what, err)
		}
		agree(t, what, theirs, families)
	}
	var workers []*worker
	for i := range 6 {
		workers = append(workers, startWorker(t, python, dir, i))
	}
	check("all live", m, collect(t, python, dir))
	for _, w := range workers {
		w.record(t)
	}
	check("all live, again", m, collect(t, python, dir))
	if r := fold(t, dir, FoldOptions{}); r.Folded+r.Removed != 0 {
		t.Errorf("folded %+v of processes that live", r)
	}

	var dead []string
	for _, w := range workers[:3] {
		w.kill()
		dead = append(dead, w.pid)
	}
	check("killed", m, collect(t, python, dir))
	checkMarkDead(t, python, dir, dead)
	families, _ := alive.Scan(dir)
	theirs := collect(t, python, dir, dead...)
	agree(t, "without the dead", theirs, families)
	check("marked", m, theirs)

	r := fold(t, dir, FoldOptions{})
	if r.Folded < 3*5 { // counters, summaries, histograms, gauges of modes min and max
		t.Errorf("only %d files are folded", r.Folded)
	}
	check("folded", m, theirs)
	agree(t, "folded, by client_python", collect(t, python, dir), mustScan(t, dir))

	for i, w := range workers[3:] {
		w.record(t)
		workers = append(workers, startWorker(t, python, dir, 10+i))
	}
	check("more workers", m, collect(t, python, dir))
	dead = dead[:0]
	for _, w := range workers[3:] {
		w.kill()
		dead = append(dead, w.pid)
	}
	theirs = collect(t, python, dir, dead...)
	fold(t, dir, FoldOptions{})
	check("all dead", m, theirs)
	check("all dead, by client_python", m, collect(t, python, dir))
	for _, name := range names(t, dir) {
		if f, ok := ParseName(name); ok && !f.Archive && f.Mode == All && f.Type != encode.Gauge {
			t.Errorf("%s is left", name)
		}
	}
	fold(t, dir, FoldOptions{AllGauges: true})
	check("gauges of mode all", m, theirs)
	checkTidy(t, dir)
}

func mustScan(t *testing.T, dir string) []encode.Family {
	families, errs := NewMerger(Options{}).Scan(dir)
	if len(errs) > 0 {
		t.Error(errs)
	}
	return families
}

// checkMarkDead compares which files MarkDead leaves with which mark_process_dead does.
func checkMarkDead(t *testing.T, python, dir string, dead []string) {
	t.Helper()
	theirs, ours := t.TempDir(), t.TempDir()
	for _, to := range []string{theirs, ours} {
		if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	collect(t, python, theirs, dead...)
	for _, pid := range dead {
		if err := MarkDead(ours, pid); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := names(t, ours), names(t, theirs); !slices.Equal(got, want) {
		t.Errorf("files left are %v, want %v", got, want)
	}
}

// TestRealFilesTruncated cuts a real file at each length.
func TestRealFilesTruncated(t *testing.T) {
	dir := t.TempDir()
	w := startWorker(t, python(t), dir, 1)
	w.kill()
	path := filepath.Join(dir, "histogram_"+w.pid+".db")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used, _ := usedOf(data)
	for n := 1; n < used; n++ {
		if _, err := Decode(data[:n]); err == nil {
			t.Fatalf("no error for %d bytes of %d", n, used)
		}
	}
	if entries, err := Decode(data[:used]); err != nil || len(entries) < 20 {
		t.Errorf("%d entries, error %v", len(entries), err)
	}
}
