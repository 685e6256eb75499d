package engine

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
)

// ladders are sets of bounds by what is hard about them.
func ladders() map[string][]float64 {
	ulps := func(from float64, n, step int) []float64 {
		b := make([]float64, n)
		for i := range b {
			for range step {
				from = math.Nextafter(from, inf)
			}
			b[i] = from
		}
		return b
	}
	mirrored := func(b []float64) []float64 {
		m := slices.Clone(b)
		for _, v := range b {
			m = append(m, -v)
		}
		slices.Sort(m)
		return slices.Compact(m)
	}
	rng := rand.New(rand.NewPCG(12, 13))
	random := func(n int, next func() float64) []float64 {
		var b []float64
		for len(b) < n {
			if v := next(); v == v && !math.IsInf(v, 0) {
				b = append(b, v+0)
			}
		}
		slices.Sort(b)
		return slices.Compact(b)
	}
	return map[string][]float64{
		"default":          DefaultBuckets(),
		"one":              {1},
		"zero":             {0},
		"minus zero":       {minus0},
		"negative one":     {-1},
		"linear":           LinearBuckets(0, 10, 20),
		"linear negative":  LinearBuckets(-100, 7, 30),
		"exponential":      ExponentialBuckets(1e-6, 2, 40),
		"exponential 1.1":  ExponentialBuckets(1, 1.1, 200),
		"decades":          ExponentialBuckets(1e-300, 10, 600),
		"mixed sign":       mirrored(DefaultBuckets()),
		"around zero":      {-tiniest, minus0, tiniest},
		"subnormal":        ulps(0, 50, 1),
		"subnormal edge":   {math.Nextafter(0x1p-1022, 0), 0x1p-1022, math.Nextafter(0x1p-1022, 1)},
		"largest":          {-math.MaxFloat64, 0, math.MaxFloat64},
		"largest alone":    {math.MaxFloat64},
		"smallest alone":   {-math.MaxFloat64},
		"ends":             {math.Nextafter(math.MaxFloat64, 0), math.MaxFloat64},
		"ulps":             ulps(1, 100, 1),
		"negative ulps":    mirrored(ulps(1, 100, 1)),
		"ulps at a binade": ulps(math.Nextafter(math.Nextafter(2, 0), 0), 5, 1),
		"thousand ulps":    ulps(1e6, 300, 1000),
		"5000 linear":      LinearBuckets(1, 1, 5000),
		"5000 ulps":        ulps(1, 5000, 1),
		"5000 signed":      mirrored(LinearBuckets(0.5, 0.25, 2500)),
		"as many as fit":   LinearBuckets(-4000, 1, maxBuckets),
		"far and dense":    append([]float64{-1e308}, append(ulps(1, 20, 1), 1e308)...),
		"clusters":         slices.Concat(ulps(-2, 9, 1), ulps(1, 9, 1), ulps(1024, 8, 1), ulps(1e300, 10, 1)),
		"every binade":     binades(),
		"any bits":         random(3000, func() float64 { return math.Float64frombits(rng.Uint64()) }),
		"any bits, few":    random(5, func() float64 { return math.Float64frombits(rng.Uint64()) }),
		"normal":           random(300, rng.NormFloat64),
		"exponents":        random(300, func() float64 { return math.Ldexp(rng.Float64(), rng.IntN(2000)-1000) }),
	}
}

func binades() []float64 {
	var b []float64
	for e := -1074; e <= 1023; e++ {
		b = append(b, math.Ldexp(1, e))
	}
	return b
}

// checkIndex compares the ladder's index with binary search: the first bound not
// below v.
func checkIndex(t *testing.T, l *ladder, bounds []float64, v float64) {
	t.Helper()
	if got, want := l.index(v), sort.SearchFloat64s(bounds, v); got != want {
		t.Fatalf("%v is in bucket %d, want %d (shift %d, table %d, dense %v)", v, got, want, l.shift, len(l.table), l.dense)
	}
}

