package upstream

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// native returns options of a native histogram.
func native(factor float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: "n", Help: "h", NativeHistogramBucketFactor: factor}
}

func observeAll(o prometheus.Observer, values ...float64) {
	for _, v := range values {
		o.Observe(v)
	}
}

func natives(l *record.Log) {
	for _, factor := range []float64{1.0001, 1.003, 1.0028, 1.1, 1.2, 1.5, 2, 4, 16, 17, 65536, 1e10} {
		what := fmt.Sprint("factor ", factor)
		h := prometheus.NewHistogram(native(factor))
		l.Printf("%v", h.Desc())
		write(l, what+" new", h)
		observeAll(h, 0, 1, 1, 1.5, 2, 3, -2.5, 1024, 0.125, -1024, -0.125)
		write(l, what, h)
		for i := range 200 {
			h.Observe(float64(i) / 4)
			h.Observe(-float64(i) / 64)
		}
		write(l, what+" more", h)
	}
	edge := prometheus.NewHistogram(native(2))
	observeAll(edge, math.MaxFloat64/4, math.SmallestNonzeroFloat64, 0x1p-1022, 0x1p-128, 0x1p-127, -0x1p-128, 0x1p-1030)
	write(l, "edges", edge)
	infinite := prometheus.NewHistogram(native(2))
	observeAll(infinite, math.Inf(1), 1)
	write(l, "infinite", infinite)
	observeAll(infinite, math.Inf(-1))
	write(l, "both infinite", infinite)
	gaps := prometheus.NewHistogram(native(2))
	observeAll(gaps, 1, 2, 8, 64, 1024, 1<<20, -1, -16, -16, -1<<30)
	write(l, "gaps", gaps)
	for factor, values := range map[float64][]float64{2: {1, 2, 4, 8, 0.5, 0.25}} {
		h := prometheus.NewHistogram(native(factor))
		for _, v := range values {
			observeAll(h, v, math.Nextafter(v, 0), math.Nextafter(v, 100))
		}
		l.Printf("bounds")
		write(l, "bounds", h)
	}
}

func nativeOptions(l *record.Log) {
	both := native(1.1)
	both.Buckets = []float64{1, 2, 5}
	zero := native(1.1)
	zero.NativeHistogramZeroThreshold = 0.5
	none := native(1.1)
	none.NativeHistogramZeroThreshold = prometheus.NativeHistogramZeroThresholdZero
	labelled := native(1.1)
	labelled.ConstLabels = constLabels
	for _, opts := range []prometheus.HistogramOpts{both, zero, none, labelled, native(1), native(0), native(-3), native(0.5)} {
		h := prometheus.NewHistogram(opts)
		write(l, "new", h)
		observeAll(h, 0, 0.25, -0.25, 0.5, -0.5, 0.75, 1, 2, 3, 5, 6)
		write(l, "observed", h)
	}
	v := prometheus.NewHistogramVec(both, []string{"a"})
	r := prometheus.NewRegistry()
	r.MustRegister(v)
	v.WithLabelValues("1").Observe(3)
	v.WithLabelValues("2")
	gather(l, "vec", r)
	l.Printf("%v %v", prometheus.DefNativeHistogramZeroThreshold, prometheus.NativeHistogramZeroThresholdZero)
}

// nativeLimits: each observation past the limit takes one step, which are to widen
// the zero bucket or to halve the resolution.
func nativeLimits(l *record.Log) {
	for _, limit := range []uint32{1, 2, 4, 10} {
		for _, maxZero := range []float64{0, 0.5, 4, 1e9} {
			opts := native(1.1)
			opts.NativeHistogramMaxBucketNumber, opts.NativeHistogramMaxZeroThreshold = limit, maxZero
			h := prometheus.NewHistogram(opts)
			what := fmt.Sprintf("limit %d zero %v", limit, maxZero)
			for i, v := range []float64{1, 2, 3, 4, 5, -1, -2, -3, 100, 1000, 1e-3, 1e6, 0, 0.25, 1e9, -1e9, 7, 8, 9} {
				h.Observe(v)
				if i%3 == 2 {
					write(l, what, h)
				}
			}
			write(l, what+" at the end", h)
		}
	}
	opts := native(1.1)
	opts.NativeHistogramMaxBucketNumber, opts.NativeHistogramMinResetDuration, opts.Buckets = 3, time.Nanosecond, []float64{1}
	h := prometheus.NewHistogram(opts)
	for i := range 20 {
		h.Observe(math.Ldexp(1, i))
		if i%4 == 3 {
			write(l, "reset", h)
		}
	}
	opts.NativeHistogramMinResetDuration = time.Hour
	h = prometheus.NewHistogram(opts)
	for i := range 20 {
		h.Observe(math.Ldexp(1, i))
	}
	write(l, "reset in an hour", h)
}

func nativeExemplars(l *record.Log) {
	with := func(h prometheus.Histogram, values ...float64) {
		for i, v := range values {
			h.(prometheus.ExemplarObserver).ObserveWithExemplar(v, prometheus.Labels{"id": fmt.Sprint(i)})
		}
	}
	for _, most := range []int{0, 1, 2, 5, -1} {
		for _, ttl := range []time.Duration{0, time.Hour} {
			opts := native(1.1)
			opts.NativeHistogramMaxExemplars, opts.NativeHistogramExemplarTTL = most, ttl
			h := prometheus.NewHistogram(opts)
			with(h, 1, 2, 4, 8, 16, 3, 1.5, 100, 0.5, 6, 7, 1000, 40, 41)
			write(l, fmt.Sprintf("at most %d for %v", most, ttl), h)
		}
	}
	opts := native(1.1)
	opts.Buckets = []float64{1, 2}
	h := prometheus.NewHistogram(opts)
	with(h, 0.5, 1.5, 2.5, 3)
	write(l, "both", h)
	with(h, 0.75)
	h.(prometheus.ExemplarObserver).ObserveWithExemplar(1, nil)
	write(l, "replaced, or none", h)
}
