package prometheus

import (
	"fmt"
	"math"
	"slices"

	"github.com/pawl-metrics/pawl/engine"
)

// DefBuckets are the bounds of a histogram whose options have none: they suit the
// duration in seconds of most network services. They are read when a histogram, or a
// vec of them, is made.
var DefBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// DefNativeHistogramZeroThreshold is the zero threshold of a native histogram whose
// options have none: 2^-128, which is a bound at every resolution.
const DefNativeHistogramZeroThreshold = 2.938735877055719e-39

// NativeHistogramZeroThresholdZero is the NativeHistogramZeroThreshold of a native
// histogram whose zero bucket takes zeros only.
const NativeHistogramZeroThresholdZero = -1

// LinearBuckets returns count bounds, the first start, each width more than the one
// before it. It panics when count is less than 1.
func LinearBuckets(start, width float64, count int) []float64 {
	if count < 1 {
		panic("LinearBuckets needs a positive count")
	}
	return engine.LinearBuckets(start, width, count)
}

// ExponentialBuckets returns count bounds, the first start, each factor times the one
// before it. It panics when count is less than 1, start not positive, or factor not greater
// than 1.
func ExponentialBuckets(start, factor float64, count int) []float64 {
	switch {
	case count < 1:
		panic("ExponentialBuckets needs a positive count")
	case start <= 0:
		panic("ExponentialBuckets needs a positive start value")
	case factor <= 1:
		panic("ExponentialBuckets needs a factor greater than 1")
	}
	return engine.ExponentialBuckets(start, factor, count)
}

// ExponentialBucketsRange returns count bounds from minBucket to maxBucket, each by one
// factor greater than the one before it. It panics when count is less than 1, or
// minBucket not positive.
func ExponentialBucketsRange(minBucket, maxBucket float64, count int) []float64 {
	switch {
	case count < 1:
		panic("ExponentialBucketsRange count needs a positive count")
	case minBucket <= 0:
		panic("ExponentialBucketsRange min needs to be greater than 0")
	}
	factor := math.Pow(maxBucket/minBucket, 1/float64(count-1))
	bounds := make([]float64, count)
	for i := range bounds {
		bounds[i] = minBucket * math.Pow(factor, float64(i))
	}
	return bounds
}

// isNative says whether the options ask for a native histogram.
func (o *HistogramOpts) isNative() bool { return o.NativeHistogramBucketFactor > 1 }

// bounds returns the bounds that the options mean, with or without one for +Inf.
func (o *HistogramOpts) bounds() []float64 {
	if len(o.Buckets) == 0 && !o.isNative() {
		return DefBuckets
	}
	return o.Buckets
}

// classic returns the bounds without that for +Inf.
func (o *HistogramOpts) classic() []float64 {
	bounds := o.bounds()
	if n := len(bounds); n > 0 && math.IsInf(bounds[n-1], 1) {
		return bounds[:n-1]
	}
	return bounds
}

// checkBuckets finds bounds that do not increase.
func checkBuckets(bounds []float64) error {
	for i := 1; i < len(bounds); i++ {
		if bounds[i-1] >= bounds[i] {
			return fmt.Errorf("histogram buckets must be in increasing order: %f >= %f", bounds[i-1], bounds[i])
		}
	}
	return nil
}

// engine returns the options for the engine. Bounds that it has no use for (-Inf and NaN,
// which upstream lets pass, or none beside +Inf) are kept in the family, which then
// goes by Write: see rebucket.
func (o *HistogramOpts) engine(f *family) engine.HistogramOpts {
	of := engine.HistogramOpts{Buckets: slices.Clone(o.classic()), Native: o.native()}
	odd := func(b float64) bool { return b != b || math.IsInf(b, 0) }
	if slices.ContainsFunc(of.Buckets, odd) || len(of.Buckets) == 0 && !o.isNative() {
		f.renamed, f.bounds = true, of.Buckets
		if f.bounds == nil {
			f.bounds = []float64{}
		}
		of.Buckets = slices.DeleteFunc(slices.Clone(of.Buckets), odd)
		if len(of.Buckets) == 0 {
			of.Buckets = []float64{0}
		}
	}
	if len(of.Buckets) == 0 {
		of.Buckets = nil
	}
	return of
}

// native returns the engine's options for a native histogram. What the two have
// different names for: no limit is 0 here; a negative duration resets at every occasion; values
// that are no numbers are what comparisons with them make of them.
func (o *HistogramOpts) native() engine.NativeOpts {
	if !o.isNative() {
		return engine.NativeOpts{}
	}
	n := engine.NativeOpts{
		Factor:           min(o.NativeHistogramBucketFactor, math.MaxFloat64),
		ZeroThreshold:    o.NativeHistogramZeroThreshold,
		MaxBuckets:       int(min(o.NativeHistogramMaxBucketNumber, math.MaxInt32)),
		MinResetDuration: o.NativeHistogramMinResetDuration,
		MaxZeroThreshold: o.NativeHistogramMaxZeroThreshold,
		MaxExemplars:     o.NativeHistogramMaxExemplars,
		ExemplarTTL:      o.NativeHistogramExemplarTTL,
	}
	if n.MaxBuckets == 0 {
		n.MaxBuckets = -1
	}
	if n.MinResetDuration < 0 {
		n.MinResetDuration = 1
	}
	if n.ZeroThreshold != n.ZeroThreshold {
		n.ZeroThreshold = NativeHistogramZeroThresholdZero
	}
	n.ZeroThreshold = min(n.ZeroThreshold, math.MaxFloat64)
	if n.MaxZeroThreshold != n.MaxZeroThreshold {
		n.MaxZeroThreshold = math.Inf(1)
	}
	return n
}
