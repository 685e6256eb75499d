package engine

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
)

// A second registration under one name: the same thing is a duplicate, the same
// thing with other const label values is welcome, anything else is a conflict.
func TestSecondRegistration(t *testing.T) {
	env := func(v string) Opts { return Opts{Name: "m", Help: "h", ConstLabels: map[string]string{"env": v}} }
	for i, a := range makers {
		for j, b := range makers {
			t.Run(a.kind+"/"+b.kind, func(t *testing.T) {
				r := NewRegistry()
				if err := a.make(r, env("a")); err != nil {
					t.Fatal(err)
				}
				fits := i == j || a.alike != "" && a.alike == b.alike
				same, other := b.make(r, env("a")), b.make(r, env("b"))
				if fits {
					wantRefused(t, same, ErrDuplicate, "m", `{env="a"}`)
					if other != nil {
						t.Errorf("other const label values: %v", other)
					}
					wantRefused(t, b.make(r, env("b")), ErrDuplicate, "m", `{env="b"}`)
				} else {
					wantRefused(t, same, ErrConflict, "m")
					wantRefused(t, other, ErrConflict, "m")
				}
			})
		}
	}
}

func TestConflictsNameTheOffender(t *testing.T) {
	counter := func(o Opts) func(*Registry) error {
		return func(r *Registry) error { _, err := NewCounter(r, o); return err }
	}
	vec := func(labels ...string) func(*Registry) error {
		return func(r *Registry) error {
			_, err := NewStringCounterVec(r, named("m"), labels...)
			return err
		}
	}
	for _, c := range []struct {
		name          string
		first, second func(*Registry) error
		reason        error
		words         []string
	}{
		{"plain twice", counter(named("m")), counter(named("m")), ErrDuplicate, []string{"{}"}},
		{"type", counter(named("m")), func(r *Registry) error { _, err := NewGauge(r, named("m")); return err },
			ErrConflict, []string{"counter", "gauge"}},
		{"kind", counter(named("m")), func(r *Registry) error {
			return NewCounterFunc(r, named("m"), func() float64 { return 0 })
		}, ErrConflict, []string{"another kind of counter"}},
		{"help", counter(Opts{Name: "m", Help: "one"}), counter(Opts{Name: "m", Help: "two"}),
			ErrConflict, []string{`"one"`, `"two"`}},
		{"help missing", counter(Opts{Name: "m", Help: "one"}), counter(Opts{Name: "m"}),
			ErrConflict, []string{`"one"`, `""`}},
		{"unit", counter(Opts{Name: "m_seconds", Unit: "seconds"}), counter(Opts{Name: "m_seconds"}),
			ErrConflict, []string{`"seconds"`, `""`}},
		{"label names", vec("a", "b"), vec("a", "c"), ErrConflict, []string{"a, b", "a, c"}},
		{"label count", vec("a", "b"), vec("a"), ErrConflict, []string{"labels a, b", "labels a"}},
		{"const against variable", vec("a"), counter(Opts{Name: "m", ConstLabels: map[string]string{"a": "1"}}),
			ErrConflict, []string{"a const"}},
		{"const names", counter(Opts{Name: "m", ConstLabels: map[string]string{"a": "1"}}),
			counter(Opts{Name: "m", ConstLabels: map[string]string{"b": "1"}}), ErrConflict, []string{"a const", "b const"}},
		{"labels in another order", vec("a", "b"), vec("b", "a"), ErrDuplicate, []string{"{}"}},
		{"buckets", histogramOf([]float64{1, 2}), histogramOf([]float64{1, 3}), ErrConflict, []string{"[1 2]", "[1 3]"}},
		{"buckets one ulp apart", histogramOf([]float64{0.3}), histogramOf([]float64{math.Nextafter(0.3, 1)}),
			ErrConflict, []string{"[0.3]", "[0.30000000000000004]"}},
		{"+Inf is no other bound", histogramOf([]float64{1, 2}), histogramOf([]float64{1, 2, inf}), ErrDuplicate, []string{"{}"}},
		{"-0 is no other bound", histogramOf([]float64{0}), histogramOf([]float64{-1 / inf}), ErrDuplicate, []string{"{}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := NewRegistry()
			if err := c.first(r); err != nil {
				t.Fatal(err)
			}
			family := "m"
			if c.name == "unit" {
				family = "m_seconds"
			}
			before := exposure(r)
			wantRefused(t, c.second(r), c.reason, family, c.words...)
			if after := exposure(r); after != before {
				t.Errorf("the refused registration changed the exposition to\n%s", after)
			}
		})
	}
}

func TestPawlsOwnNamesAreTaken(t *testing.T) {
	r := NewRegistry()
	_, err := NewStringCounterVec(r, Opts{Name: "pawl_dropped_observations_total"}, "reason")
	wantRefused(t, err, ErrConflict, "pawl_dropped_observations_total", "help")
	_, err = NewGauge(r, named("pawl_callback_panics_total"))
	wantRefused(t, err, ErrConflict, "pawl_callback_panics_total", "gauge")
}

// A histogram x writes samples x_bucket, x_sum and x_count. Another family of
// such a name could put one series into a scrape twice.
func TestHistogramSamplesDoNotClashWithFamilies(t *testing.T) {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		for _, histogramFirst := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/histogramFirst=%v", suffix, histogramFirst), func(t *testing.T) {
				r := NewRegistry()
				first, second := histogramOf([]float64{1}), func(r *Registry) error {
					_, err := NewCounter(r, named("m"+suffix))
					return err
				}
				if !histogramFirst {
					first, second = second, first
				}
				if err := first(r); err != nil {
					t.Fatal(err)
				}
				if err := second(r); err == nil {
					t.Errorf("both were registered; two families of a scrape share a sample name:\n%s", exposure(r))
				}
			})
		}
	}
}

