package engine

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

func TestBucketHelpers(t *testing.T) {
	for _, c := range []struct{ got, want []float64 }{
		{DefaultBuckets(), []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}},
		{LinearBuckets(5, 10, 3), []float64{5, 15, 25}},
		{LinearBuckets(-1, 0.5, 4), []float64{-1, -0.5, 0, 0.5}},
		{ExponentialBuckets(1, 2, 4), []float64{1, 2, 4, 8}},
		{ExponentialBuckets(100, 1.5, 3), []float64{100, 150, 225}},
		{LinearBuckets(0, 1, 0), []float64{}},
		{LinearBuckets(0, 1, -3), []float64{}},
		{ExponentialBuckets(1, 2, -1), []float64{}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	// Not nil, or a histogram would take it for DefaultBuckets.
	for _, b := range [][]float64{LinearBuckets(0, 1, 0), ExponentialBuckets(1, 2, 0)} {
		_, err := NewHistogram(NewRegistry(), HistogramOpts{Opts: named("m"), Buckets: b})
		wantRefused(t, err, ErrBuckets, "m")
	}
	DefaultBuckets()[0] = 7
	if DefaultBuckets()[0] != .005 {
		t.Error("the default buckets can be changed")
	}
}

func TestHistogramText(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, HistogramOpts{Opts: Opts{Name: "h_seconds", Help: "H.", Unit: "seconds"}, Buckets: []float64{-1, 0, 0.5, 1e6}})
	for _, v := range []float64{-2, -1, 0, 0.25, 0.5, 3, 1e6, 1e6 + 1, 1e6 + 1} {
		h.Observe(v)
	}
	v := MustStringHistogramVec(r, HistogramOpts{Opts: Opts{Name: "v", ConstLabels: map[string]string{"x": "\n"}}, Buckets: []float64{1}}, "a")
	v.With(`"b"`).Observe(2)
	v.With("a")
	wantExposure(t, r,
		`# HELP h_seconds H.`,
		`# TYPE h_seconds histogram`,
		`h_seconds_bucket{le="-1"} 2`,
		`h_seconds_bucket{le="0"} 3`,
		`h_seconds_bucket{le="0.5"} 5`,
		`h_seconds_bucket{le="1e+06"} 7`,
		`h_seconds_bucket{le="+Inf"} 9`,
		`h_seconds_sum 3.00000275e+06`,
		`h_seconds_count 9`,
		`# TYPE v histogram`,
		`v_bucket{a="\"b\"",x="\n",le="1"} 0`,
		`v_bucket{a="\"b\"",x="\n",le="+Inf"} 1`,
		`v_sum{a="\"b\"",x="\n"} 2`,
		`v_count{a="\"b\"",x="\n"} 1`,
		`v_bucket{a="a",x="\n",le="1"} 0`,
		`v_bucket{a="a",x="\n",le="+Inf"} 0`,
		`v_sum{a="a",x="\n"} 0`,
		`v_count{a="a",x="\n"} 0`)
}

// As many bounds as there can be, each with one observation at it and one above.
func TestHistogramOfManyBuckets(t *testing.T) {
	r := NewRegistry()
	bounds := LinearBuckets(0, 1, maxBuckets)
	h := MustHistogram(r, buckets("h", bounds...))
	neighbour := MustHistogram(r, buckets("n", bounds...))
	for _, b := range bounds {
		h.Observe(b)
		h.Observe(b + 0.5)
	}
	s := h.Snapshot()
	if s.Count != 2*maxBuckets || s.Sum != maxBuckets*(maxBuckets-1)+maxBuckets/2 {
		t.Errorf("count %d, sum %v", s.Count, s.Sum)
	}
	for i, n := range s.Buckets {
		want := uint64(2)
		if i == 0 || i == maxBuckets {
			want = 1
		}
		if n != want {
			t.Errorf("bucket %d has %d", i, n)
		}
	}
	if neighbour.Snapshot().Count != 0 {
		t.Error("observations fell into another histogram")
	}
	checkHistograms(t, r, -1)
}

