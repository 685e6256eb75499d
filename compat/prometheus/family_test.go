package prometheus

import (
	"errors"
	"fmt"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// What the engine refuses and upstream takes works; a scrape of it goes by Write.
func TestWhatTheEngineRefuses(t *testing.T) {
	for name, o := range map[string]CounterOpts{
		"a unit that the name does not end in": {Name: "c", Unit: "bytes"},
		"an odd unit":                          {Name: "c", Unit: "x y"},
		"an invalid name":                      {Name: "\xff"},
		"no name":                              {},
		"help that is not UTF-8":               {Name: "c", Help: "\xff"},
	} {
		c := NewCounter(o)
		c.Inc()
		if written(t, c).Counter.GetValue() != 1 || asOurs(c).source() != nil {
			t.Errorf("%s: %v", name, asOurs(c).source())
		}
		v := NewCounterVec(o, []string{"b", "a"})
		v.WithLabelValues("1", "2").Inc()
		if len(collected(v)) != 1 || asOurs(v).source() != nil {
			t.Errorf("%s: %v", name, asOurs(v).source())
		}
	}
	// Names that some scraper would see as one.
	v := NewGaugeVec(GaugeOpts{Name: "g", ConstLabels: Labels{"m": "0"}}, []string{"a_b", "a.b"})
	v.WithLabelValues("1", "2").Set(3)
	wantWritten(t, collected(v)[0], &dto.Metric{Label: labelled("a.b", "2", "a_b", "1", "m", "0"), Gauge: &dto.Gauge{Value: new(3.0)}})
}

// An invalid descriptor is an error of registration, and of nothing before it.
func TestInvalidDescriptor(t *testing.T) {
	desc := NewInvalidDesc(errors.New("invalid"))
	v := NewMetricVec(desc, func(...string) Metric { return NewGauge(GaugeOpts{Name: "g"}) })
	if _, err := v.GetMetricWithLabelValues(); err != nil || len(collected(v)) != 1 {
		t.Error(err)
	}
}

// embedder is a user's collector that embeds one of ours and says what is collected.
type embedder struct{ *CounterVec }

func (e embedder) Collect(ch chan<- Metric) { ch <- NewGauge(GaugeOpts{Name: "other"}) }

// Embedding gives a user's type the methods of ours, but it is not one of ours.
func TestEmbeddingIsNotOurs(t *testing.T) {
	e := embedder{NewCounterVec(CounterOpts{Name: "v"}, []string{"a"})}
	if _, promoted := any(e).(ours); !promoted {
		t.Fatal("this tests nothing")
	}
	var unhashable Collector = struct {
		Collector
		list []int
	}{e, nil}
	if asOurs(e) != nil || asOurs(&e) != nil || asOurs(unhashable) != nil || asOurs(nil) != nil {
		t.Error("an embedding type is taken for ours")
	}
	if asOurs(e.CounterVec) == nil || asOurs(NewGaugeVec(GaugeOpts{Name: "v"}, nil)).source() == nil {
		t.Error("ours is not")
	}
}

// Each source has the one family and just the series that Collect sends.
func TestSources(t *testing.T) {
	v := NewCounterVec(CounterOpts{Name: "v_total", Help: "h", ConstLabels: Labels{"z": "0"}}, []string{"b", "a"})
	v.WithLabelValues("1", "2").Inc()
	v.WithLabelValues("3", `"`).Inc()
	got := string(asOurs(v).source().AppendExposition(nil, engine.ExpositionOptions{}))
	if want := "# HELP v_total h\n# TYPE v_total counter\nv_total{a=\"\\\"\",b=\"3\",z=\"0\"} 1\nv_total{a=\"2\",b=\"1\",z=\"0\"} 1\n"; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	c := v.MustCurryWith(Labels{"a": "2"})
	if asOurs(c).source() != asOurs(v).source() {
		t.Error("a curried vec has another source")
	}
}

// The names of hidden labels are in the order of the labels.
func TestHiddenLabels(t *testing.T) {
	seen := ""
	for i := range 36 * 36 {
		if name := hiddenLabel(i); name <= seen {
			t.Fatal(i, name, seen)
		} else {
			seen = name
		}
	}
}

func ExampleCounterVec() {
	requests := NewCounterVec(CounterOpts{Name: "requests_total", Help: "Requests by method and code."}, []string{"method", "code"})
	requests.WithLabelValues("GET", "200").Inc()
	requests.With(Labels{"method": "GET", "code": "404"}).Add(2)
	gets := requests.MustCurryWith(Labels{"method": "GET"})
	gets.WithLabelValues("404").Inc()

	m := new(dto.Metric)
	if err := requests.WithLabelValues("GET", "404").Write(m); err == nil {
		fmt.Println(m.GetCounter().GetValue())
	}
	// Output: 3
}
