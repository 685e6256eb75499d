// Package buckets has what the shim's constructors of histograms share.
package buckets

import (
	"math"
	"slices"

	compat "github.com/pawl-metrics/pawl/compat/prometheus"
)

// Fill returns opts with the default buckets where a constructor of compat would
// otherwise take compat's own.
func Fill(opts compat.HistogramOpts, defaults []float64) compat.HistogramOpts {
	if len(opts.Buckets) == 0 && opts.NativeHistogramBucketFactor <= 1 {
		// A list without any would be filled again. The bound that every histogram has
		// changes nothing, and makes it one.
		opts.Buckets = append(slices.Clone(defaults), math.Inf(1))
	}
	return opts
}
