package engine

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
)

var (
	nan     = math.NaN()
	minus0  = math.Copysign(0, -1)
	tiniest = math.SmallestNonzeroFloat64
)

// The rows of policy.go, for every instrument, as the first recording and as a
// later one.
func TestPolicyCounter(t *testing.T) {
	for _, c := range []struct {
		v     float64
		value string // after 0; with 2.5 there before, as many as v adds to that
		later string
		drops string
	}{
		{nan, "0", "2.5", "nan=1"},
		{inf, "0", "2.5", "inf=1"},
		{-inf, "0", "2.5", "negative=1"},
		{minus0, "0", "2.5", ""},
		{0, "0", "2.5", ""},
		{-1, "0", "2.5", "negative=1"},
		{-0.5, "0", "2.5", "negative=1"},
		{-tiniest, "0", "2.5", "negative=1"},
		{-math.MaxFloat64, "0", "2.5", "negative=1"},
		{1, "1", "3.5", ""},
		{0.25, "0.25", "2.75", ""},
		{tiniest, "5e-324", "2.5", ""},
		{1e300, "1e+300", "1e+300", ""},
		{math.MaxFloat64, "1.7976931348623157e+308", "1.7976931348623157e+308", ""},
	} {
		r := NewRegistry()
		first := MustCounter(r, named("first_total"))
		first.AddFloat(c.v)
		wantDrops(t, r, c.drops)
		later := MustStringCounterVec(r, named("later_total"), "a").With("x")
		later.AddFloat(0.5)
		later.Add(2)
		later.AddFloat(c.v)
		wantDrops(t, r, strings.ReplaceAll(c.drops, "=1", "=2"))
		wantExposure(t, r,
			"# TYPE first_total counter", "first_total "+c.value,
			"# TYPE later_total counter", `later_total{a="x"} `+c.later)
		if want := uint64(strings.Count(c.drops, "=") * 2); r.Dropped() != want {
			t.Errorf("AddFloat(%v): Dropped is %d, want %d", c.v, r.Dropped(), want)
		}
	}
}

func TestPolicyGauge(t *testing.T) {
	for _, c := range []struct {
		v          float64
		set, added string // after Set(v); after Set(1), Add(v)
	}{
		{nan, "NaN", "NaN"},
		{inf, "+Inf", "+Inf"},
		{-inf, "-Inf", "-Inf"},
		{minus0, "-0", "1"},
		{0, "0", "1"},
		{-2.5, "-2.5", "-1.5"},
		{tiniest, "5e-324", "1"},
		{-math.MaxFloat64, "-1.7976931348623157e+308", "-1.7976931348623157e+308"},
	} {
		r := NewRegistry()
		set, added := MustGauge(r, named("a")), MustGauge(r, named("b"))
		set.Set(c.v)
		added.Set(1)
		added.Add(c.v)
		wantExposure(t, r, "# TYPE a gauge", "a "+c.set, "# TYPE b gauge", "b "+c.added)
		if got := set.Value(); math.Float64bits(got) != math.Float64bits(c.v) && c.v == c.v {
			t.Errorf("set %v, read %v", c.v, got)
		}
		added.Set(7)
		if added.Value() != 7 {
			t.Errorf("Set does not put an end to %v", c.v)
		}
		wantDrops(t, r, "")
	}
}

func TestPolicyHistogram(t *testing.T) {
	for _, c := range []struct {
		v       float64
		buckets string // of bounds 0 and 1, cumulated
		sum     string
		drops   string
	}{
		{nan, "0 0 0", "0", "nan=1"},
		{inf, "0 0 1", "+Inf", ""},
		{-inf, "1 1 1", "-Inf", ""},
		{minus0, "1 1 1", "0", ""},
		{0, "1 1 1", "0", ""},
		{tiniest, "0 1 1", "5e-324", ""},
		{-tiniest, "1 1 1", "-5e-324", ""},
		{-2.5, "1 1 1", "-2.5", ""},
		{1, "0 1 1", "1", ""},
		{math.Nextafter(1, 2), "0 0 1", "1.0000000000000002", ""},
		{math.MaxFloat64, "0 0 1", "1.7976931348623157e+308", ""},
	} {
		r := NewRegistry()
		MustHistogram(r, buckets("h", 0, 1)).Observe(c.v)
		wantDrops(t, r, c.drops)
		b := strings.Fields(c.buckets)
		wantExposure(t, r, "# TYPE h histogram",
			`h_bucket{le="0"} `+b[0], `h_bucket{le="1"} `+b[1], `h_bucket{le="+Inf"} `+b[2],
			"h_sum "+c.sum, "h_count "+b[2])
	}
}

func TestPolicyUpDown(t *testing.T) {
	for _, c := range []struct {
		adds []int64
		want int64
		text string
	}{
		{[]int64{0}, 0, "0"},
		{[]int64{-1}, -1, "-1"},
		{[]int64{math.MaxInt64}, math.MaxInt64, "9223372036854775807"},
		{[]int64{math.MinInt64}, math.MinInt64, "-9223372036854775808"},
		{[]int64{math.MaxInt64, 1}, math.MinInt64, "-9223372036854775808"},
		{[]int64{math.MinInt64, -1}, math.MaxInt64, "9223372036854775807"},
		{[]int64{math.MinInt64, math.MinInt64}, 0, "0"},
		{[]int64{math.MinInt64, 1, math.MaxInt64}, 0, "0"},
		{[]int64{1<<53 + 1}, 1<<53 + 1, "9007199254740993"},
		{[]int64{-(1<<53 + 1)}, -(1<<53 + 1), "-9007199254740993"},
	} {
		r := NewRegistry()
		u := MustUpDown(r, named("u"))
		for _, d := range c.adds {
			u.Add(d)
		}
		if u.Value() != c.want {
			t.Errorf("%v: value %d, want %d", c.adds, u.Value(), c.want)
		}
		wantExposure(t, r, "# TYPE u gauge", "u "+c.text)
		wantDrops(t, r, "")
	}
}

