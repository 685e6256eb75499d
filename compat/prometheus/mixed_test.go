package prometheus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// instruments returns one of each of ours, and what is gathered of them with these labels
// added, sorted by name.
func instruments() []prometheus.Collector {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c_total", ConstLabels: prometheus.Labels{"k": "1"}}, []string{"z", "a"})
	c.WithLabelValues("2", "1").Add(2.5)
	c.WithLabelValues("1", "2").Inc()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g", Help: "help"})
	g.Set(7)
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: []float64{1}})
	h.Observe(.5)
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s"})
	s.Observe(2)
	return []prometheus.Collector{s, h, g, c, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "f"}, func() float64 { return 3 })}
}

// Ours go without a channel, and others must see no difference.
func TestOursAndOthers(t *testing.T) {
	const want = "c_total{a=\"1\",k=\"1\",z=\"2\"} 2.5\nc_total{a=\"2\",k=\"1\",z=\"1\"} 1\nf 3\ng 7\n" +
		"h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 0.5\nh_count 1\ns_sum 2\ns_count 1\n"
	wrap := func(c prometheus.Collector) prometheus.Collector {
		return prometheus.WrapCollectorWithPrefix("p_", prometheus.WrapCollectorWith(prometheus.Labels{"b": "0"}, c))
	}
	for name, as := range map[string]func(prometheus.Collector) prometheus.Collector{
		"as they are":       func(c prometheus.Collector) prometheus.Collector { return c },
		"as others":         func(c prometheus.Collector) prometheus.Collector { return struct{ prometheus.Collector }{c} },
		"wrapped":           wrap,
		"wrapped as others": func(c prometheus.Collector) prometheus.Collector { return wrap(struct{ prometheus.Collector }{c}) },
		"others, wrapped":   func(c prometheus.Collector) prometheus.Collector { return struct{ prometheus.Collector }{wrap(c)} },
		"in a registry": func(c prometheus.Collector) prometheus.Collector {
			r := prometheus.NewRegistry()
			r.MustRegister(c)
			return r
		},
	} {
		for _, reg := range []*prometheus.Registry{prometheus.NewRegistry(), prometheus.NewPedanticRegistry()} {
			var registered []prometheus.Collector
			for _, c := range instruments() {
				registered = append(registered, as(c))
			}
			reg.MustRegister(registered...)
			families, err := reg.Gather()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got := samples(t, families)
			if strings.Contains(name, "wrapped") {
				if n := strings.Count(got, `b="0"`); n != strings.Count(got, "\n") || n != strings.Count(got, "p_") {
					t.Errorf("%s: %s", name, got)
				}
				got = strings.NewReplacer("p_", "", `{b="0"}`, "", `b="0",`, "").Replace(got)
			}
			if got != want {
				t.Errorf("%s: %s\n want %s", name, got, want)
			}
			for _, c := range registered {
				if !reg.Unregister(c) {
					t.Errorf("%s: %T was not unregistered", name, c)
				}
			}
			if families, err := reg.Gather(); families != nil || err != nil {
				t.Error(families, err)
			}
		}
	}
}

// Ours and those of others may share a family, and clash as any do.
func TestOursAndOthersTogether(t *testing.T) {
	ours := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "x", Help: "help"}, []string{"a"})
	ours.WithLabelValues("2").Set(2)
	got, err := gather(t, ours, unchecked(gaugeOf("x", 1, "1"), gaugeOf("x", 3, "3"), gaugeOf("x", 4, "2")))
	if got != "x{a=\"1\"} 1\nx{a=\"2\"} 2\nx{a=\"3\"} 3\n" {
		t.Error(got)
	}
	wantError(t, err, `collected metric "x" { label:{name:"a" value:"2"} gauge:{value:4}} was collected before with the same name and label values`)
}

// A collector of another type with the same descriptor is an equal one.
func TestAlreadyRegisteredOtherType(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "x"}, []string{"a"})
	prometheus.WrapRegistererWithPrefix("p_", reg).MustRegister(c)
	var already prometheus.AlreadyRegisteredError
	err := reg.Register(prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "p_x"}, []string{"a"}))
	if !errors.As(err, &already) || already.ExistingCollector != prometheus.Collector(c) {
		t.Error(err, already.ExistingCollector)
	}
}

// In client_golang a panic of the function escapes Gather.
func TestFuncPanics(t *testing.T) {
	bad := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "bad"}, func() float64 { panic(errTest) })
	for _, c := range []prometheus.Collector{bad, struct{ prometheus.Collector }{bad}, prometheus.WrapCollectorWithPrefix("p_", bad)} {
		got, err := gather(t, of(gaugeOf("good", 1)), c)
		if got != "good 1\n" || !errors.Is(err, errTest) || !strings.Contains(message(err), `bad", help: ""`) {
			t.Error(got, err)
		}
	}
}

// counted is a user's collector that embeds a vec and has a Collect of its own.
type counted struct {
	*prometheus.GaugeVec
	collected int
}

func (c *counted) Collect(ch chan<- prometheus.Metric) {
	c.collected++
	c.GaugeVec.Collect(ch)
}

func TestEmbeddedVecIsCollected(t *testing.T) {
	c := &counted{GaugeVec: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "x"}, []string{"a"})}
	c.WithLabelValues("1").Set(1)
	for _, c := range []prometheus.Collector{c, prometheus.WrapCollectorWithPrefix("p_", c)} {
		if got, err := gather(t, c); !strings.HasSuffix(got, "x{a=\"1\"} 1\n") || err != nil {
			t.Error(got, err)
		}
	}
	if c.collected != 2 {
		t.Errorf("its Collect was called %d times", c.collected)
	}
}
