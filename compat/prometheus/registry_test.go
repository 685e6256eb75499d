package prometheus_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func TestRegisterErrors(t *testing.T) {
	x := prometheus.NewDesc("x", "help", []string{"v"}, nil)
	y := prometheus.NewDesc("y", "help", nil, nil)
	other := prometheus.NewDesc("x", "another help", []string{"v"}, nil)
	invalid := prometheus.NewInvalidDesc(errTest)
	const (
		equal     = "duplicate metrics collector registration attempted"
		taken     = `descriptor Desc{fqName: "x", help: "help", unit: "", constLabels: {}, variableLabels: {v}} already exists with the same fully-qualified name and const label values`
		conflict  = `a previously registered descriptor with the same fully-qualified name as Desc{fqName: "x", help: "another help", unit: "", constLabels: {}, variableLabels: {v}} has different label names or a different help string`
		inside    = `descriptors reported by collector have inconsistent label names or help strings for the same fully-qualified name, offender is Desc{fqName: "x", help: "another help", unit: "", constLabels: {}, variableLabels: {v}}`
		isInvalid = `descriptor Desc{fqName: "", help: "", unit: "", constLabels: {}, variableLabels: {}} is invalid: broken`
	)
	for name, c := range map[string]struct {
		have, add []*prometheus.Desc
		want      string
	}{
		"something else":           {[]*prometheus.Desc{x}, []*prometheus.Desc{y}, ""},
		"the same":                 {[]*prometheus.Desc{x}, []*prometheus.Desc{x}, equal},
		"the same twice":           {[]*prometheus.Desc{x}, []*prometheus.Desc{x, x}, equal},
		"both in another order":    {[]*prometheus.Desc{x, y}, []*prometheus.Desc{y, x}, equal},
		"one more":                 {[]*prometheus.Desc{x}, []*prometheus.Desc{x, y}, taken},
		"one of two":               {[]*prometheus.Desc{x, y}, []*prometheus.Desc{x}, taken},
		"another help":             {[]*prometheus.Desc{x}, []*prometheus.Desc{other}, conflict},
		"two helps":                {nil, []*prometheus.Desc{x, other}, inside},
		"invalid":                  {nil, []*prometheus.Desc{invalid}, isInvalid},
		"one invalid":              {[]*prometheus.Desc{y}, []*prometheus.Desc{x, invalid}, isInvalid},
		"invalid after a conflict": {[]*prometheus.Desc{x}, []*prometheus.Desc{other, invalid}, conflict},
	} {
		reg := prometheus.NewRegistry()
		have, add := describing(c.have...), describing(c.add...)
		reg.MustRegister(have)
		err := reg.Register(add)
		if got := message(err); got != c.want {
			t.Errorf("%s: %s\n want %s", name, got, c.want)
		}
		var already prometheus.AlreadyRegisteredError
		if c.want == equal {
			if !errors.As(err, &already) || already.ExistingCollector != prometheus.Collector(have) || already.NewCollector != prometheus.Collector(add) {
				t.Errorf("%s: %+v", name, already)
			}
		}
		if err != nil { // nothing of it was registered
			if mustPanic(t, func() { reg.MustRegister(add) }) == nil {
				t.Error(name)
			}
			if families, err := reg.Gather(); len(families) != 0 || err != nil {
				t.Errorf("%s: %v %v", name, families, err)
			}
		}
	}
}

// Sets of descriptors are compared as they are. (client_golang XORs their hashes.)
func TestUnregister(t *testing.T) {
	x, y := prometheus.NewDesc("x", "", nil, nil), prometheus.NewDesc("y", "", nil, nil)
	reg := prometheus.NewRegistry()
	reg.MustRegister(describing(x, y), unchecked(gaugeOf("z", 1)))
	for name, c := range map[string]*foreign{
		"one of two": describing(x), "unchecked": unchecked(), "invalid": describing(prometheus.NewInvalidDesc(errTest)),
		"never seen": describing(prometheus.NewDesc("w", "", nil, nil)),
	} {
		if reg.Unregister(c) {
			t.Errorf("%s was unregistered", name)
		}
	}
	if !reg.Unregister(describing(y, x, y)) || reg.Unregister(describing(x, y)) {
		t.Error("an equal collector is unregistered once")
	}
	families, err := reg.Gather() // the unchecked one is still there
	if err != nil || samples(t, families) != "z 1\n" {
		t.Error(samples(t, families), err)
	}
	// client_golang would remember the help for ever.
	reg.MustRegister(describing(prometheus.NewDesc("x", "new help", []string{"label"}, nil)))
}

// The facts about a name last as long as one of those who have it.
func TestUnregisterOneOfAName(t *testing.T) {
	reg := prometheus.NewRegistry()
	with := func(help, v string) *foreign {
		return describing(prometheus.NewDesc("x", help, nil, prometheus.Labels{"a": v}))
	}
	reg.MustRegister(with("help", "1"), with("help", "2"))
	reg.Unregister(with("help", "1"))
	if reg.Register(with("other", "3")) == nil {
		t.Error("two helps for one name")
	}
	reg.Unregister(with("help", "2"))
	if err := reg.Register(with("other", "3")); err != nil {
		t.Error(err)
	}
}

