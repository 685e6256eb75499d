package promhttp

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func TestStatusLabel(t *testing.T) {
	for status := -1; status < 1000; status++ {
		want := strconv.Itoa(status)
		switch {
		case status == 0:
			want = "200"
		case status < 100 || status > 599:
			want = "unknown"
		}
		if got := statusLabel(status); got != want {
			t.Errorf("%d: %q, want %q", status, got, want)
		}
	}
}

func FuzzURLSize(f *testing.F) {
	for _, s := range []string{"/", "/a?b=c", "/a?", "/a%2fb", "/ä b", "//x/y", "http://h/p?q#f", "a:b", "*", "", "mailto:x", "/a#", "/%zz", "http://u:p@h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, parse := range []func(string) (*url.URL, error){url.Parse, url.ParseRequestURI} {
			if u, err := parse(s); err == nil && urlSize(u) != len(u.String()) {
				t.Errorf("%q: %d, want %d", s, urlSize(u), len(u.String()))
			}
		}
		if u := (&url.URL{Path: s, RawPath: "/" + s}); urlSize(u) != len(u.String()) {
			t.Errorf("%q: %d, want %d", s, urlSize(u), len(u.String()))
		}
	})
}

// Variable labels are told from const ones by all means, and keep their order.
func TestVariableLabels(t *testing.T) {
	consts := prometheus.Labels{"z": "a0", "b": "b1", "c": "a", "d": "", "y": "a9"}
	for n := range 12 {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("l%d", (i*7)%12))
		}
		desc := prometheus.NewDesc("x", "", names, consts)
		if got := variableLabels(desc); !slices.Equal(got, names) {
			t.Errorf("%q, want %q", got, names)
		}
	}
}

func TestAgreeRemembers(t *testing.T) {
	var f formats
	f.accepted = (&HandlerOpts{}).accepted()
	h := http.Header{"Accept": {"text/plain;q=0.5"}}
	first := f.agree(h)
	if n := testing.AllocsPerRun(100, func() {
		if f.agree(h) != first {
			t.Error("another format")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	for i := range 2 * rememberHeaders {
		f.agree(http.Header{"Accept": {fmt.Sprintf("text/plain;q=0.%d", i)}})
	}
	f.agree(http.Header{"Accept": {strings.Repeat("x", rememberBytes+1)}})
	if n := len(*f.known.Load()); n != rememberHeaders {
		t.Errorf("%d headers are remembered", n)
	}
	if f.agree(h) != first {
		t.Error("another format")
	}
}

// Instrumented requests cost what their ResponseWriter costs, and no map of labels.
func TestMiddlewareAllocations(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	both := []string{"method", "code"}
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, both)
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h"}, both)
	s := prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "s"}, []string{"method"})
	nothing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	tea := WithLabelFromRequest("tea", func(*http.Request) string { return "green" })
	four := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "f_total"}, []string{"tea", "method", "app", "code"})
	for name, handler := range map[string]struct {
		http.Handler
		want float64
	}{
		"counter":         {InstrumentHandlerCounter(c, nothing), 1},
		"four labels":     {InstrumentHandlerCounter(four.MustCurryWith(prometheus.Labels{"app": "x"}), nothing, tea), 1},
		"duration":        {InstrumentHandlerDuration(h, nothing), 1},
		"without code":    {InstrumentHandlerDuration(s, nothing), 0},
		"response size":   {InstrumentHandlerResponseSize(h, nothing), 1},
		"request size":    {InstrumentHandlerRequestSize(h, nothing), 1},
		"without a label": {InstrumentHandlerCounter(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "x_total"}, nil), nothing), 0},
	} {
		r, w := httptest.NewRequest("GET", "/path?q=1", nil), httptest.NewRecorder()
		r.URL.Host, r.URL.Scheme = "", "" // as servers have it
		if n := testing.AllocsPerRun(200, func() { handler.ServeHTTP(w, r) }); n != handler.want {
			t.Errorf("%s: %v allocations, want %v", name, n, handler.want)
		}
	}
}

// nowhere is a ResponseWriter that keeps its header.
type nowhere struct {
	header http.Header
	size   int
}

func (w *nowhere) Header() http.Header { return w.header }
func (w *nowhere) WriteHeader(int)     {}
func (w *nowhere) Write(b []byte) (int, error) {
	w.size += len(b)
	return len(b), nil
}

// A scrape of ours allocates next to nothing once its memory is there, however many series
// there are.
func TestScrapeAllocations(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	reg := prometheus.NewRegistry()
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total"}, []string{"l"})
	reg.MustRegister(v)
	for i := range 5000 {
		v.WithLabelValues(strconv.Itoa(i)).Inc()
	}
	for coding, want := range map[string]float64{"identity": scrapeAllocs, "gzip": scrapeAllocs + 1} {
		h := HandlerFor(reg, HandlerOpts{})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", coding)
		w := &nowhere{header: http.Header{}}
		n := testing.AllocsPerRun(20, func() {
			clear(w.header)
			h.ServeHTTP(w, r)
		})
		if n > want || w.size == 0 {
			t.Errorf("%s: %v allocations, want %v", coding, n, want)
		}
	}
}

// scrapeAllocs are three for headers, and a scrape, its context, writer and release.
const scrapeAllocs = 7
