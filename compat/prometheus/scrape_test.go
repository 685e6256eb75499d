package prometheus

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/proto"

	"github.com/pawl-metrics/pawl/compat/internal/bridge"
	"github.com/pawl-metrics/pawl/encode"
)

// everything registers one of each of ours, and collectors of others.
func everything(r *Registry) {
	c := NewCounterVec(CounterOpts{Name: "c_total", Help: "Of \"ours\".\n", ConstLabels: Labels{"zone": "a"}}, []string{"x", "a"})
	c.WithLabelValues("1", "\\\"\n").Add(2.5)
	c.WithLabelValues("0", "").(ExemplarAdder).AddWithExemplar(3, Labels{"id": "7"})
	g := NewGauge(GaugeOpts{Name: "g"})
	g.Set(-1e300)
	h := NewHistogramVec(HistogramOpts{Name: "h", Buckets: []float64{1, 2}}, []string{"x"})
	h.WithLabelValues("v").Observe(1.5)
	n := NewHistogram(HistogramOpts{Name: "n", NativeHistogramBucketFactor: 1.1})
	n.Observe(-3)
	n.Observe(1e10)
	s := NewSummary(SummaryOpts{Name: "s", Objectives: map[float64]float64{0.5: 0.05}})
	s.Observe(4)
	r.MustRegister(c, g, h, n, s, NewCounterVec(CounterOpts{Name: "without_series"}, []string{"x"}),
		NewCounterVec(CounterOpts{Name: "c_total", Help: "Of \"ours\".\n", ConstLabels: Labels{"zone": "b"}}, []string{"x", "a"}),
		WrapCollectorWith(Labels{"m": "1", "z": "2"}, WrapCollectorWithPrefix("in_", WrapCollectorWithPrefix("out_", h))),
		WrapCollectorWithPrefix("p_", WrapCollectorWith(Labels{"zz": "3"}, c)), WrapCollectorWith(Labels{"own": "g"}, g2()),
		NewGaugeFunc(GaugeOpts{Name: "computed"}, func() float64 { return 7 }), others{})
}

func g2() Gauge {
	g := NewGauge(GaugeOpts{Name: "another_gauge", Help: "Wrapped."})
	g.Set(3)
	return g
}

// others is a collector as users write them.
type others struct{}

var (
	otherDesc   = NewDesc("others_total", "Of others.", []string{"k"}, Labels{"c": "1"})
	otherHist   = NewDesc("others_seconds", "", nil, nil)
	otherNative = NewDesc("others_native", "", nil, nil)
	otherSum    = NewDesc("others_sum_of", "", nil, nil)
	otherUntyp  = NewDesc("a_first", "", nil, nil)
)

func (o others) Describe(ch chan<- *Desc) { DescribeByCollect(o, ch) }

func (others) Collect(ch chan<- Metric) {
	ch <- MustNewConstMetric(otherDesc, CounterValue, 5, "b")
	ch <- MustNewConstMetric(otherDesc, CounterValue, 6, "a")
	ch <- MustNewConstHistogram(otherHist, 3, 4.5, map[float64]uint64{1: 1, 2: 3})
	ch <- MustNewConstNativeHistogram(otherNative, 10, 4.5, map[int]int64{1: 1, 5: 3}, map[int]int64{-2: 4}, 2, 3, 0.001, time.Unix(9, 5))
	ch <- MustNewConstSummary(otherSum, 3, 4.5, map[float64]float64{0.5: 1})
	ch <- NewMetricWithTimestamp(time.UnixMilli(1500), MustNewConstMetric(otherUntyp, UntypedValue, 1))
}

// Both roads give the same families, in every format.
func TestBothRoads(t *testing.T) {
	r := NewRegistry()
	everything(r)
	for _, format := range []struct {
		engine encode.Format
		expfmt expfmt.Format
	}{
		{encode.Format{}, expfmt.NewFormat(expfmt.TypeTextPlain)},
		{encode.Format{Syntax: encode.ProtobufDelimited}, expfmt.NewFormat(expfmt.TypeProtoDelim)},
	} {
		s, ok, err := bridge.Open(t.Context(), r)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		var fast, slow bytes.Buffer
		if _, err := s.Write(&fast, format.engine, false); err != nil {
			t.Fatal(err)
		}
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if n := s.Families(); n != len(families) {
			t.Errorf("%d families, Gather has %d", n, len(families))
		}
		enc := expfmt.NewEncoder(&slow, format.expfmt)
		for _, f := range families {
			if err := enc.Encode(f); err != nil {
				t.Fatal(err)
			}
		}
		a, b := decoded(t, &fast, format.expfmt), decoded(t, &slow, format.expfmt)
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || !proto.Equal(a[i], b[i]) {
				t.Fatalf("%s: fast\n%v\nslow\n%v", format.expfmt, a[min(i, len(a)-1)], b[min(i, len(b)-1)])
			}
		}
	}
}

