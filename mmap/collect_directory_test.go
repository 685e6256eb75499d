//go:build linux || darwin || freebsd

package mmap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// scrape returns what a registry with the collector exposes.
func scrape(t testing.TB, c *Collector) string {
	t.Helper()
	reg := engine.NewRegistry()
	reg.MustRegister(c)
	return string(reg.AppendText(nil))
}

func wantLines(t *testing.T, got string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

func TestCollector(t *testing.T) {
	dir := t.TempDir()
	c, err := NewCollector(dir, CollectorOptions{FoldAfter: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	wantLines(t, scrape(t, c), `pawl_files{state="alive"} 0`, "pawl_inexact_snapshots_total 0")
	die := fleet(t, dir, func(n int) []madeSlab {
		return []madeSlab{counterSlab("a_total", uint64(n), 5), gaugeSlab("g", descriptor.LiveSum, float64(n))}
	})
	for range 2 {
		wantLines(t, scrape(t, c), "a_total 18", "g 2", `pawl_files{state="alive"} 1`, `pawl_files{state="dead"} 2`, `pawl_file_errors{kind="damaged"} 0`)
	}
	die()
	for range 2 {
		got := scrape(t, c)
		wantLines(t, got, "a_total 18", `pawl_files{state="alive"} 0`, `pawl_files{state="dead"} 3`)
		if strings.Contains(got, "\ng ") {
			t.Errorf("a gauge of a dead process:\n%s", got)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "p-0.pawl"), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantLines(t, scrape(t, c), "a_total 18", `pawl_file_errors{kind="truncated"} 1`)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	got := scrape(t, c)
	wantLines(t, got, `pawl_collector_errors_total{collector="mmap `+dir+`",reason="error"} 1`)
	if strings.Contains(got, "a_total") {
		t.Errorf("of a directory that is gone:\n%s", got)
	}
	if _, err := NewCollector(dir, CollectorOptions{}); err == nil {
		t.Error("a collector of a directory that is not there")
	}
}
