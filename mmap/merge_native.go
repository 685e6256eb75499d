package mmap

import (
	"math"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// nativeValue is what the parts of native histograms come to. How fine its buckets are
// depends on all parts, so they are kept until all have been met.
type nativeValue struct {
	bounds []float64 // of the classic buckets that are counted beside
	parts  []nativePart
	exact  exact
	sum    nativehist.Sum
	extra  []uint64
	err    error // the first part that does not fit
	source *source
}

type nativePart struct {
	nativehist.Part
	words []uint64
	from  *source
}

func (v *nativeValue) begin(lead *form) {
	clear(v.parts)
	v.bounds, v.parts, v.exact, v.err, v.source = lead.Bounds, v.parts[:0], exact{}, nil, nil
}

func (v *nativeValue) add(e *entry, words []uint64, from *source) {
	part := from.parts[e.part]
	n := int(e.words) - 2
	v.exact.add(math.Float64frombits(words[0]))
	if part.Block {
		n, _ = e.form.outWords(e.words, &part)
		v.exact.add(math.Float64frombits(words[n-1]))
		n--
	}
	v.parts = append(v.parts, nativePart{part, words[:n], from})
}

// total adds up the parts. One that does not fit the others is left out.
func (v *nativeValue) total() *nativehist.Sum {
	v.sum.Reset()
	for i := range v.parts {
		v.refuse(&v.parts[i], v.sum.Meet(v.parts[i].Part))
	}
	for i := range v.parts {
		v.refuse(&v.parts[i], v.sum.Add(v.parts[i].Part, v.parts[i].words))
	}
	return &v.sum
}

func (v *nativeValue) refuse(p *nativePart, err error) {
	if err != nil && v.err == nil {
		v.err, v.source = err, p.from
	}
}

func (v *nativeValue) appendTo(r *result, f *resultFamily, s *series) {
	sum := v.total()
	sample := r.sample(f, s)
	h := r.natives.one()
	sum.Histogram(h)
	h.Sum = v.exact.hi
	if start := sum.Start(); start != 0 {
		sample.Start = timestamp(start)
	}
	sample.Histogram = r.histograms.one()
	*sample.Histogram = encode.HistogramValue{Count: h.Count, Sum: h.Sum, Native: h, Exemplars: r.exemplarsOf(s, exemplarOfNative)}
	if len(v.bounds) > 0 {
		v.extra = append(v.extra[:0], make([]uint64, len(v.bounds)+1)...)
		sum.Extra(v.extra)
		sample.Histogram.Buckets = r.bucketsOf(s, v.bounds, v.extra)
	}
	if v.err != nil {
		r.problems = append(r.problems, &FileError{Path: v.source.path, Kind: Damaged, Err: v.err})
	}
}
