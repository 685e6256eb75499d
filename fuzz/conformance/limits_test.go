package conformance

import (
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/prometheus/prometheus/model/histogram"
)

// busy is a service that goes on recording while it is scraped, mostly into native
// histograms that are made to reach their limits over and over.
type busy struct {
	done                             *engine.Counter
	work                             *engine.Counter
	halved, widened, restarted, both *engine.Histogram
}

func newBusy(reg *engine.Registry) *busy {
	native := func(name string, buckets []float64, o engine.NativeOpts) *engine.Histogram {
		o.Factor, o.MaxBuckets = 1.01, 20
		return engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: name}, Buckets: buckets, Native: o})
	}
	return &busy{
		done:      engine.MustCounter(reg, engine.Opts{Name: "done_total"}),
		work:      engine.MustCounter(reg, engine.Opts{Name: "work_total"}),
		halved:    native("halved", nil, engine.NativeOpts{}),
		widened:   native("widened", nil, engine.NativeOpts{MaxZeroThreshold: 1e9}),
		restarted: native("restarted", nil, engine.NativeOpts{MinResetDuration: 700 * time.Millisecond}),
		both:      native("both", bounds, engine.NativeOpts{}),
	}
}

// record records until stopped. The range of values grows by the second, so that
// the limits strike during the whole test and not just at its beginning.
func (b *busy) record(stop <-chan struct{}) {
	for begun := time.Now(); ; {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Microsecond): // leave time for the scrapes
		}
		v := math.Exp(rand.NormFloat64() * time.Since(begun).Seconds())
		trace := engine.Label{Name: "trace_id", Value: "t"}
		b.done.AddWithExemplar(1, trace)
		b.work.AddFloat(0.1)
		for _, h := range []*engine.Histogram{b.halved, b.widened, b.restarted, b.both} {
			h.ObserveWithExemplar(v, trace)
			h.Observe(2 * v)
		}
	}
}

// While recording goes on and limits strike, Prometheus takes every scrape whole. Six
// servers scrape at the same time.
func TestLimits(t *testing.T) {
	t.Parallel()
	addr := serveBusy(t)
	servers := make(map[string]*server)
	for _, protocol := range protocols {
		servers[protocol] = watch(t, addr, setting{Protocol: protocol, Native: hasNative(protocol)})
	}
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			s := servers[protocol]
			s.t = t // which may end now
			s.scraped(10).checkBusy(t)
		})
	}
}

func serveBusy(t *testing.T) (addr string) {
	reg := engine.NewRegistry()
	b, stop := newBusy(reg), make(chan struct{})
	var recorders sync.WaitGroup
	for range 2 {
		recorders.Go(func() { b.record(stop) })
	}
	web := httptest.NewServer(scrape.New(reg, scrape.Options{CreatedSamples: true}))
	t.Cleanup(func() { web.Close(); close(stop); recorders.Wait() })
	return strings.TrimPrefix(web.URL, "http://")
}

// checkBusy looks at all that a server has stored.
func (s *server) checkBusy(t *testing.T) {
	t.Helper()
	s.checkWhole(t)
	all := s.exposed()
	for k, list := range all {
		checkValid(t, k, list)
		if !strings.HasPrefix(k, "restarted") && !strings.Contains(k, "_created") {
			checkGrowth(t, k, list)
		}
	}
	if all["both"] != nil {
		s.checkLimits(t)
		s.checkBoth(t)
	}
}

// checkWhole looks at the server's notes: each scrape had the same samples.
func (s *server) checkWhole(t *testing.T) {
	t.Helper()
	scraped, kept := s.history("scrape_samples_scraped"), s.history("scrape_samples_post_metric_relabeling")
	for i := range scraped {
		if n := scraped[i].value; n == 0 || n != scraped[0].value || kept[i].value != n {
			t.Errorf("scrape %d: %v samples, %v kept; the first had %v", i, n, kept[i].value, scraped[0].value)
		}
	}
}

// checkValid says which native histogram contradicts itself, which would cost the scrape.
func checkValid(t *testing.T, k string, list []point) {
	t.Helper()
	for _, p := range list {
		if p.native == nil {
			continue
		}
		if err := p.native.Validate(); err != nil {
			t.Errorf("%s: %v in %v", k, err, p.native)
		}
	}
}

// checkGrowth says where something that counts went backwards.
func checkGrowth(t *testing.T, k string, list []point) {
	t.Helper()
	for i := 1; i < len(list); i++ {
		if from, to := list[i-1].amount(), list[i].amount(); to < from {
			t.Errorf("%s went from %v to %v", k, from, to)
		}
	}
	first, last := list[0].amount(), list[len(list)-1].amount()
	if !strings.HasPrefix(k, "pawl_") && last <= first {
		t.Errorf("%s was always %v", k, last)
	}
}

func (p point) amount() float64 {
	if p.native != nil {
		return p.native.Count
	}
	return p.value
}

// checkLimits sees to it that the test tests something: each limit has struck between
// scrapes.
func (s *server) checkLimits(t *testing.T) {
	t.Helper()
	for _, name := range []string{"halved", "both"} {
		if from, to := s.ends(name); to.Schema >= from.Schema {
			t.Errorf("%s has been of schema %d, then %d", name, from.Schema, to.Schema)
		}
	}
	if from, to := s.ends("widened"); to.ZeroThreshold <= from.ZeroThreshold {
		t.Errorf("the zero bucket reached to %v, then to %v", from.ZeroThreshold, to.ZeroThreshold)
	}
	list, fell := s.history("restarted"), false
	for i := 1; i < len(list); i++ {
		fell = fell || list[i].amount() < list[i-1].amount()
	}
	if !fell {
		t.Error("the histogram that is to be reset never was")
	}
}

// ends are the first and the last state of a native histogram.
func (s *server) ends(name string) (first, last *histogram.FloatHistogram) {
	list := s.history(name)
	return list[0].native, list[len(list)-1].native
}

// checkBoth compares the parts of the histogram that has two: each scrape saw the same
// observations in both.
func (s *server) checkBoth(t *testing.T) {
	t.Helper()
	native, counts, sums := s.history("both"), s.history("both_count"), s.history("both_sum")
	for i, p := range native {
		if p.native.Count != counts[i].value || p.native.Sum != sums[i].value {
			t.Errorf("native: count %v, sum %v; classic: %v, %v", p.native.Count, p.native.Sum, counts[i].value, sums[i].value)
		}
	}
}
