package engine

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

// edges are the integers around which float64 and uint64 arithmetic go wrong.
var edges = []uint64{0, 1, 2, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<53 + 2, 1<<63 - 1024, 1<<63 - 1, 1 << 63, 1<<63 + 1,
	1<<63 + 2048, math.MaxUint64 - 2047, math.MaxUint64 - 1, math.MaxUint64}

func TestCounterIntegersAreExact(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			r := NewRegistry()
			c := MustCounter(r, named("c_total"))
			c.Add(a)
			c.Add(b)
			wantExposure(t, r, "# TYPE c_total counter", "c_total "+strconv.FormatUint(a+b, 10))
			if got := c.Value(); got != float64(a+b) {
				t.Errorf("%d + %d: Value is %v", a, b, got)
			}
		}
	}
}

// Whole floats are added as the integers that they are.
func TestCounterWholeFloatsAreExact(t *testing.T) {
	for _, a := range edges {
		for _, b := range edges {
			v := float64(b)
			if v >= 1<<64 || uint64(v) != b {
				continue
			}
			r := NewRegistry()
			c := MustCounter(r, named("c_total"))
			c.Add(a)
			c.AddFloat(v)
			if got := c.whole(); got != a+b || c.more.Load() != nil {
				t.Errorf("%d + %v is %d", a, v, got)
			}
		}
	}
}

func TestCounterFractions(t *testing.T) {
	for _, c := range []struct {
		whole uint64
		adds  []float64
		want  string
	}{
		{0, []float64{0.5}, "0.5"},
		{10, []float64{0.25, 0.25}, "10.5"},
		{10, []float64{0.5, 0.5}, "11"},
		{10, []float64{0.5, 3, 0.5}, "14"},
		{0, []float64{1.5, 1.5}, "3"},
		{1, []float64{1 << 64}, "1.8446744073709552e+19"},
		{0, []float64{math.Nextafter(1<<64, 0), 0.5}, "1.844674407370955e+19"},
		{1, []float64{1e300, 1}, "1e+300"},
		{0, []float64{0.1, 0.2}, "0.30000000000000004"},
	} {
		r := NewRegistry()
		m := MustCounter(r, named("c_total"))
		m.Add(c.whole)
		for _, v := range c.adds {
			m.AddFloat(v)
		}
		wantExposure(t, r, "# TYPE c_total counter", "c_total "+c.want)
		if got := strconv.FormatFloat(m.Value(), 'g', -1, 64); got != c.want {
			t.Errorf("%v: Value is %v, want %v", c, got, c.want)
		}
	}
}

// Fractions on every P, integers beside them, and scrapes that never go down.
func TestStressCounter(t *testing.T) {
	const writers = 6
	r := NewRegistry()
	c, f := MustCounter(r, named("c_total")), MustStringCounterVec(r, named("f_total"), "a").With("x")
	done := make([]uint64, writers)
	var lastC, lastF float64
	stress(writers, func(w int, stop <-chan struct{}) {
		for !closed(stop) {
			for range 100 {
				c.Inc()
				f.AddFloat(0.25)
				f.AddFloat(2)
			}
			done[w] += 100
		}
	}, func() {
		for _, m := range scrape(t, r) {
			v, _ := strconv.ParseFloat(m.samples[0].value, 64)
			last := &lastC
			if m.name == "f_total" {
				last = &lastF
			}
			if v < *last {
				t.Fatalf("%s went from %v to %v", m.name, *last, v)
			}
			*last = v
		}
	})
	var total uint64
	for _, n := range done {
		total += n
	}
	if c.whole() != total || f.Value() != float64(total)*2.25 {
		t.Errorf("%d increments show as %d, and as %v of %v", total, c.whole(), f.Value(), float64(total)*2.25)
	}
	wantDrops(t, r, "")
	if strings.Count(exposure(r), "\n") != 4 {
		t.Errorf("exposed:\n%s", exposure(r))
	}
}