func TestSnapshot(t *testing.T) {
	h := MustHistogram(NewRegistry(), buckets("h", 1, 2))
	h.Observe(1)
	h.Observe(5)
	want := HistogramSnapshot{Count: 2, Sum: 6, Bounds: []float64{1, 2, inf}, Buckets: []uint64{1, 0, 1}}
	got := h.Snapshot()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	h.Observe(1.5)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("a snapshot changed")
	}
}

// What a caller does to a snapshot is none of the histogram's business.
func TestSnapshotIsTheCallers(t *testing.T) {
	r := NewRegistry()
	h := MustHistogram(r, buckets("h", 1, 2))
	h.Observe(1.5)
	s := h.Snapshot()
	for i := range s.Bounds {
		s.Bounds[i], s.Buckets[i] = -7, 99
	}
	_ = append(s.Bounds[:1], 8, 9)
	if again := h.Snapshot(); fmt.Sprint(again) != fmt.Sprint(HistogramSnapshot{1, 1.5, []float64{1, 2, inf}, []uint64{0, 1, 0}, nil}) {
		t.Errorf("after a snapshot was changed, the next is %v", again)
	}
	func() {
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("after a snapshot was changed, Observe panics: %v", p)
			}
		}()
		h.Observe(0.5)
	}()
	wantExposure(t, r, "# TYPE h histogram", `h_bucket{le="1"} 1`, `h_bucket{le="2"} 2`, `h_bucket{le="+Inf"} 2`, "h_sum 2", "h_count 2")
}

// checkHistograms checks every histogram of a scrape: buckets that do not go
// down, the last of which is the count; and, unless unit is negative, a sum of
// unit for each observation. It returns the counts by family.
func checkHistograms(t *testing.T, r *Registry, unit float64) map[string]uint64 {
	t.Helper()
	counts := map[string]uint64{}
	for _, f := range scrape(t, r) {
		var last, inInf uint64
		var sum float64
		for _, s := range f.samples {
			n, _ := strconv.ParseUint(s.value, 10, 64)
			switch s.name {
			case f.name + "_bucket":
				if n < last {
					t.Fatalf("%s: bucket %s has %d, the one before it %d", f.name, s.label("le"), n, last)
				}
				last, inInf = n, n
			case f.name + "_sum":
				sum, _ = strconv.ParseFloat(s.value, 64)
			case f.name + "_count":
				if n != inInf || unit >= 0 && sum != float64(n)*unit {
					t.Fatalf("%s: count %d, +Inf bucket %d, sum %v", f.name, n, inInf, sum)
				}
				counts[f.name] += n
				last = 0
			}
		}
	}
	return counts
}

// checkSnapshot is the same for a snapshot.
func checkSnapshot(t *testing.T, h *Histogram, unit float64) uint64 {
	t.Helper()
	s := h.Snapshot()
	var in uint64
	for _, n := range s.Buckets {
		in += n
	}
	if in != s.Count || s.Sum != float64(s.Count)*unit {
		t.Fatalf("count %d, buckets %d, sum %v", s.Count, in, s.Sum)
	}
	return s.Count
}

// Writers that saturate every P observe 1.0, all in one bucket and spread by
// values that add up to a whole; every snapshot and every scrape is whole, counts
// never go down, and at the end nothing is missing.
func TestStressHistogram(t *testing.T) {
	for _, writers := range []int{1, 2, 6} {
		t.Run(fmt.Sprintf("writers=%d", writers), func(t *testing.T) {
			r := NewRegistry()
			one := MustHistogram(r, buckets("one", 0.5, 1, 2))
			vec := MustHistogramVec[pathLabel](r, HistogramOpts{Opts: named("vec"), Buckets: LinearBuckets(0, 0.25, 30)})
			many := vec.With(pathLabel{"/"})
			done := make([]uint64, writers)
			last := map[string]uint64{}
			stress(writers, func(w int, stop <-chan struct{}) {
				for !closed(stop) {
					for range 256 {
						one.Observe(1)
						many.Observe(1)
					}
					done[w] += 256
				}
			}, func() {
				now := checkHistograms(t, r, 1)
				now["one"] = max(now["one"], checkSnapshot(t, one, 1))
				now["vec"] = max(now["vec"], checkSnapshot(t, many, 1))
				for name, n := range now {
					if n < last[name] {
						t.Fatalf("%s went from %d to %d", name, last[name], n)
					}
				}
				last = now
			})
			var total uint64
			for _, n := range done {
				total += n
			}
			if a, b := checkSnapshot(t, one, 1), checkSnapshot(t, many, 1); a != total || b != total {
				t.Errorf("%d observations show as %d and %d", total, a, b)
			}
			wantDrops(t, r, "")
		})
	}
}

