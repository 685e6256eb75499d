package conformance

import (
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// service is a live service. It has recorded all that it will: see recorded_test.go.
type service struct {
	*httptest.Server
	reg         *engine.Registry
	born, ready time.Time                   // all instruments were made, all was recorded, between them
	answered    atomic.Pointer[http.Header] // with what headers it answered last
}

// serve starts a service that has one of everything. Its instruments are some
// milliseconds old, so that their start is before the first scrape.
func serve(t *testing.T, opts scrape.Options) *service {
	s := &service{born: time.Now()} // before the registry, whose own families begin with it
	s.reg = engine.NewRegistry()
	countThings(s.reg)
	measureThings(s.reg)
	observeThings(s.reg)
	s.ready = time.Now()
	time.Sleep(5 * time.Millisecond)
	s.Server = httptest.NewServer(s.remember(scrape.New(s.reg, opts)))
	t.Cleanup(s.Close)
	return s
}

// remember notes what a handler answers: Prometheus reads any format, whether it has
// asked for it or not.
func (s *service) remember(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r)
		s.answered.Store(new(w.Header().Clone()))
	})
}

func (s *service) addr() string { return strings.TrimPrefix(s.URL, "http://") }

type request struct {
	Method string
	Code   int
}

const helpText = `Requests, "served" or not: C:\new` + "\nand a second line."

func countThings(reg *engine.Registry) {
	requests := engine.MustCounterVec[request](reg, engine.Opts{Name: "requests_total", Help: helpText})
	requests.With(request{"GET", 200}).Add(6)
	requests.With(request{"GET", 200}).AddWithExemplar(1, engine.Label{Name: "trace_id", Value: "a1"})
	requests.With(request{"POST", 500}).Inc()

	engine.MustCounter(reg, engine.Opts{Name: "work_seconds_total", Help: "Time at work.", Unit: "seconds"}).AddFloat(2.75)
	engine.MustCounter(reg, engine.Opts{Name: "bytes_total"}).Add(1 << 53)
	engine.MustCounter(reg, engine.Opts{Name: "hits", Help: "A counter without _total."}).Add(3)
	engine.MustCounterFunc(reg, engine.Opts{Name: "ticks_total"}, func() float64 { return 12 })

	dotted := engine.MustStringCounterVec(reg, engine.Opts{Name: "http.requests_total", Help: "A dotted name."}, "http.route")
	dotted.With("/a").Add(5)
}

func measureThings(reg *engine.Registry) {
	engine.MustGauge(reg, engine.Opts{Name: "temperature_celsius", Help: "How warm it is.", Unit: "celsius"}).Set(-3.5)
	odd := engine.MustStringGaugeVec(reg, engine.Opts{Name: "odd", Help: "Values that need care."}, "value")
	odd.With("NaN").Set(math.NaN())
	odd.With("+Inf").Set(math.Inf(1))
	odd.With("-Inf").Set(math.Inf(-1))
	odd.With("least").Set(math.SmallestNonzeroFloat64)
	odd.With("largest").Set(math.MaxFloat64)
	odd.With("a \"quote\", a \\ and\na line: é😀{}#").Set(1)

	engine.MustUpDown(reg, engine.Opts{Name: "connections"}).Add(-4)
	engine.MustGaugeFunc(reg, engine.Opts{Name: "load_ratio", Unit: "ratio"}, func() float64 { return 0.25 })
}

// observeThings has each histogram observe the same: 1 to 100, of which three have
// exemplars.
func observeThings(reg *engine.Registry) {
	native := engine.NativeOpts{Factor: 1.1}
	for _, o := range []engine.HistogramOpts{
		{Opts: engine.Opts{Name: "latency_seconds", Help: "A classic one.", Unit: "seconds"}, Buckets: bounds},
		{Opts: engine.Opts{Name: "size_bytes", Help: "A native one.", Unit: "bytes"}, Native: native},
		{Opts: engine.Opts{Name: "wait_seconds", Help: "Both.", Unit: "seconds"}, Buckets: bounds, Native: native},
		{Opts: engine.Opts{Name: "http.duration_seconds", Help: "A dotted name.", Unit: "seconds"}, Buckets: bounds},
	} {
		observe(engine.MustStringHistogramVec(reg, o, "route").With("/a"))
	}
}

func observe(h *engine.Histogram) {
	for v := 1; v <= 100; v++ {
		if id := traces[float64(v)]; id != "" {
			h.ObserveWithExemplar(float64(v), engine.Label{Name: "trace_id", Value: id}, engine.Label{Name: "kind", Value: "é"})
		} else {
			h.Observe(float64(v))
		}
	}
}

// checkMoment says when a time was not while the service was made and recorded.
// OpenMetrics has seconds, of which Prometheus' float64 may lose a millisecond.
func (s *service) checkMoment(t *testing.T, what string, milli int64) {
	t.Helper()
	if milli < s.born.UnixMilli()-1 || milli > s.ready.UnixMilli() {
		t.Errorf("%s is of %d ms after the service was made, which took %v", what, milli-s.born.UnixMilli(), s.ready.Sub(s.born))
	}
}
