package engine

import (
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// computed registers a callback that returns whatever *v is.
func computed(r *Registry, counter bool, o Opts, v *float64) {
	f := func() float64 { return *v }
	if counter {
		MustCounterFunc(r, o, f)
	} else {
		MustGaugeFunc(r, o, f)
	}
}

func TestCallbackValues(t *testing.T) {
	for _, c := range []struct {
		v              float64
		counter, gauge string // how it is exposed; a counter's may be refused
		drops          string
	}{
		{0, "0", "0", ""},
		{17, "17", "17", ""},
		{0.5, "0.5", "0.5", ""},
		{1 << 53, "9.007199254740992e+15", "9.007199254740992e+15", ""},
		{math.MaxFloat64, "1.7976931348623157e+308", "1.7976931348623157e+308", ""},
		{minus0, "0", "-0", ""},
		{-1, "", "-1", "negative=1"},
		{-tiniest, "", "-5e-324", "negative=1"},
		{nan, "", "NaN", "nan=1"},
		{inf, "", "+Inf", "inf=1"},
		{-inf, "", "-Inf", "negative=1"},
	} {
		r := NewRegistry()
		computed(r, true, named("zc"), &c.v)
		computed(r, false, named("g"), &c.v)
		want := []string{"# TYPE g gauge", "g " + c.gauge, "# TYPE zc counter"}
		if c.counter != "" {
			want = append(want, "zc "+c.counter)
		}
		wantExposure(t, r, want...)
		// The next scrape, which refuses again, shows what this one refused.
		wantDrops(t, r, c.drops)
	}
}

// A refused value costs its own sample, and none of its siblings'.
func TestRefusedCallbackSparesItsSiblings(t *testing.T) {
	r := NewRegistry()
	for name, v := range map[string]float64{"a": 1, "b": nan, "c": -1, "d": 4} {
		computed(r, true, Opts{Name: "c_total", ConstLabels: map[string]string{"k": name}}, &v)
	}
	for scrapes := range 3 {
		if scrapes == 2 {
			wantDrops(t, r, "nan=3 negative=3") // "c" comes before "p"
		}
		wantExposure(t, r, "# TYPE c_total counter", `c_total{k="a"} 1`, `c_total{k="d"} 4`)
	}
}

// A panic costs its family's samples in that scrape, wherever in the family it
// happens, and is counted; the other families, before and after, are whole.
func TestPanickingCallback(t *testing.T) {
	for _, bad := range []string{"a", "b", "c"} {
		r := NewRegistry()
		panics := true
		for _, k := range []string{"a", "b", "c"} {
			MustGaugeFunc(r, Opts{Name: "m", Help: "Members.", ConstLabels: map[string]string{"k": k}}, func() float64 {
				if panics && k == bad {
					var none []float64
					return none[3]
				}
				return 1
			})
		}
		MustCounter(r, named("before")).Inc()
		MustGaugeFunc(r, named("other"), func() float64 { return 2 })
		rest := []string{"# TYPE other gauge", "other 2"}
		before := []string{"# TYPE before counter", "before 1"}
		wantExposure(t, r, append(before, rest...)...)
		wantExposure(t, r, append(before, rest...)...)
		if got := own(t, r, "pawl_callback_panics_total"); len(got) != 1 || got["m"] != "3" {
			t.Errorf("panics are counted as %v", got)
		}
		panics = false
		wantExposure(t, r, append(append(before, "# HELP m Members.", "# TYPE m gauge",
			`m{k="a"} 1`, `m{k="b"} 1`, `m{k="c"} 1`), rest...)...)
		if got := own(t, r, "pawl_callback_panics_total"); got["m"] != "3" {
			t.Errorf("without panics, %v", got)
		}
		wantDrops(t, r, "")
	}
}

// What a callback throws does not matter.
func TestCallbackPanicsOfEveryKind(t *testing.T) {
	r := NewRegistry()
	var nilMap map[string]int
	for name, f := range map[string]func() float64{
		"error": func() float64 { panic(errBroken) }, "nil": func() float64 { panic(nil) },
		"map": func() float64 { nilMap["x"]++; return 0 }, "nested": func() float64 { defer func() { panic(2) }(); panic(1) },
	} {
		MustGaugeFunc(r, named(name+"_now"), f)
		MustCounterFunc(r, named(name+"_total"), f)
	}
	wantExposure(t, r)
	if got := own(t, r, "pawl_callback_panics_total"); len(got) != 8 || got["nil_now"] != "2" || got["nested_total"] != "2" {
		t.Errorf("panics are counted as %v", got)
	}
}

// A panic in the middle of large scrapes takes nothing with it that was written,
// or is still to be.
func TestPanickingCallbackBetweenChunks(t *testing.T) {
	r := large()
	MustGaugeFunc(r, Opts{Name: "many_total_bad", Help: strings.Repeat("h", 2*chunk)}, func() float64 { panic(1) })
	var w pipe
	w.room = math.MaxInt
	before := own(t, r, "pawl_callback_panics_total")["many_total_bad"]
	n, err := r.WriteText(&w)
	if err != nil || n != int64(w.all.Len()) || before != "1" {
		t.Errorf("%d bytes, %v, %q panics before", n, err, before)
	}
	parse(t, w.all.String())
	if strings.Contains(w.all.String(), "# TYPE many_total_bad") || !strings.Contains(w.all.String(), "\nwide_count 1\n") {
		t.Error("the scrape has too much or too little")
	}
}

// A callback may use its registry: record, register, and scrape.
func TestCallbackMayUseTheRegistry(t *testing.T) {
	r := NewRegistry()
	c := MustStringCounterVec(r, named("a_total"), "k")
	var depth atomic.Int32
	MustGaugeFunc(r, named("g"), func() float64 {
		c.With("x").Inc()
		if depth.Add(1) == 1 {
			MustGauge(r, named("z")).Set(1)
			return float64(strings.Count(exposure(r), "\n"))
		}
		return 0
	})
	// The outer scrape walks what there was when it began; the inner sees z.
	wantExposure(t, r, "# TYPE g gauge", "g 6")
	wantExposure(t, r, "# TYPE a_total counter", `a_total{k="x"} 2`, "# TYPE g gauge", "g 0", "# TYPE z gauge", "z 1")
}

// Scrapes that overlap do not share what callbacks returned.
func TestConcurrentScrapesOfCallbacks(t *testing.T) {
	r := NewRegistry()
	var calls atomic.Int64
	for _, k := range []string{"a", "b", "c"} {
		MustCounterFunc(r, Opts{Name: "c_total", ConstLabels: map[string]string{"k": k}}, func() float64 {
			if n := calls.Add(1); n%7 == 0 {
				panic("now and then")
			}
			return 1
		})
	}
	MustHistogram(r, buckets("h", 1)).Observe(1)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 200 {
				families := scrape(t, r)
				if n := len(families); n < 1 || n > 2 || families[n-1].name != "h" || n == 2 && len(families[0].samples) != 3 {
					t.Errorf("scraped %v", families)
				}
			}
		})
	}
	wg.Wait()
}