func TestUnchecked(t *testing.T) {
	reg := prometheus.NewRegistry()
	c := unchecked(gaugeOf("x", 1))
	reg.MustRegister(c, c) // nobody knows that they are the same
	families, err := reg.Gather()
	wantError(t, err, `collected metric "x" { gauge:{value:1}} was collected before with the same name and label values`)
	if got := samples(t, families); got != "x 1\n" {
		t.Error(got)
	}
}

func TestEmptyRegistry(t *testing.T) {
	reg := prometheus.NewRegistry()
	if families, err := reg.Gather(); families != nil || err != nil {
		t.Error(families, err)
	}
	reg.MustRegister(unchecked())
	if families, err := reg.Gather(); families == nil || len(families) != 0 || err != nil {
		t.Error(families, err)
	}
	if families, err := new(prometheus.Registry).Gather(); families != nil || err != nil {
		t.Error(families, err)
	}
}

// A registry is a collector: of what it holds, for a group that is registered together.
func TestRegistryAsCollector(t *testing.T) {
	group := prometheus.NewRegistry()
	group.MustRegister(of(gaugeOf("x", 1)), of(gaugeOf("y", 2)))
	reg := prometheus.NewRegistry()
	prometheus.WrapRegistererWithPrefix("p_", reg).MustRegister(group)
	reg.MustRegister(group)
	if reg.Register(of(gaugeOf("y", 2))) == nil {
		t.Error("the group has y already")
	}
	group.MustRegister(unchecked(metricFunc{plain, nil}), panicking{})
	families, err := reg.Gather()
	if got := samples(t, families); got != "p_x 1\np_y 2\nx 1\ny 2\n" {
		t.Error(got)
	}
	if !strings.Contains(message(err), "type=prometheus_test.panicking") {
		t.Errorf("%v does not name the collector within", err)
	}
}

func TestCollectorFunc(t *testing.T) {
	c := prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { ch <- gaugeOf("x", 1); ch <- gaugeOf("y", 2) })
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	if reg.Register(of(gaugeOf("x", 3))) == nil {
		t.Error("the function's metrics were not described")
	}
	if got := samples(t, reg.MustGather()); got != "x 1\ny 2\n" {
		t.Error(got)
	}
	if !reg.Unregister(c) {
		t.Error("it described other metrics than before")
	}
}

// panicking panics when it is described and when it is collected.
type panicking struct{}

func (panicking) Describe(chan<- *prometheus.Desc) {}

func (panicking) Collect(chan<- prometheus.Metric) { panic(errTest) }

// describePanics panics when it is described.
type describePanics struct{ panicking }

func (d describePanics) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(d, ch) }

// client_golang runs Describe in a goroutine of its own, where a panic ends the process.
func TestDescribePanics(t *testing.T) {
	reg := prometheus.NewRegistry()
	for _, c := range []prometheus.Collector{describePanics{}, prometheus.WrapCollectorWithPrefix("a_", describePanics{})} {
		err := reg.Register(c)
		if !errors.Is(err, errTest) || !strings.Contains(message(err), "prometheus collector panic recovered: type=prometheus_test.describePanics: error=broken\nstack trace=") {
			t.Error(err)
		}
		if reg.Unregister(c) {
			t.Error("it is registered")
		}
	}
}

// Registering, unregistering and gathering go on at once, and each gather sees whole
// collectors.
func TestRegistryConcurrently(t *testing.T) {
	reg := prometheus.NewRegistry()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				c := of(gaugeOf(fmt.Sprintf("x%d_a", g), float64(i)), gaugeOf(fmt.Sprintf("x%d_b", g), float64(i)))
				if err := reg.Register(c); err != nil {
					t.Error(err)
				}
				families, err := reg.Gather()
				if err != nil {
					t.Error(err)
				}
				have := make(map[string]float64)
				for _, f := range families {
					have[f.GetName()] = f.Metric[0].GetGauge().GetValue()
				}
				for h := range 4 {
					a, isA := have[fmt.Sprintf("x%d_a", h)]
					b, isB := have[fmt.Sprintf("x%d_b", h)]
					if isA != isB || a != b {
						t.Errorf("half a collector: %v", have)
					}
				}
				if !reg.Unregister(c) {
					t.Error("it was there")
				}
			}
		})
	}
	wg.Wait()
}

func TestDefaultRegistry(t *testing.T) {
	c := of(gaugeOf("default_registry_test", 1))
	prometheus.MustRegister(c)
	defer prometheus.Unregister(c)
	if prometheus.Register(c) == nil {
		t.Error("registered twice")
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Error(err)
	}
	for _, want := range []string{"\ndefault_registry_test 1\n", "\ngo_goroutines "} { // and process_*, where there is any
		if !strings.Contains(text(t, families), want) {
			t.Errorf("%q is missing", want)
		}
	}
	// The functions go to what the variable holds.
	old := prometheus.DefaultRegisterer
	defer func() { prometheus.DefaultRegisterer = old }()
	prometheus.DefaultRegisterer = prometheus.NewRegistry()
	if err := prometheus.Register(c); err != nil {
		t.Error(err)
	}
	if !prometheus.Unregister(c) {
		t.Error("it was registered elsewhere")
	}
}
