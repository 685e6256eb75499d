package promauto_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promauto"
)

func one() float64 { return 1 }

// constructors are those of a factory, under the names that their metrics get. Vecs get a
// series, so that they are gathered.
func constructors(f promauto.Factory) map[string]func() prometheus.Collector {
	return map[string]func() prometheus.Collector{
		"counter": func() prometheus.Collector { return f.NewCounter(prometheus.CounterOpts{Name: "counter"}) },
		"counter_func": func() prometheus.Collector {
			return f.NewCounterFunc(prometheus.CounterOpts{Name: "counter_func"}, one)
		},
		"gauge":      func() prometheus.Collector { return f.NewGauge(prometheus.GaugeOpts{Name: "gauge"}) },
		"gauge_func": func() prometheus.Collector { return f.NewGaugeFunc(prometheus.GaugeOpts{Name: "gauge_func"}, one) },
		"histogram":  func() prometheus.Collector { return f.NewHistogram(prometheus.HistogramOpts{Name: "histogram"}) },
		"summary":    func() prometheus.Collector { return f.NewSummary(prometheus.SummaryOpts{Name: "summary"}) },
		"untyped_func": func() prometheus.Collector {
			return f.NewUntypedFunc(prometheus.UntypedOpts{Name: "untyped_func"}, one)
		},
		"counter_vec": func() prometheus.Collector {
			v := f.NewCounterVec(prometheus.CounterOpts{Name: "counter_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"gauge_vec": func() prometheus.Collector {
			v := f.NewGaugeVec(prometheus.GaugeOpts{Name: "gauge_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"histogram_vec": func() prometheus.Collector {
			v := f.NewHistogramVec(prometheus.HistogramOpts{Name: "histogram_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"summary_vec": func() prometheus.Collector {
			v := f.NewSummaryVec(prometheus.SummaryOpts{Name: "summary_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
	}
}

// global are the functions of the package, which are the default registerer's.
func global() map[string]func() prometheus.Collector {
	return map[string]func() prometheus.Collector{
		"counter": func() prometheus.Collector { return promauto.NewCounter(prometheus.CounterOpts{Name: "counter"}) },
		"counter_func": func() prometheus.Collector {
			return promauto.NewCounterFunc(prometheus.CounterOpts{Name: "counter_func"}, one)
		},
		"gauge": func() prometheus.Collector { return promauto.NewGauge(prometheus.GaugeOpts{Name: "gauge"}) },
		"gauge_func": func() prometheus.Collector {
			return promauto.NewGaugeFunc(prometheus.GaugeOpts{Name: "gauge_func"}, one)
		},
		"histogram": func() prometheus.Collector { return promauto.NewHistogram(prometheus.HistogramOpts{Name: "histogram"}) },
		"summary":   func() prometheus.Collector { return promauto.NewSummary(prometheus.SummaryOpts{Name: "summary"}) },
		"untyped_func": func() prometheus.Collector {
			return promauto.NewUntypedFunc(prometheus.UntypedOpts{Name: "untyped_func"}, one)
		},
		"counter_vec": func() prometheus.Collector {
			v := promauto.NewCounterVec(prometheus.CounterOpts{Name: "counter_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"gauge_vec": func() prometheus.Collector {
			v := promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "gauge_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"histogram_vec": func() prometheus.Collector {
			v := promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "histogram_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
		"summary_vec": func() prometheus.Collector {
			v := promauto.NewSummaryVec(prometheus.SummaryOpts{Name: "summary_vec"}, []string{"l"})
			v.WithLabelValues("x")
			return v
		},
	}
}

func names(t *testing.T, g prometheus.Gatherer) (names []string) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		names = append(names, f.GetName())
	}
	return names
}

// Each constructor registers, once; the second of a name panics with the first.
func testRegisters(t *testing.T, reg *prometheus.Registry, all map[string]func() prometheus.Collector) {
	for name, construct := range all {
		c := construct()
		if !slices.Contains(names(t, reg), name) {
			t.Errorf("%s is not registered", name)
		}
		var there prometheus.AlreadyRegisteredError
		if err, _ := panicOf(func() { construct() }).(error); !errors.As(err, &there) {
			t.Errorf("%s again: panic with %v", name, err)
		} else if there.ExistingCollector != c {
			t.Errorf("%s again: %v is there", name, there.ExistingCollector)
		}
	}
	if n := len(names(t, reg)); n != len(all) {
		t.Errorf("%d families, want %d", n, len(all))
	}
}

func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

func TestWith(t *testing.T) {
	reg := prometheus.NewRegistry()
	testRegisters(t, reg, constructors(promauto.With(reg)))
}

// The default registerer is looked up when a constructor is called.
func TestGlobal(t *testing.T) {
	before := prometheus.DefaultRegisterer
	defer func() { prometheus.DefaultRegisterer = before }()
	reg := prometheus.NewRegistry()
	prometheus.DefaultRegisterer = reg
	testRegisters(t, reg, global())
}

// Without a registerer, nothing is registered and the same name may be used twice.
func TestNoRegisterer(t *testing.T) {
	for _, f := range []promauto.Factory{promauto.With(nil), {}} {
		for name, construct := range constructors(f) {
			reg := prometheus.NewRegistry()
			if construct() == nil {
				t.Errorf("%s: nil", name)
			}
			reg.MustRegister(construct())
			if got := names(t, reg); len(got) != 1 || got[0] != name {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

func TestWrappedRegisterer(t *testing.T) {
	reg := prometheus.NewRegistry()
	promauto.With(prometheus.WrapRegistererWithPrefix("app_", reg)).NewGauge(prometheus.GaugeOpts{Name: "g"})
	if got := names(t, reg); len(got) != 1 || got[0] != "app_g" {
		t.Error(got)
	}
}
