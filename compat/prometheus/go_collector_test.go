package prometheus

import (
	"bytes"
	"math"
	"math/rand/v2"
	"regexp"
	"runtime/metrics"
	"slices"
	"testing"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/internal/bridge"
	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
	"github.com/pawl-metrics/pawl/encode"
)

// The collectors that the default registry has do not close the fast road, and are the
// same on it but for their values.
func TestDefaultCollectorsOnBothRoads(t *testing.T) {
	r := NewRegistry()
	r.MustRegister(NewProcessCollector(ProcessCollectorOpts{}), NewBuildInfoCollector(),
		NewGoCollector(func(o *internal.GoCollectorOptions) {
			o.RuntimeMetricRules = append(o.RuntimeMetricRules, internal.GoCollectorRule{Matcher: regexp.MustCompile(".")})
		}))
	s, ok, err := bridge.Open(t.Context(), r)
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	var fast, slow bytes.Buffer
	if _, err := s.Write(&fast, encode.Format{}, false); err != nil {
		t.Fatal(err)
	}
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, mf := range families {
		if _, err := expfmt.MetricFamilyToText(&slow, mf); err != nil {
			t.Fatal(err)
		}
	}
	value := regexp.MustCompile(`(?m)^([^#].*) .*$`)
	a, b := value.ReplaceAll(fast.Bytes(), []byte("$1")), value.ReplaceAll(slow.Bytes(), []byte("$1"))
	if !bytes.Equal(a, b) || len(a) == 0 {
		t.Errorf("fast\n%s\nslow\n%s", a, b)
	}
}

func TestRuntimeName(t *testing.T) {
	for _, c := range []struct {
		key        string
		kind       metrics.ValueKind
		cumulative bool
		name, unit string
		ok         bool
	}{
		{"/gc/heap/allocs:bytes", metrics.KindUint64, true, "go_gc_heap_allocs_bytes_total", "bytes", true},
		{"/gc/heap/live:bytes", metrics.KindUint64, false, "go_gc_heap_live_bytes", "bytes", true},
		{"/gc/heap/allocs-by-size:bytes", metrics.KindFloat64Histogram, true, "go_gc_heap_allocs_by_size_bytes", "bytes", true},
		{"/cpu/classes/gc/mark/assist:cpu-seconds", metrics.KindFloat64, true, "go_cpu_classes_gc_mark_assist_cpu_seconds_total", "cpu_seconds", true},
		{"/gc/cycles/total:gc-cycles", metrics.KindUint64, true, "go_gc_cycles_total_gc_cycles_total", "gc_cycles", true},
		{"/a/b:bytes/second", metrics.KindFloat64, false, "go_a_b_bytes_per_second", "bytes_per_second", true},
		{"/a/b:bytes*seconds", metrics.KindFloat64, false, "go_a_b_bytes_seconds", "bytes_seconds", true},
		{"/a/b.c:bytes", metrics.KindFloat64, false, "go_a_b.c_bytes", "bytes", false},
		{"/a/b:bytes", metrics.KindBad, false, "", "", false},
		{"/a/b:bytes", 99, false, "", "", false},
	} {
		d := metrics.Description{Name: c.key, Kind: c.kind, Cumulative: c.cumulative}
		if name, unit, ok := runtimeName(&d); ok != c.ok || name != c.name || unit != c.unit {
			t.Errorf("%s: %s, %s, %v", c.key, name, unit, ok)
		}
	}
	for _, d := range metrics.All() {
		if _, _, ok := runtimeName(&d); !ok {
			t.Errorf("%s has no name", d.Name)
		}
	}
}

func TestRuntimeBounds(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		unit       string
		from, want []float64
	}{
		{"bytes", []float64{1, 2, 3, 4, 5, 8, 15, 16, inf}, []float64{1, 2, 4, 8, 16, inf}},
		{"bytes", []float64{-inf, 0, 1, 1.5, 3, inf}, []float64{0, 1, 3, inf}},
		{"seconds", []float64{-inf, 0, 1e-9, 5e-9, 2e-8, 0.9, 1, 5, 9, 100, inf}, []float64{0, 1e-9, 2e-8, 0.9, inf}},
		{"seconds", []float64{0, 0.5, inf}, []float64{0, 0.5, inf}},
		{"seconds", []float64{0.1, 0.2, 1, inf}, []float64{0.1, 1, inf}},
		{"bytes", []float64{-100, -60, -50, -20, -10, 0, 1, inf}, []float64{-100, -50, -20, -10, 0, 1, inf}},
		{"threads", []float64{-inf, 1, 1.5, 2, inf}, []float64{1, 1.5, 2, inf}},
	} {
		if got := runtimeBounds(c.from, c.unit); !slices.Equal(got, c.want) {
			t.Errorf("%s of %v: %v, want %v", c.unit, c.from, got, c.want)
		}
	}
}

// Joined buckets count what the runtime's count at and below each bound that is left,
// and their sum is of lower bounds.
func TestJoinedBuckets(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		from := randomRuntimeHistogram(rnd)
		joined := joinedBuckets{unit: []string{"bytes", "seconds", "threads"}[rnd.IntN(3)]}
		h := joined.read(from)
		var total uint64
		for _, n := range from.Counts {
			total += n
		}
		if h.GetSampleCount() != total {
			t.Fatalf("%v: %d in all, want %d", from, h.GetSampleCount(), total)
		}
		for _, b := range h.Bucket {
			var below uint64
			for i, n := range from.Counts {
				if from.Buckets[i+1] <= math.Nextafter(b.GetUpperBound(), math.Inf(1)) {
					below += n
				}
			}
			if b.GetCumulativeCount() != below {
				t.Fatalf("%v: %d up to %v, want %d", from, b.GetCumulativeCount(), b.GetUpperBound(), below)
			}
		}
	}
}

func randomRuntimeHistogram(rnd *rand.Rand) *metrics.Float64Histogram {
	h := &metrics.Float64Histogram{}
	if rnd.IntN(2) == 0 {
		h.Buckets = append(h.Buckets, math.Inf(-1))
	}
	bound := 0.0
	for range 2 + rnd.IntN(30) {
		h.Buckets = append(h.Buckets, bound)
		bound += math.Exp2(float64(rnd.IntN(20) - 15))
	}
	h.Buckets = append(h.Buckets, math.Inf(1))
	for range len(h.Buckets) - 1 {
		h.Counts = append(h.Counts, uint64(rnd.IntN(5)))
	}
	return h
}
