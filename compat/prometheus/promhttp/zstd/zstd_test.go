package zstd_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
	_ "github.com/pawl-metrics/pawl/compat/prometheus/promhttp/zstd"
)

// With the package in the program zstd is offered, last, and what is sent can be read.
func TestZstd(t *testing.T) {
	reg, empty := prometheus.NewRegistry(), prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "answer"}, func() float64 { return 42 }))
	for _, c := range []struct {
		accept, want string
		offered      []promhttp.Compression
	}{
		{"zstd", "zstd", nil}, {"gzip, zstd", "gzip", nil}, {"zstd, gzip", "gzip", nil}, {"gzip;q=0.9, zstd", "zstd", nil}, {"*", "", nil},
		{"zstd;q=0.1, deflate", "zstd", nil}, {"zstd", "", []promhttp.Compression{promhttp.Gzip}},
		{"zstd, gzip", "zstd", []promhttp.Compression{promhttp.Zstd, promhttp.Gzip}},
	} {
		for _, g := range []*prometheus.Registry{reg, empty} {
			h := promhttp.HandlerFor(g, promhttp.HandlerOpts{OfferedCompressions: c.offered})
			for range 2 {
				w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Accept-Encoding", c.accept)
				h.ServeHTTP(w, r)
				if got := w.Header().Get("Content-Encoding"); got != c.want {
					t.Errorf("%q of %v: %q, want %q", c.accept, c.offered, got, c.want)
				}
				if c.want != "zstd" {
					continue
				}
				z, err := zstd.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(z)
				z.Close()
				if err != nil || strings.HasSuffix(string(text), "\nanswer 42\n") != (g == reg) {
					t.Errorf("%q, %v", text, err)
				}
			}
		}
	}
}