func TestLadderIndex(t *testing.T) {
	for name, bounds := range ladders() {
		t.Run(name, func(t *testing.T) {
			l, err := newLadder("h", bounds)
			if err != nil {
				t.Fatal(err)
			}
			check := func(v float64) {
				t.Helper()
				if v == v {
					checkIndex(t, l, bounds, v)
				}
			}
			around := func(v float64) {
				t.Helper()
				down, up := math.Nextafter(v, -inf), math.Nextafter(v, inf)
				for _, v := range []float64{v, down, up, math.Nextafter(down, -inf), math.Nextafter(up, inf)} {
					check(v)
				}
			}
			for _, b := range bounds {
				around(b)
				around(-b)
			}
			for _, v := range []float64{0, minus0, inf, -inf, tiniest, -tiniest, math.MaxFloat64, -math.MaxFloat64, 1, -1} {
				around(v)
			}
			for i := range uint64(len(l.table)) { // both sides of every cell's border
				around(unordered((l.first + i) << l.shift))
			}
			rng := rand.New(rand.NewPCG(14, 15))
			lo, hi := bounds[0], bounds[len(bounds)-1]
			for range scaled(20_000) {
				check(math.Float64frombits(rng.Uint64()))
				check(lo + rng.Float64()*(hi-lo))
				check(bounds[rng.IntN(len(bounds))] + rng.NormFloat64())
			}
			if n := len(l.table); n > maxTable+1 {
				t.Errorf("table of %d entries", n)
			}
		})
	}
}

// A ladder of one bound or a few to the binade, as nearly all are, needs one step
// and a small table.
func TestUsualLaddersAreSmall(t *testing.T) {
	for name, most := range map[string]int{"default": 64, "one": 2, "exponential": 64} {
		l, err := newLadder("h", ladders()[name])
		if err != nil {
			t.Fatal(err)
		}
		if l.dense || len(l.table) > most || crowding(l.bounds[:len(l.bounds)-1], l.shift) > 1 {
			t.Errorf("%s: table of %d, dense %v, %d bounds in a cell", name, len(l.table), l.dense,
				crowding(l.bounds[:len(l.bounds)-1], l.shift))
		}
	}
}

func TestOrderedKeepsOrder(t *testing.T) {
	values := []float64{-inf, -math.MaxFloat64, -1, -tiniest, minus0, 0, tiniest, 1, math.MaxFloat64, inf}
	for i, v := range values {
		if back := unordered(ordered(v)); math.Float64bits(back) != math.Float64bits(v) {
			t.Errorf("%v comes back as %v", v, back)
		}
		if i > 0 && ordered(values[i-1]) >= ordered(v) {
			t.Errorf("%v does not come before %v", values[i-1], v)
		}
	}
}

// A trailing +Inf is there in any case, and -0 is 0, in the exposition too.
func TestLadderBounds(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want string
		tail string // of the first bucket
	}{
		{[]float64{1, inf}, "[1 +Inf]", `le="1"} `},
		{[]float64{minus0}, "[0 +Inf]", `le="0"} `},
		{[]float64{minus0, 1}, "[0 1 +Inf]", `le="0"} `},
		{[]float64{-1e7, 1e6}, "[-1e+07 1e+06 +Inf]", `le="-1e+07"} `},
	} {
		l, err := newLadder("h", c.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(l.bounds); got != c.want || l.tails[0] != c.tail || l.tails[len(l.tails)-1] != `le="+Inf"} ` {
			t.Errorf("%v becomes %s, %q", c.in, got, l.tails)
		}
	}
}

// The input is float64s: a value, then bounds, in any order.
func FuzzLadder(f *testing.F) {
	add := func(v float64, bounds ...float64) {
		var b []byte
		for _, v := range append([]float64{v}, bounds...) {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		f.Add(b)
	}
	add(0.3, DefaultBuckets()...)
	add(minus0, -1, minus0, 1)
	add(inf, math.MaxFloat64)
	add(1, 1, math.Nextafter(1, 2), math.Nextafter(1, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		var in []float64
		for ; len(data) >= 8; data = data[8:] {
			if v := math.Float64frombits(binary.LittleEndian.Uint64(data)); v == v {
				in = append(in, v+0)
			}
		}
		if len(in) < 2 {
			return
		}
		v, bounds := in[0], slices.DeleteFunc(in[1:], func(b float64) bool { return math.IsInf(b, 0) })
		slices.Sort(bounds)
		if bounds = slices.Compact(bounds); len(bounds) == 0 || len(bounds) > maxBuckets {
			return
		}
		l, err := newLadder("h", bounds)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []float64{v, -v, math.Nextafter(v, inf), math.Nextafter(v, -inf), inf, -inf, 0, minus0} {
			checkIndex(t, l, bounds, v)
		}
		for _, b := range bounds {
			for _, v := range []float64{b, math.Nextafter(b, inf), math.Nextafter(b, -inf)} {
				checkIndex(t, l, bounds, v)
			}
		}
	})
}
