package engine

import (
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

type words struct{ Method, Path, Code string }

// paths are the operations that allocate nothing once their series exist, by
// name. Looked-up strings stand elsewhere than the stored ones, as a request's do.
func paths() map[string]func() {
	r := everything()
	c, g := MustCounter(r, named("a_c")), MustGauge(r, named("a_g"))
	u, h := MustUpDown(r, named("a_u")), MustHistogram(r, HistogramOpts{Opts: named("a_h")})
	dense := MustHistogram(r, buckets("a_dense", ladders()["5000 ulps"]...))
	typed, mixed := MustCounterVec[words](r, named("a_typed")), MustCounterVec[route](r, named("a_mixed"))
	days := MustCounterVec[stringly](r, named("a_days"))
	slices := MustStringCounterVec(r, named("a_strings"), "method", "path", "code")
	none := MustStringCounterVec(r, named("a_none"))
	many := MustStringHistogramVec(r, buckets("a_many", 1), "a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	method, path, code := strings.Clone("GET"), strings.Clone("/a/path/of/some/length"), strings.Clone("200")
	typed.With(words{"GET", "/a/path/of/some/length", "200"})
	mixed.With(route{"GET", "/a/path/of/some/length", 200})
	slices.With("GET", "/a/path/of/some/length", "200")
	miscounted := slices.With("too few")
	c.AddFloat(0.5)
	plainSum, sum := MustSummary(r, summaryOf("a_plain")), MustSummary(r, summaryOf("a_sum", 0.5, 0.99))
	for i := range 1000 {
		sum.Observe(float64(i))
	}
	enum, set := MustEnum(r, statesOf("a_enum", "on", "off")), MustStateSet(r, statesOf("a_set", "on", "off"))
	MustStringInfoVec(r, named("a_info"), "a").With(`"\n`)
	work := func() error { return nil }
	dst := r.AppendText(nil)
	dst = append(dst, dst...)
	return map[string]func(){
		"Counter.Inc":      c.Inc,
		"Counter.Add":      func() { c.Add(3) },
		"Counter.AddFloat": func() { c.AddFloat(0.5); c.AddFloat(2) },
		"Counter refusals": func() { c.AddFloat(-1); c.AddFloat(nan); c.AddFloat(inf) },
		"Counter.Value":    func() { c.Value() },
		"Gauge": func() {
			g.Set(1)
			g.Add(0.5)
			g.Sub(1)
			g.Inc()
			g.Dec()
			g.SetToCurrentTime()
		},
		"UpDown":                       func() { u.Inc(); u.Dec(); u.Add(-7) },
		"UpDown.Value":                 func() { u.Value() },
		"UpDown.Track":                 func() { defer u.Track()() },
		"Histogram.Observe":            func() { h.Observe(0.3); h.Observe(1e9); h.Observe(-1); h.Observe(nan); dense.Observe(1) },
		"Histogram.Start":              func() { defer h.Start().Stop() },
		"typed With":                   func() { typed.With(words{method, path, code}).Inc() },
		"mixed With":                   func() { mixed.With(route{method, path, 200}).Inc() },
		"With of methods":              func() { days.With(stringly{Level: 1, M: "get"}).Inc() },
		"string With":                  func() { slices.With(method, path, code).Inc() },
		"With of no labels":            func() { none.With().Inc() },
		"With of ten labels":           func() { many.With("1", "2", "3", "4", "5", "6", "7", "8", "9", "10").Observe(1) },
		"With of a bad count":          func() { slices.With(method).Inc(); miscounted.Inc() },
		"Lookup":                       func() { s, _ := slices.Lookup(method, path, code); s.Inc() },
		"AppendText":                   func() { dst = r.AppendText(dst[:0]) },
		"WriteText":                    func() { r.WriteText(io.Discard) },
		"Dropped":                      func() { r.Dropped() },
		"Summary.Observe":              func() { plainSum.Observe(0.3); sum.Observe(0.3); sum.Observe(nan); sum.Observe(500) },
		"Summary.Start":                func() { defer plainSum.Start().Stop(); defer g.Start().Stop() },
		"Summary.Start with quantiles": func() { defer sum.Start().Stop() },
		"Enum":                         func() { enum.Set("off"); enum.SetIndex(0); enum.Set("none"); enum.Value() },
		"StateSet":                     func() { set.Set("off", true); set.SetIndex(1, false); set.SetIndex(9, true); set.On("off") },
		"Counter.CountErrors":          func() { _ = c.CountErrors(work) },
	}
}

func TestNothingIsAllocated(t *testing.T) {
	if raced {
		return // the race detector allocates
	}
	for name, op := range paths() {
		t.Run(name, func(t *testing.T) {
			op()
			if n := testing.AllocsPerRun(200, op); n != 0 {
				t.Errorf("%v allocations, want 0", n)
			}
		})
	}
}

// The same by the process' own count, over rounds with collections between them,
// which empty what pools hide, and with every P recording.
func TestMallocsDoNotGrow(t *testing.T) {
	if raced {
		return
	}
	const rounds = 50
	ops := paths()
	for _, op := range ops {
		op()
	}
	scrape, write := ops["AppendText"], ops["WriteText"] // scrapes that overlap need a buffer each
	delete(ops, "AppendText")
	delete(ops, "WriteText")
	delete(ops, "Summary.Start with quantiles") // durations fall into new buckets now and then, which take memory
	scrape()                                    // now that every family has a series
	var wg sync.WaitGroup
	var round, ready atomic.Int32
	workers := int32(runtime.GOMAXPROCS(0))
	for range workers {
		wg.Go(func() {
			for i := int32(1); i <= rounds; i++ {
				for round.Load() < i { // no channel: to wait in one allocates
					runtime.Gosched()
				}
				for _, op := range ops {
					op()
				}
				ready.Add(1)
			}
		})
	}
	var grown uint64
	var before, after runtime.MemStats
	for i := int32(1); i <= rounds; i++ {
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		round.Store(i)
		scrape()
		write()
		for ready.Load() < i*workers {
			runtime.Gosched()
		}
		runtime.ReadMemStats(&after)
		grown += after.Mallocs - before.Mallocs
	}
	wg.Wait()
	// The runtime may allocate for itself now and then; a path that does, does so
	// in every round.
	if grown >= rounds/2 {
		t.Errorf("the count grew by %d", grown)
	}
	t.Logf("%d allocations in %d rounds on %d Ps", grown, rounds, workers)
}

// A scrape's buffers are made once, whatever was scraped in between, and the order
// of the series once for each change.
func TestScrapeKeepsItsBuffers(t *testing.T) {
	if raced {
		return
	}
	r := large()
	var w bytes.Buffer
	w.Grow(2 * len(r.AppendText(nil)))
	r.WriteText(&w)
	if n := testing.AllocsPerRun(20, func() { w.Reset(); r.WriteText(&w) }); n != 0 {
		t.Errorf("WriteText of a large registry: %v allocations, want 0", n)
	}
	v := MustStringCounterVec(r, named("some"), "a")
	for i := range 50 {
		v.With(strconv.Itoa(i))
	}
	v.Delete("7")
	r.WriteText(&pipe{room: 100})
	w.Reset()
	r.WriteText(&w)
	if n := testing.AllocsPerRun(20, func() { w.Reset(); r.WriteText(&w) }); n != 0 {
		t.Errorf("after a removal and a broken pipe: %v allocations, want 0", n)
	}
}

// What a new series costs: its entry, and its text, which its strings share. The
// table and the order grow by doubling or so, which is less than one in ten.
func TestAllocationsOfANewSeries(t *testing.T) {
	if raced {
		return
	}
	v := MustCounterVec[route](NewRegistry(), named("c"))
	i := 0
	if n := testing.AllocsPerRun(5000, func() { v.With(route{"GET", "/users", i}); i++ }); n > 3 {
		t.Errorf("%v allocations a series, want 3: its integer is rendered apart", n)
	}
	s := MustStringCounterVec(NewRegistry(), named("c"), "a", "b")
	keys := make([]string, 5002)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	i = 0
	if n := testing.AllocsPerRun(5000, func() { s.With("GET", keys[i]); i++ }); n > 3 {
		t.Errorf("%v allocations a series of strings, want 3", n)
	}
}

// Every format and scheme, with names that have to be escaped, native histograms
// and exemplars: once the buffers are there, a scrape allocates nothing.
func TestNoFormatAllocates(t *testing.T) {
	if raced {
		return
	}
	r := showcase()
	h := MustHistogram(r, HistogramOpts{Opts: named("native.seconds"), Native: NativeOpts{Factor: 1.1}})
	for i := range 1000 {
		h.Observe(float64(i) / 7)
	}
	h.ObserveWithExemplar(3, Label{Name: "trace_id", Value: "abc"})
	rare(r)
	for syntax := range encode.Syntax(syntaxes) {
		for scheme := range encode.Scheme(schemes) {
			o := ExpositionOptions{Format: Format{Syntax: syntax, Scheme: scheme}, CreatedSamples: true}
			body := r.AppendExposition(nil, o)
			if n := testing.AllocsPerRun(20, func() { body = r.AppendExposition(body[:0], o) }); n != 0 {
				t.Errorf("%v: %v allocations a scrape, want 0", o.Format, n)
			}
		}
	}
}

// An exemplar is three allocations: itself, its labels, their text.
func TestAllocationsOfAnExemplar(t *testing.T) {
	if raced {
		return
	}
	r := NewRegistry()
	h, c := MustHistogram(r, buckets("h", 1)), MustCounter(r, named("c_total"))
	id := strings.Repeat("f", 32)
	for name, op := range map[string]func(){
		"observe": func() { h.ObserveWithExemplar(0.5, Label{Name: "trace_id", Value: id}) },
		"add":     func() { c.AddWithExemplar(1, Label{Name: "trace_id", Value: id}) },
	} {
		if n := testing.AllocsPerRun(1000, op); n != 3 {
			t.Errorf("%s: %v allocations, want 3", name, n)
		}
	}
}
