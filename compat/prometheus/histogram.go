package prometheus

import (
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// Histogram counts observations in buckets, and sums them up. A classic histogram has
// bounds that are chosen beforehand, a native one exponential buckets that need none; one
// may be both. Prometheus calculates quantiles of them, over many processes at once,
// which it cannot with a [Summary].
//
// NewHistogram makes histograms, and so does the WithLabelValues of a [HistogramVec]. All methods may
// be called concurrently. Recording takes no lock but where a native histogram gets a
// new bucket, and a scrape never waits for it: count, sum and all buckets of a scrape
// are of the same observations.
type Histogram interface {
	Metric
	Collector

	// Observe counts a value in its bucket and adds it to the sum. A negative value
	// makes the sum fall, which Prometheus takes for a reset of the _sum series. NaN, which
	// has no bucket and would make the sum NaN for ever, is refused.
	Observe(float64)
}

// HistogramOpts are the options of a histogram. Only Name is required; Help is worth
// the trouble.
type HistogramOpts struct {
	// Namespace, Subsystem and Name, joined by underscores, are the family's name: see
	// BuildFQName.
	Namespace string
	Subsystem string
	Name      string

	// Help says in a sentence what the histogram is about. All collectors with one name
	// must have the same.
	Help string

	// Unit is the unit of the observations, for OpenMetrics.
	Unit string

	// ConstLabels are on every series. All collectors with one name must have the same
	// label names. Labels that are the same in a whole process are better added by the
	// scraping Prometheus. The label le is the histogram's own: making one that has
	// it panics.
	ConstLabels Labels

	// Buckets are the upper bounds of the classic buckets, inclusive, in increasing
	// order; another order makes a panic. The bucket for +Inf need not be there. None
	// means DefBuckets, or for a native histogram no classic buckets. The slice is copied.
	Buckets []float64

	// NativeHistogramBucketFactor greater than 1 makes a native histogram: each bucket is
	// at most so many times as wide as the one before it. The factor used is the
	// greatest 2^(2^-n) that is no greater, n from -4 to 8; the finest is about 1.00271.
	// 1.1, which makes 8 buckets to each power of two, suits most uses.
	NativeHistogramBucketFactor float64
	// NativeHistogramZeroThreshold is the magnitude up to which observations count as
	// zeros; a power of two is a bound of a bucket, too. 0 means
	// DefNativeHistogramZeroThreshold, and NativeHistogramZeroThresholdZero, or
	// any negative value, that only zeros do.
	NativeHistogramZeroThreshold float64

	// NativeHistogramMaxBucketNumber is how many buckets may be populated before
	// something is done about it. 0 means any number: who chooses the observed values
	// then chooses how much memory they take, so give a limit where those come
	// from outside. At the limit the first of these is done that can be:
	//
	//  1. The histogram is reset, classic buckets included, if it has counted for
	//     NativeHistogramMinResetDuration, and that is not 0.
	//  2. The zero bucket is widened to take in the nearest bucket, but to no more than
	//     NativeHistogramMaxZeroThreshold.
	//  3. All buckets are made twice as wide, unless they have the greatest factor,
	//     65536, already.
	//
	// What 2 and 3 do is undone by a reset when NativeHistogramMinResetDuration has
	// passed since the last. Mind that a duration of 1 is a nanosecond.
	NativeHistogramMaxBucketNumber  uint32
	NativeHistogramMinResetDuration time.Duration
	NativeHistogramMaxZeroThreshold float64

	// NativeHistogramMaxExemplars is how many exemplars a native histogram keeps,
	// besides those of classic buckets. 0 means 10, a negative number none.
	NativeHistogramMaxExemplars int
	// NativeHistogramExemplarTTL is the age from which on the oldest exemplar makes room
	// for a new one. Where none is so old, the older of the two goes that lie closest
	// to each other on a logarithmic scale. 0 means 5 minutes; with a negative
	// age the oldest always goes.
	NativeHistogramExemplarTTL time.Duration
}

// histogram is a series in the engine, as counter is.
type histogram engine.Histogram

// NewHistogram makes a histogram. It also implements [ExemplarObserver]. It panics when
// Buckets are not in increasing order, and for a const label le.
func NewHistogram(opts HistogramOpts) Histogram {
	f := newFamily(opts.base().desc(nil))
	if f.misuse = opts.misuse(f.desc); f.misuse != nil {
		panic(f.misuse)
	}
	of := opts.engine(f)
	return (*histogram)(enter(f, func(f *family) (*engine.Histogram, error) {
		of.Opts = f.opts()
		return engine.NewHistogram(f.reg, of)
	}))
}

// base are the options that all instruments have.
func (o *HistogramOpts) base() Opts {
	return Opts{Namespace: o.Namespace, Subsystem: o.Subsystem, Name: o.Name, Help: o.Help, Unit: o.Unit, ConstLabels: o.ConstLabels}
}

// misuse is what making a histogram with these options panics with.
func (o *HistogramOpts) misuse(desc *Desc) error {
	if desc.hasLabel(bucketLabel) {
		return errBucketLabel
	}
	return checkBuckets(o.bounds())
}

// bucketLabel is the label of a histogram's bounds.
const bucketLabel = "le"

var errBucketLabel = fmt.Errorf("%q is not allowed as label name in histograms", bucketLabel)

// Observe implements Histogram.
func (h *histogram) Observe(v float64) { (*engine.Histogram)(h).Observe(v) }

// ObserveWithExemplar implements ExemplarObserver.
func (h *histogram) ObserveWithExemplar(v float64, exemplar Labels) {
	if exemplar == nil {
		(*engine.Histogram)(h).Observe(v)
		return
	}
	labels, err := exemplarLabels(exemplar)
	if err != nil {
		(*engine.Histogram)(h).Observe(v) // as upstream: v has been counted when it panics
		panic(err)
	}
	(*engine.Histogram)(h).ObserveWithExemplar(v, labels...)
}

// Desc implements Metric.
func (h *histogram) Desc() *Desc { return h.owner().desc }

// Write implements Metric.
func (h *histogram) Write(out *dto.Metric) error {
	s, f := (*engine.Histogram)(h).Sample(), h.owner()
	out.Label, out.Histogram = f.pairs(s.Labels), writeHistogram(&s, f.bounds)
	return nil
}

// Describe implements Collector.
func (h *histogram) Describe(ch chan<- *Desc) { ch <- h.Desc() }

// Collect implements Collector.
func (h *histogram) Collect(ch chan<- Metric) { ch <- h }

func (h *histogram) owner() *family           { return ownerOf((*engine.Histogram)(h).Registry()) }
func (h *histogram) each(f func(Metric))      { f(h) }
func (h *histogram) source() *engine.Registry { return h.owner().handleSource() }
func (h *histogram) family() *Desc            { return h.Desc() }
