package mmap

import (
	"math"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// counterValue is what counters and their fractions come to. Whole numbers are added
// as such, to 2^64-1.
type counterValue struct {
	count    uint64
	fraction exact
}

func (v *counterValue) begin(*form) { *v = counterValue{} }

func (v *counterValue) add(e *entry, words []uint64, _ *source) {
	if e.form.Kind == descriptor.Counter {
		v.count += words[0]
	} else {
		v.fraction.plus(words[0], words[1])
	}
}

func (v *counterValue) appendTo(r *result, f *resultFamily, s *series) {
	total := v.fraction
	total.add(float64(v.count))
	sample := r.sample(f, s)
	sample.Value = total.hi
	sample.Exemplars = r.exemplarsOf(s, exemplarOfCounter)
}

// summaryValue is what summaries come to.
type summaryValue struct {
	count uint64
	sum   exact
}

func (v *summaryValue) begin(*form) { *v = summaryValue{} }

func (v *summaryValue) add(_ *entry, words []uint64, _ *source) {
	v.sum.plus(words[0], words[1])
	v.count += words[2]
}

func (v *summaryValue) appendTo(r *result, f *resultFamily, s *series) {
	sample := r.sample(f, s)
	sample.Summary = r.summaries.one()
	*sample.Summary = encode.SummaryValue{Count: v.count, Sum: v.sum.hi}
}

// infoValue is an info of any living process.
type infoValue struct{}

func (*infoValue) begin(*form)                   {}
func (*infoValue) add(*entry, []uint64, *source) {}
func (*infoValue) appendTo(r *result, f *resultFamily, s *series) {
	r.sample(f, s)
}

// histogramValue is what classic histograms with the same buckets come to.
type histogramValue struct {
	bounds []float64
	sum    exact
	counts []uint64 // of each bucket alone, +Inf last
}

func (v *histogramValue) begin(lead *form) {
	v.bounds, v.sum = lead.Bounds, exact{}
	v.counts = append(v.counts[:0], make([]uint64, len(lead.Bounds)+1)...)
}

func (v *histogramValue) add(_ *entry, words []uint64, _ *source) {
	v.sum.plus(words[0], words[1])
	for i := range v.counts {
		v.counts[i] += words[2+i]
	}
}

func (v *histogramValue) appendTo(r *result, f *resultFamily, s *series) {
	sample := r.sample(f, s)
	sample.Histogram = r.histograms.one()
	*sample.Histogram = encode.HistogramValue{Sum: v.sum.hi, Buckets: r.bucketsOf(s, v.bounds, v.counts)}
	if r.accumulate {
		sample.Histogram.Count = sample.Histogram.Buckets[len(v.bounds)].Count
	}
}

// bucketsOf returns the buckets of a classic histogram, with their exemplars.
func (r *result) bucketsOf(s *series, bounds []float64, counts []uint64) []encode.Bucket {
	buckets := r.buckets.take(len(bounds) + 1)
	below := uint64(0)
	for i := range buckets {
		b := encode.Bucket{UpperBound: math.Inf(1), Count: counts[i]}
		if i < len(bounds) {
			b.UpperBound = bounds[i]
		}
		if below += counts[i]; r.accumulate {
			b.Count = below
		}
		if list := r.exemplarsOf(s, i); len(list) > 0 {
			b.Exemplar = &list[len(list)-1]
		}
		buckets[i] = b
	}
	return buckets
}