// decoded reads families; what a format may leave out or in is leveled.
func decoded(t *testing.T, body io.Reader, format expfmt.Format) (list []*dto.MetricFamily) {
	t.Helper()
	dec := expfmt.NewDecoder(body, format)
	for {
		f := new(dto.MetricFamily)
		switch err := dec.Decode(f); {
		case errors.Is(err, io.EOF):
			slices.SortFunc(list, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
			return list
		case err != nil:
			t.Fatal(err)
		}
		level(f)
		list = append(list, f)
	}
}

func level(f *dto.MetricFamily) {
	if f.GetHelp() == "" {
		f.Help = nil
	}
	for _, m := range f.Metric {
		slices.SortFunc(m.Label, comparePairs)
		if h := m.Histogram; h != nil {
			h.Bucket = slices.DeleteFunc(h.Bucket, func(b *dto.Bucket) bool { return b.GetUpperBound() > 1e308 && b.Exemplar == nil })
			if h.GetZeroCount() == 0 {
				h.ZeroCount = nil
			}
		}
	}
	slices.SortStableFunc(f.Metric, func(a, b *dto.Metric) int {
		return slices.CompareFunc(a.Label, b.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetValue(), b.GetValue()) })
	})
}

// Where names clash the fast road is closed, and what Gather says is what counts.
func TestClosedRoad(t *testing.T) {
	counter := func(name string) Counter { return NewCounter(CounterOpts{Name: name}) }
	constant := func(name string) Collector {
		d := NewDesc(name, "", nil, Labels{"const": "1"})
		return CollectorFunc(func(ch chan<- Metric) { ch <- MustNewConstMetric(d, GaugeValue, 1) })
	}
	for name, list := range map[string][]Collector{
		"two types of one name":    {NewGauge(GaugeOpts{Name: "x", ConstLabels: Labels{"const": "1"}}), NewCounter(CounterOpts{Name: "x", ConstLabels: Labels{"const": "2"}})},
		"a histogram's count":      {NewHistogram(HistogramOpts{Name: "x"}), counter("x_count")},
		"a summary's sum":          {NewSummary(SummaryOpts{Name: "x"}), counter("x_sum")},
		"others' of the same name": {NewGauge(GaugeOpts{Name: "x", ConstLabels: Labels{"const": "2"}}), constant("x")},
		"others' of a histogram's": {NewHistogram(HistogramOpts{Name: "x"}), constant("x_bucket")},
	} {
		r := NewRegistry()
		r.MustRegister(list...)
		if _, ok, _ := bridge.Open(t.Context(), r); ok {
			t.Errorf("%s: the road is open", name)
		}
	}
	r := NewRegistry()
	r.MustRegister(counter("x"), counter("y"), NewGauge(GaugeOpts{Name: "x_bucket"}), NewSummary(SummaryOpts{Name: "z"}), counter("z_bucket"))
	if _, ok, _ := bridge.Open(t.Context(), r); !ok {
		t.Error("the road is closed without a clash")
	}
	if _, ok, _ := bridge.Open(t.Context(), Gatherers{r}); ok {
		t.Error("the road is open to what is no registry")
	}
	if _, ok, _ := bridge.Open(t.Context(), NewPedanticRegistry()); ok {
		t.Error("the road passes a pedantic registry's checks by")
	}
}

// An error of others' comes with the scrape of all the rest.
func TestScrapeWithError(t *testing.T) {
	r := NewRegistry()
	everything(r)
	bad := errors.New("no numbers today")
	d := NewDesc("bad", "", nil, nil)
	r.MustRegister(CollectorFunc(func(ch chan<- Metric) { ch <- NewInvalidMetric(d, bad) }))
	s, ok, err := bridge.Open(t.Context(), r)
	if !ok || !errors.Is(err, bad) {
		t.Fatal(ok, err)
	}
	var body bytes.Buffer
	s.Write(&body, encode.Format{}, false)
	if text := body.String(); !strings.Contains(text, `others_total{c="1",k="a"} 6`) || !strings.Contains(text, `c_total{a="",x="0",zone="a"} 3`) {
		t.Errorf("\n%s", text)
	}
}

// A scrape sees what has been registered and unregistered since the last one.
func TestPlanFollowsRegistrations(t *testing.T) {
	r := NewRegistry()
	text := func() string {
		s, _, _ := bridge.Open(t.Context(), r)
		var body bytes.Buffer
		s.Write(&body, encode.Format{}, false)
		return body.String()
	}
	c := NewCounter(CounterOpts{Name: "c_total"})
	if text() != "" {
		t.Error("something in an empty registry")
	}
	r.MustRegister(c)
	if !strings.Contains(text(), "c_total 0") {
		t.Error("no counter")
	}
	r.Unregister(c)
	if text() != "" {
		t.Error("the counter is still there")
	}
}