// An instrument of a wrong label count refuses everything, whatever it is given,
// and counts each recording once.
func TestPolicyWrongLabelCount(t *testing.T) {
	r := NewRegistry()
	c := MustStringCounterVec(r, named("c"), "a", "b").With("x")
	g := MustStringGaugeVec(r, named("g"), "a").With()
	u := MustStringUpDownVec(r, named("u"), "a").With("x", "y")
	h := MustStringHistogramVec(r, buckets("h", 1), "a").With("x", "y", "z")
	recordings := []func(){
		c.Inc, func() { c.Add(7) }, func() { c.AddFloat(7) }, func() { c.AddFloat(0.5) }, func() { c.AddFloat(-1) },
		g.Inc, g.Dec, func() { g.Set(1) }, func() { g.Sub(2) }, g.SetToCurrentTime,
		u.Inc, u.Dec, func() { u.Add(math.MinInt64) }, func() { u.Track()() },
		func() { h.Observe(1) }, func() { h.Observe(inf) }, func() { h.Start().Stop() }, func() { h.ObserveDuration(1) },
	}
	want := uint64(0)
	for i, record := range recordings {
		want++
		if i == 13 { // up and down
			want++
		}
		if record(); r.Dropped() != want {
			t.Errorf("recording %d: %d dropped, want %d", i, r.Dropped(), want)
		}
	}
	wantDrops(t, r, "labels=19")
	h.Observe(nan)
	if r.Dropped() != want+1 {
		t.Error("a NaN on it is not counted")
	}
	wantExposure(t, r)
	if c.Value() != 0 || g.Value() != 0 || u.Value() != 0 || h.Snapshot().Count != 0 {
		t.Error("it has a value")
	}
}

// wholeCount against arithmetic that has no edges.
func TestWholeCount(t *testing.T) {
	limit := new(big.Float).SetMantExp(big.NewFloat(1), 64)
	check := func(v float64) {
		t.Helper()
		n, ok := wholeCount(v)
		if v != v || math.IsInf(v, 0) {
			if ok {
				t.Errorf("wholeCount(%v) = %d", v, n)
			}
			return
		}
		b := big.NewFloat(v)
		want := b.IsInt() && b.Sign() >= 0 && b.Cmp(limit) < 0
		if exact, _ := b.Uint64(); ok != want || ok && n != exact {
			t.Errorf("wholeCount(%v) = %d, %v; want %v", v, n, ok, want)
		}
	}
	for _, v := range []float64{0, minus0, nan, inf, -inf, tiniest, -tiniest, 0.5, 1, 1.5, -1} {
		check(v)
	}
	for e := range 70 {
		v := math.Ldexp(1, e)
		for _, v := range []float64{v, -v, v - 1, v + 1, v - 0.5, v + 0.5, math.Nextafter(v, 0), math.Nextafter(v, inf)} {
			check(v)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range scaled(200_000) {
		check(math.Float64frombits(rng.Uint64()))
		check(float64(rng.Uint64() >> rng.IntN(64)))
		check(math.Ldexp(float64(rng.Uint64()), rng.IntN(80)-70))
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		s             string
		family, label bool
	}{
		{"", false, false}, {"a", true, true}, {"Z_9", true, true}, {"_", true, true}, {"9", false, false},
		{"a9", true, true}, {":", true, false}, {"a:b", true, false}, {"a-b", false, false}, {"a.b", false, false},
		{"a b", false, false}, {"é", false, false}, {"a\x00", false, false}, {"a{", false, false}, {"a\"", false, false},
		{"[", false, false}, {"`", false, false}, {"@", false, false}, {"/", false, false}, {";", false, false},
	} {
		if LegacyNames.validFamily(c.s) != c.family || LegacyNames.validLabel(c.s) != c.label {
			t.Errorf("%q: family %v, label %v", c.s, LegacyNames.validFamily(c.s), LegacyNames.validLabel(c.s))
		}
		utf8 := c.s != "" && !strings.Contains(c.s, "\x00")
		if UTF8Names.validFamily(c.s) != utf8 || UTF8Names.validLabel(c.s) != utf8 {
			t.Errorf("%q: family %v, label %v in UTF-8", c.s, UTF8Names.validFamily(c.s), UTF8Names.validLabel(c.s))
		}
	}
}

func TestCleanValue(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "plain": "plain", "é\x00\n": "é\x00\n", "\uFFFD": "\uFFFD",
		"\xff": "\uFFFD", "\xff\xfe\xfd": "\uFFFD", "a\xffb\xffc": "a\uFFFDb\uFFFDc",
		"\xc3": "\uFFFD", "\xc3(": "\uFFFD(", "\xed\xa0\x80": "\uFFFD", "\xf4\x90\x80\x80": "\uFFFD", "\xc0\x80": "\uFFFD",
	} {
		if got := cleanValue(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

// A label may not become, under some scheme, the one that holds the family's name.
func TestLabelThatBecomesName(t *testing.T) {
	_, err := NewStringCounterVec(NewRegistry(), named("m"), "_.name__")
	wantRefused(t, err, ErrLabelName, "m", "__name__")
	if _, err := NewStringCounterVec(NewRegistry(), named("m"), ".name__"); err != nil {
		t.Error(err)
	}
}