// Several readers at once: each gets whole snapshots, and all of them end.
func TestStressHistogramReaders(t *testing.T) {
	const readers, each = 4, 300
	h := MustHistogram(NewRegistry(), buckets("h", ExponentialBuckets(0.001, 2, 100)...))
	stop := make(chan struct{})
	var writers, read sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for i := 0; !closed(stop); i++ {
				h.Observe(1)
			}
		})
	}
	for range readers {
		read.Go(func() {
			var last uint64
			for range each {
				n := checkSnapshot(t, h, 1)
				if n < last {
					t.Errorf("count went from %d to %d", last, n)
				}
				last = n
			}
		})
	}
	read.Wait()
	close(stop)
	writers.Wait()
}

// A P past the reservation shares a section: its observations count with the
// others, in whole snapshots.
func TestObservePastTheReservation(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(pastReservation))
	r := NewRegistry()
	h, u, c := MustHistogram(r, buckets("h", 1)), MustUpDown(r, named("u")), MustCounter(r, named("c_total"))
	words := make([]uint64, 3)
	var total uint64
	for range 200 {
		var wg sync.WaitGroup
		var n atomic.Uint64
		for range pastReservation + 4 {
			wg.Go(func() {
				for range 3000 {
					h.Observe(1)
					u.Inc()
					c.Inc()
					c.AddFloat(0.5)
				}
				n.Add(3000)
			})
		}
		for range 5 {
			checkSnapshot(t, h, 1)
		}
		wg.Wait()
		total += n.Load()
		if h.cells.Copy(0, words) { // the shared section was used
			break
		}
	}
	if !h.cells.Copy(0, words) {
		t.Fatalf("of %d Ps, none past the reservation recorded", pastReservation)
	}
	if got := checkSnapshot(t, h, 1); got != total || u.Value() != int64(total) || c.Value() != float64(total)*1.5 {
		t.Errorf("%d recordings show as %d, %d, %v", total, got, u.Value(), c.Value())
	}
}

// What is not whole by nature is still exact where float64 is.
func TestHistogramSumIsExact(t *testing.T) {
	h := MustHistogram(NewRegistry(), buckets("h", 1))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 4000 {
				h.Observe(float64(i%5) * 0.25)
			}
		})
	}
	wg.Wait()
	if s := h.Snapshot(); s.Sum != 4*4000*0.5 || s.Count != 16000 || s.Buckets[0] != 16000 {
		t.Errorf("%+v", s)
	}
	h.Observe(math.MaxFloat64)
	if s := h.Snapshot(); s.Buckets[1] != 1 {
		t.Errorf("%+v", s)
	}
}

// What an instrument of a wrong label count is given counts under that reason,
// whatever the value.
func TestVoidHistogramCountsOneReason(t *testing.T) {
	r := NewRegistry()
	h := MustStringHistogramVec(r, buckets("h", 1), "a").With()
	h.Observe(1)
	h.Observe(math.NaN())
	if labels, nans := r.dropped[dropLabels].Value(), r.dropped[dropNaN].Value(); labels != 2 || nans != 0 {
		t.Errorf("%v counted as labels, %v as nan; want 2 and 0", labels, nans)
	}
}
