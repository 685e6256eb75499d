package engine

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

func nativeNamed(name string, factor float64, bounds ...float64) HistogramOpts {
	return HistogramOpts{Opts: named(name), Buckets: bounds, Native: NativeOpts{Factor: factor}}
}

// A histogram that is native and classic counts each observation in both, once.
func TestNativeAndClassicAgree(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, nativeNamed("h", 1.1, 1, 10))
	values := []float64{0, 0.5, 1, 2, 3, -4, 1000, math.Inf(1), math.Copysign(0, -1)}
	for range 500 { // past the point where it becomes hot
		for _, v := range values {
			h.Observe(v)
		}
	}
	s := h.Snapshot()
	if s.Count != 4500 || s.Native.Count != 4500 || s.Buckets[0] != 2500 || s.Buckets[1] != 1000 || s.Buckets[2] != 1000 {
		t.Errorf("%+v", s)
	}
	if err := s.Native.Validate(); err != nil {
		t.Error(err)
	}
	if s.Native.Schema != 3 || s.Native.ZeroCount != 1000 {
		t.Errorf("schema %d, zeros %d", s.Native.Schema, s.Native.ZeroCount)
	}
	h.Observe(math.NaN())
	if s := h.Snapshot(); s.Count != 4500 || r.Dropped() != 1 {
		t.Errorf("a NaN counts: %d, %d dropped", s.Count, r.Dropped())
	}
}

// Text has no native histograms: without classic buckets there is +Inf alone.
func TestNativeInText(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, nativeNamed("h", 2))
	h.Observe(3)
	wantExposure(t, r, "# TYPE h histogram", "h_bucket{le=\"+Inf\"} 1", "h_sum 3", "h_count 1")
}

func TestNativeInOpenMetrics2(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, nativeNamed("h", 2, 2))
	h.Observe(3)
	h.Observe(-1)
	h.ObserveWithExemplar(5, Label{Name: "id", Value: "x"})
	text := string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics200}}))
	const want = "h {count:3,sum:7,schema:0,zero_threshold:2.938735877055719e-39,zero_count:0,negative_spans:[0:1],negative_buckets:[1]," +
		"positive_spans:[2:2],positive_buckets:[1,1],bucket:[2.0:1,+Inf:3]} st@T # {id=\"x\"} 5.0 T\n"
	if text = moment.ReplaceAllString(text, "T"); !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
}

func TestNativeIsRefused(t *testing.T) {
	for _, factor := range []float64{1, 0.5, -2, math.NaN()} {
		_, err := NewHistogram(NewRegistry(), nativeNamed("h", factor))
		if !errors.Is(err, ErrBuckets) || !strings.Contains(err.Error(), "Factor") {
			t.Errorf("factor %v: %v", factor, err)
		}
	}
	r := NewRegistry()
	o := nativeNamed("h", 1.1)
	o.ConstLabels = map[string]string{"a": "1"}
	MustHistogram(r, o)
	o.ConstLabels, o.Native.Factor = map[string]string{"a": "2"}, 2
	if _, err := NewHistogram(r, o); !errors.Is(err, ErrConflict) {
		t.Errorf("another resolution under one name: %v", err)
	}
}

// A native histogram's cells go back to the store with its last handle.
func TestNativeCellsReturn(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	v, err := NewStringHistogramVec(r, nativeNamed("h", 1.1), "l")
	if err != nil {
		t.Fatal(err)
	}
	for range 5000 {
		v.With("a").Observe(1.5)
	}
	v.Reset()
	collectUntil(t, "the cells of a dropped native histogram were not freed", func() bool { return store.freed() == 1 })
	store.check(t)
}

func TestExemplars(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, buckets("h", 1, 2))
	c := MustCounter(r, named("c_total"))
	id := func(v string) Label { return Label{Name: "id", Value: v} }
	h.ObserveWithExemplar(0.5, id("old"))
	h.ObserveWithExemplar(0.7, id("new"))
	h.ObserveWithExemplar(math.NaN(), id("nan"))
	c.AddWithExemplar(1, id("c"))
	c.AddWithExemplar(-1, id("refused"))
	if e := h.bucketExemplar(0); e.Labels[0].Value != "new" || e.Value != 0.7 {
		t.Errorf("%+v", e)
	}
	if e := c.more.Load().latest(); e.Labels[0].Value != "c" || c.Value() != 1 {
		t.Errorf("%+v, %v", e, c.Value())
	}
	for i, bad := range [][]Label{
		{{Name: "", Value: "x"}}, {{Name: "a\xff", Value: ""}}, {{Name: "a", Value: "\xff"}}, {{Name: "a"}, {Name: "a"}},
		{{Name: "a", Value: strings.Repeat("é", 128)}},
	} {
		c.AddWithExemplar(1, bad...)
		if got := r.exemplars.whole(); got != uint64(i+1) || c.Value() != float64(i+2) {
			t.Errorf("%q: %d exemplars dropped, value %v", bad, got, c.Value())
		}
	}
	c.AddWithExemplar(1, Label{Name: "a", Value: strings.Repeat("é", 127)})
	if got := r.exemplars.whole(); got != 5 {
		t.Error("128 characters are too many")
	}
}

// A value that is refused leaves no exemplar, though its kind is counted elsewhere.
func TestExemplarOfARefusedFraction(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	c := MustCounter(r, named("c_total"))
	store.setErr(errNoRoom)
	c.AddWithExemplar(0.5, Label{Name: "id", Value: "x"})
	if e := c.more.Load().latest(); e != nil || r.Dropped() != 1 {
		t.Errorf("exemplar %v, %d dropped", e, r.Dropped())
	}
	c.AddWithExemplar(2, Label{Name: "id", Value: "y"})
	if e := c.more.Load().latest(); e == nil || e.Value != 2 {
		t.Errorf("exemplar %v", e)
	}
}

// The exemplars of a native histogram lie far apart, old ones make room, and values
// that have no logarithm have a place all the same.
func TestSpread(t *testing.T) {
	at := int64(0)
	s := &spread{most: 3, ttl: 100e9}
	add := func(v float64, later int64) []float64 {
		at += later
		s.add(&Exemplar{Value: v, Timestamp: encode.UnixTimestamp(at, 0)})
		var list []float64
		for _, e := range s.all() {
			list = append(list, e.Value)
		}
		return list
	}
	for _, step := range []struct {
		v     float64
		later int64
		want  []float64
	}{
		{1, 1, []float64{1}}, {100, 1, []float64{1, 100}}, {10, 1, []float64{1, 10, 100}},
		{11, 1, []float64{1, 11, 100}},    // for 10, which is near
		{1.5, 1, []float64{1.5, 11, 100}}, // for 1
		{-5, 1, []float64{-5, 1.5, 100}},  // for 11, older than 1.5
		{0, 200, []float64{-5, 0, 1.5}},   // for 100, which is the oldest, and too old
	} {
		got := add(step.v, step.later)
		if !slices.Equal(got, step.want) {
			t.Errorf("after %v: %v, want %v", step.v, got, step.want)
		}
	}
}
