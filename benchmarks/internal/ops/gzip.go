package ops

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

var scrapeGzip = Op{
	Name: "scrape_text_gzip", Title: "Text scrape of counters with gzip, per series, every value changed",
	About: "One GET of n counters with three labels, answered by the library's own HTTP handler in text format 0.0.4 with gzip, " +
		"as it is configured by default; divided by n. There is no network: the handler is called, and what it writes is thrown away. " +
		"Levels are each library's own choice. OpenTelemetry uses client_golang's handler; VictoriaMetrics does not compress. " + aboutMillion,
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000, 1_000_000},
	Peers: []Peer{
		{Impl: Pawl, Make: gets(func(n int) (exposition, http.Handler) {
			e := countersPawl(n)
			return e, scrape.New(e.scraper.(pawl).reg, scrape.Options{})
		})},
		{Impl: Prom, Make: gets(func(n int) (exposition, http.Handler) {
			e := countersProm(n)
			return e, e.scraper.(prom).handler()
		}), Most: mostProm},
		{Impl: PawlCompat, Make: gets(func(n int) (exposition, http.Handler) {
			e := countersCompat(n)
			return e, e.scraper.(compatible).handler()
		})},
		{Impl: Otel, Make: gets(func(n int) (exposition, http.Handler) {
			e := countersOtel(n)
			return e, e.scraper.(otel).handler()
		}), Most: 10_000},
	},
}

func (p prom) handler() http.Handler { return promhttp.HandlerFor(p.reg, promhttp.HandlerOpts{}) }

// gets makes a Subject that asks a handler for gzip.
func gets(make func(n int) (exposition, http.Handler)) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		e, handler := make(n)
		ask := must(http.NewRequest(http.MethodGet, "/metrics", nil))
		ask.Header.Set("Accept-Encoding", "gzip")
		k := 0
		s := &measure.Steps{Per: n,
			Before: func() { k++; e.touch(k) },
			Step: func() {
				answer := response{head: http.Header{}}
				handler.ServeHTTP(&answer, ask)
				check(answer.err())
			},
		}
		s.Step()
		return s
	}
}

// response throws away what is written to it.
type response struct {
	head   http.Header
	status int
	size   int
}

func (r *response) Header() http.Header    { return r.head }
func (r *response) WriteHeader(status int) { r.status = status }
func (r *response) Write(p []byte) (int, error) {
	r.size += len(p)
	return len(p), nil
}

// err says what is wrong with the answer.
func (r *response) err() error {
	if r.status > http.StatusOK || r.head.Get("Content-Encoding") != "gzip" || r.size == 0 {
		return fmt.Errorf("status %d, encoding %q, %d bytes", r.status, r.head.Get("Content-Encoding"), r.size)
	}
	return nil
}
