package promhttp_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// get sends a request with headers to a handler.
func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func gunzip(t *testing.T, b []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// plain is a gatherer that is no registry, though it gathers one: handlers cannot take the
// short road.
func plain(reg *prometheus.Registry) prometheus.Gatherer { return prometheus.GathererFunc(reg.Gather) }

// logged is a Logger that remembers.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Println(v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, strings.TrimSuffix(fmt.Sprintln(v...), "\n"))
}

// transaction is a TransactionalGatherer that counts.
type transaction struct {
	mu                sync.Mutex
	gather            func() ([]*dto.MetricFamily, error)
	gathered, settled int
}

func (g *transaction) Gather() ([]*dto.MetricFamily, func(), error) {
	g.mu.Lock()
	g.gathered++
	g.mu.Unlock()
	families, err := g.gather()
	return families, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.settled++
	}, err
}

func (g *transaction) counts() (gathered, settled int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.gathered, g.settled
}

// failing is a collector whose one metric is an error.
type failing struct{}

var errFailing = errors.New("no such file")

func (failing) Describe(ch chan<- *prometheus.Desc) {
	ch <- prometheus.NewDesc("failing", "", nil, nil)
}

func (failing) Collect(ch chan<- prometheus.Metric) {
	ch <- prometheus.NewInvalidMetric(prometheus.NewDesc("failing", "", nil, nil), errFailing)
}

// families gathers, by name.
func families(t *testing.T, g prometheus.Gatherer) map[string]*dto.MetricFamily {
	t.Helper()
	list, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]*dto.MetricFamily)
	for _, f := range list {
		byName[f.GetName()] = f
	}
	return byName
}

// series returns the values of a family by labels, "a=1,b=2". Histograms and summaries have
// their count.
func series(f *dto.MetricFamily) map[string]float64 {
	values := make(map[string]float64)
	for _, m := range f.GetMetric() {
		var labels []string
		for _, l := range m.GetLabel() {
			labels = append(labels, l.GetName()+"="+l.GetValue())
		}
		values[strings.Join(labels, ",")] = m.GetCounter().GetValue() + m.GetGauge().GetValue() +
			float64(m.GetHistogram().GetSampleCount()) + float64(m.GetSummary().GetSampleCount())
	}
	return values
}

func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// collected returns the values of a collector's series.
func collected(t *testing.T, c prometheus.Collector) map[string]float64 {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(c); err != nil {
		t.Fatal(err)
	}
	for _, f := range families(t, reg) {
		return series(f)
	}
	return nil
}