func TestFamiliesAreInNameOrder(t *testing.T) {
	r := NewRegistry()
	for _, name := range []string{"zz", "b_total", ":a", "A", "_x", "b", "b_", "a", "Z", "m1", "m10", "m2"} {
		MustGauge(r, named(name))
	}
	var names []string
	for _, f := range scrape(t, r) {
		names = append(names, f.name)
	}
	if got, want := strings.Join(names, " "), ":a A Z _x a b b_ b_total m1 m10 m2 zz"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
}

func TestHeaders(t *testing.T) {
	r := NewRegistry()
	MustCounter(r, Opts{Name: "c_seconds_total", Unit: "seconds", Help: "Line one\nline \"two\" \\n."})
	MustGauge(r, Opts{Name: "g_bytes", Unit: "bytes", Help: " spaces kept "})
	MustStringGaugeVec(r, Opts{Name: "empty", Help: "A family without series has no header."}, "a")
	MustUpDown(r, named("u"))
	wantExposure(t, r,
		`# HELP c_seconds_total Line one\nline "two" \\n.`,
		`# TYPE c_seconds_total counter`,
		`c_seconds_total 0`,
		`# HELP g_bytes  spaces kept `,
		`# TYPE g_bytes gauge`,
		`g_bytes 0`,
		`# TYPE u gauge`,
		`u 0`)
}

// Registrations of one family share a header, and their series are in label
// order, whichever was first.
func TestRegistrationsOfOneFamilyMerge(t *testing.T) {
	r := NewRegistry()
	reg := func(env string) *StringVec[Counter] {
		return MustStringCounterVec(r, Opts{Name: "m_total", ConstLabels: map[string]string{"env": env, "zone": "1"}}, "code", "path")
	}
	prod, dev, quoted := reg("prod"), reg("dev"), reg("\"x\"\n")
	prod.With("200", "/b").Add(1)
	dev.With("500", "/a").Add(2)
	dev.With("200", "/c").Add(3)
	quoted.With("200", "/b").Add(4)
	prod.With("200", "/a").Add(5)
	wantExposure(t, r,
		`# TYPE m_total counter`,
		`m_total{code="200",env="\"x\"\n",path="/b",zone="1"} 4`,
		`m_total{code="200",env="dev",path="/c",zone="1"} 3`,
		`m_total{code="200",env="prod",path="/a",zone="1"} 5`,
		`m_total{code="200",env="prod",path="/b",zone="1"} 1`,
		`m_total{code="500",env="dev",path="/a",zone="1"} 2`)
	if prod.Len() != 2 || dev.Len() != 2 {
		t.Errorf("lengths %d and %d, want 2 and 2", prod.Len(), dev.Len())
	}
	dev.Reset()
	prod.Delete("200", "/b")
	wantExposure(t, r,
		`# TYPE m_total counter`,
		`m_total{code="200",env="\"x\"\n",path="/b",zone="1"} 4`,
		`m_total{code="200",env="prod",path="/a",zone="1"} 5`)
}

// What the caller passed belongs to the caller again.
func TestRegistrationKeepsNoHoldOfItsArguments(t *testing.T) {
	r := NewRegistry()
	consts, labels, bounds := map[string]string{"env": "prod"}, []string{"a", "b"}, []float64{1, 2}
	v, err := NewStringHistogramVec(r, HistogramOpts{Opts: Opts{Name: "h", ConstLabels: consts}, Buckets: bounds}, labels...)
	if err != nil {
		t.Fatal(err)
	}
	consts["env"], consts["new"] = "dev", "x"
	labels[0], labels[1] = "b", "a"
	bounds[0], bounds[1] = 7, -7
	v.With("1", "2").Observe(1.5)
	wantExposure(t, r,
		`# TYPE h histogram`,
		`h_bucket{a="1",b="2",env="prod",le="1"} 0`,
		`h_bucket{a="1",b="2",env="prod",le="2"} 1`,
		`h_bucket{a="1",b="2",env="prod",le="+Inf"} 1`,
		`h_sum{a="1",b="2",env="prod"} 1.5`,
		`h_count{a="1",b="2",env="prod"} 1`)
}

// Of many goroutines that register one name, one wins; scrapes meanwhile see
// whole families in order.
func TestConcurrentRegistration(t *testing.T) {
	const rounds, racers = 60, 4
	r := NewRegistry()
	won := make([]int, racers)
	var wg sync.WaitGroup
	for w := range racers {
		wg.Go(func() {
			for i := range rounds {
				c, err := NewCounter(r, named(fmt.Sprintf("m%d_total", i)))
				if err == nil {
					won[w]++
					c.Inc()
				}
				if _, err := NewGauge(r, Opts{Name: "g", ConstLabels: map[string]string{"w": fmt.Sprint(w, i)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range rounds {
		scrape(t, r)
	}
	wg.Wait()
	total := 0
	for _, n := range won {
		total += n
	}
	families := scrape(t, r)
	if total != rounds || len(families) != rounds+1 || len(families[0].samples) != rounds*racers {
		t.Errorf("%d registrations won, %d families, want %d and %d", total, len(families), rounds, rounds+1)
	}
}
