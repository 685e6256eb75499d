package engine

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// order of the labels in an exposition is that of their names, not of their
// registration.
var shuffled = []string{"z", "a", "m"}

// wantInOrder checks that exactly these label sets (values in the order of
// shuffled) are exposed, in the order of their raw values.
func wantInOrder(t *testing.T, r *Registry, live map[[3]string]bool) {
	t.Helper()
	byName := func(k [3]string) []string { return []string{k[1], k[2], k[0]} }
	var want, got [][]string
	for k := range live {
		want = append(want, byName(k))
	}
	slices.SortFunc(want, slices.Compare)
	for _, f := range scrape(t, r) {
		for _, s := range f.samples {
			got = append(got, []string{s.label("a"), s.label("m"), s.label("z")})
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Fatalf("exposed %d series:\n%q\nwant %d:\n%q", len(got), got, len(want), want)
	}
}

// Series come out in the order of their raw label values, through creations,
// removals, re-creations and resets, with and without a scrape in between; and
// the bytes depend on nothing but what there is.
func TestSeriesAreInLabelOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	r := NewRegistry()
	o := Opts{Name: "g", ConstLabels: map[string]string{"k": `"c\`}}
	v := MustStringGaugeVec(r, o, shuffled...)
	live := map[[3]string]bool{}
	for step := range scaled(4000) {
		k := [3]string{randomValue(rng, 2), randomValue(rng, 2), randomValue(rng, 2)}
		switch {
		case rng.IntN(1000) == 0:
			v.Reset()
			clear(live)
		case rng.IntN(3) == 0:
			for k = range live { // some series
				break
			}
			v.Delete(k[:]...)
			delete(live, k)
			if rng.IntN(3) == 0 {
				v.With(k[:]...)
				live[k] = true
			}
		default:
			v.With(k[:]...)
			live[k] = true
		}
		if step%100 < 3 {
			wantInOrder(t, r, live)
		}
	}
	wantInOrder(t, r, live)

	fresh := NewRegistry()
	w := MustStringGaugeVec(fresh, o, shuffled...)
	for k := range live {
		w.With(k[:]...)
	}
	if a, b := exposure(r), exposure(fresh); a != b {
		t.Errorf("one content, two expositions:\n%s\n%s", a, b)
	}
}

// The hostile values as they are, each a prefix or a neighbour of others.
func TestHostileValuesAreInOrder(t *testing.T) {
	r := NewRegistry()
	v := MustStringGaugeVec(r, named("g"), shuffled...)
	live := map[[3]string]bool{}
	for _, a := range hostile {
		for _, b := range hostile {
			v.With(a, b, "x")
			live[[3]string{cleanValue(a), cleanValue(b), "x"}] = true
		}
	}
	wantInOrder(t, r, live)
}

func TestUnchangedRegistryGivesIdenticalBytes(t *testing.T) {
	r := everything()
	first := string(r.AppendText(nil))
	for range 3 {
		if again := string(r.AppendText(nil)); again != first {
			t.Fatalf("first:\n%s\nthen:\n%s", first, again)
		}
	}
	if parse(t, first); strings.Count(first, "\n") < 50 {
		t.Error("the registry of everything is small")
	}
}

// A walk over the series is not disturbed by what happens after it began.
func TestListIsASnapshot(t *testing.T) {
	v := MustStringCounterVec(NewRegistry(), named("c"), "a")
	v.With("a")
	v.With("c")
	list := v.series.list()
	before := slices.Clone(list)
	v.With("b")
	v.Delete("a")
	v.series.list()
	v.Reset()
	v.series.list()
	if !slices.Equal(list, before) {
		t.Error("a list changed after it was given out")
	}
}

// everything returns a registry with every instrument and many values.
func everything() *Registry {
	r := NewRegistry()
	env := map[string]string{"env": "a\\b"}
	MustCounter(r, Opts{Name: "count_total", Help: "Counted."}).Add(1 << 60)
	MustCounter(r, named("fractions_total")).AddFloat(0.1)
	MustGauge(r, named("nan")).Set(nan)
	MustUpDown(r, Opts{Name: "flying", ConstLabels: env}).Add(-3)
	MustHistogram(r, HistogramOpts{Opts: Opts{Name: "seconds", Help: "Duration.\n"}}).Observe(0.3)
	MustCounterFunc(r, named("computed_total"), func() float64 { return 17 })
	MustGaugeFunc(r, Opts{Name: "temperature", ConstLabels: env}, func() float64 { return -273.15 })
	h := MustHistogramVec[route](r, buckets("sizes", 1, 10, 100))
	g := MustStringGaugeVec(r, Opts{Name: "hostile", ConstLabels: env}, "v")
	for i, s := range hostile {
		h.With(route{s, "/", i}).Observe(float64(i))
		g.With(s).Set(float64(i) / 3)
	}
	return r
}
