package clientpython

import (
	"fmt"
	"testing"
	"time"
)

// benchFolder makes a folder as a service leaves it whose 2000 processes had counters,
// histograms and summaries: 6000 files with 1.1 million entries in all.
func benchFolder(b *testing.B) (dir string) {
	dir = memoryDir(b)
	var counters, histograms, summaries []Entry
	for i := range 200 {
		route := fmt.Sprintf("/api/v1/things/%d", i)
		counters = append(counters, Entry{Key: keyOf("http_requests", "_total", "method", "GET", "route", route), Value: float64(i)})
	}
	for i := range 15 {
		route := fmt.Sprintf("/api/v1/things/%d", i)
		histograms = append(histograms, Entry{Key: keyOf("http_request_seconds", "_sum", "route", route), Value: float64(i) / 7})
		for _, le := range []string{"0.01", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "7.5", "10.0", "30.0", "+Inf"} {
			histograms = append(histograms, Entry{Key: keyOf("http_request_seconds", "_bucket", "le", le, "route", route), Value: 3})
		}
	}
	for i := range 77 {
		route := fmt.Sprintf("/api/v1/things/%d", i)
		summaries = append(summaries, Entry{Key: keyOf("http_size_bytes", "_count", "route", route), Value: 3},
			Entry{Key: keyOf("http_size_bytes", "_sum", "route", route), Value: float64(i) / 3})
	}
	for p := range 2000 {
		putEntries(b, dir, fmt.Sprintf("counter_%d.db", p), counters...)
		putEntries(b, dir, fmt.Sprintf("histogram_%d.db", p), histograms...)
		putEntries(b, dir, fmt.Sprintf("summary_%d.db", p), summaries...)
	}
	return dir
}

// BenchmarkScan merges 6000 files: with a new merger, with one that has seen them, and
// once they are folded.
func BenchmarkScan(b *testing.B) {
	dir := benchFolder(b)
	merge := func(m func() *Merger) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				families, errs := m().Scan(dir)
				if len(families) != 3 || len(errs) > 0 {
					b.Fatal(len(families), errs)
				}
			}
		}
	}
	m := NewMerger(Options{})
	b.Run("merger=new", merge(func() *Merger { return NewMerger(Options{}) }))
	b.Run("merger=known", merge(func() *Merger { return m }))
	start := time.Now()
	if r, err := Fold(dir, FoldOptions{}); err != nil || r.Folded != 6000 {
		b.Fatal(r, err)
	}
	b.Logf("folded 6000 files in %v", time.Since(start))
	b.Run("folded", merge(func() *Merger { return m }))
}
