//go:build integration

package textfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/internal/peer"
)

// node_exporter exposes what was written, and skips just what Write refuses to write.
func TestRealNodeExporter(t *testing.T) {
	dir, addr := t.TempDir(), peer.Free(t)
	peer.Start(t, "prometheus-node-exporter", "prometheus-node-exporter", "--web.listen-address="+addr,
		"--collector.disable-defaults", "--collector.textfile", "--collector.textfile.directory="+dir)
	url := "http://" + addr + "/metrics"
	peer.Ready(t, url)
	scrapeError := func() bool { return strings.Contains(peer.Get(t, url), "\nnode_textfile_scrape_error 1\n") }

	reg := engine.NewRegistry()
	vec := engine.MustStringCounterVec(reg, engine.Opts{Name: "job.runs_total", Help: `Runs, \ and "more"` + "\n."}, "kind.of")
	vec.With("a \"b\"\\\n}é").Add(7)
	engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "took_seconds"}, Buckets: []float64{1, 2}}).Observe(1.5)
	if err := Write(t.Context(), filepath.Join(dir, "job.prom"), reg, Options{}); err != nil {
		t.Fatal(err)
	}
	text := peer.Get(t, url)
	for _, line := range []string{"\njob_runs_total{kind_of=\"a \\\"b\\\"\\\\\\n}é\"} 7\n", "\ntook_seconds_bucket{le=\"2\"} 1\n",
		"\nnode_textfile_scrape_error 0\n", "\nnode_textfile_mtime_seconds{file=\"" + filepath.Join(dir, "job.prom") + "\"}"} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	for name, bad := range map[string]string{
		"timestamp": "x 1 1500\n", "utf8": "{\"x.y\"} 1\n", "crlf": "x 1\r\n", "torn": "x{a=\"b", "no newline": "x 1",
	} {
		path := filepath.Join(dir, "bad.prom")
		if err := os.WriteFile(path, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if !scrapeError() {
			t.Errorf("%s: the collector takes it after all", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "ignored.txt"), []byte("x 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if scrapeError() || strings.Contains(peer.Get(t, url), "\nx 1\n") {
		t.Error("a file is read whose name does not end in .prom")
	}
}
