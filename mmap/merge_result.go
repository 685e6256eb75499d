package mmap

import (
	"slices"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// result is what a merge hands out: plain data of its own, that later merges do not
// touch. Its memory may be used again when nobody reads it any more.
type result struct {
	accumulate bool
	families   []encode.Family
	problems   []*FileError

	all        []resultFamily
	labels     pile[encode.Label]
	histograms pile[encode.HistogramValue]
	natives    pile[nativehist.Histogram]
	summaries  pile[encode.SummaryValue]
	buckets    pile[encode.Bucket]
	states     pile[encode.State]
}

// resultFamily is a family whose samples are being added.
type resultFamily struct {
	samples []encode.Sample
}

// reset makes the result empty, and keeps its memory.
func (r *result) reset(accumulate bool) {
	r.accumulate = accumulate
	clear(r.families)
	r.families, r.problems = r.families[:0], nil
	for i := range r.all {
		clear(r.all[i].samples)
		r.all[i].samples = r.all[i].samples[:0]
	}
	r.labels.reset()
	r.histograms.reset()
	r.natives.reuse()
	r.summaries.reset()
	r.buckets.reset()
	r.states.reset()
}

// family begins a family.
func (r *result) family() *resultFamily {
	at := len(r.families)
	r.families = append(r.families, encode.Family{})
	if at == len(r.all) {
		r.all = append(r.all, resultFamily{})
	}
	return &r.all[at]
}

// end ends the family that was begun last.
func (r *result) end(f *resultFamily, lead *form) {
	last := len(r.families) - 1
	if len(f.samples) == 0 {
		r.families = r.families[:last]
		return
	}
	r.families[last] = encode.Family{Name: lead.Family, Help: lead.Help, Unit: lead.Unit, Type: lead.Type, Samples: f.samples}
}

// sample adds the sample of a series.
func (r *result) sample(f *resultFamily, s *series) *encode.Sample {
	f.samples = append(f.samples, encode.Sample{Labels: s.labels, Start: timestamp(s.start)})
	return &f.samples[len(f.samples)-1]
}

// processSample is sample with a label pid, which takes the place of one that the
// series has.
func (r *result) processSample(f *resultFamily, s *series, pid string) *encode.Sample {
	at, has := slices.BinarySearchFunc(s.labels, "pid", func(l encode.Label, name string) int {
		switch {
		case l.Name < name:
			return -1
		case l.Name > name:
			return 1
		}
		return 0
	})
	n := len(s.labels) + 1
	if has {
		n--
	}
	labels := r.labels.take(n)
	copy(labels, s.labels[:at])
	labels[at] = encode.Label{Name: "pid", Value: pid}
	copy(labels[at+1:], s.labels[len(s.labels)-(n-at-1):])
	sample := r.sample(f, s)
	sample.Labels = labels
	return sample
}

// pile hands out pieces of chunks, which stay where they are.
type pile[T any] struct {
	chunks [][]T
	chunk  int // that is being used
	used   int // of it
}

const pileChunk = 256

func (p *pile[T]) take(n int) []T {
	for p.chunk < len(p.chunks) && p.used+n > len(p.chunks[p.chunk]) {
		p.chunk, p.used = p.chunk+1, 0
	}
	if p.chunk == len(p.chunks) {
		p.chunks = append(p.chunks, make([]T, max(n, pileChunk)))
	}
	p.used += n
	return p.chunks[p.chunk][p.used-n : p.used : p.used]
}

func (p *pile[T]) one() *T { return &p.take(1)[0] }

// reset makes all of it free, and zero.
func (p *pile[T]) reset() {
	for i := range min(p.chunk+1, len(p.chunks)) {
		clear(p.chunks[i])
	}
	p.reuse()
}

// reuse makes all of it free, and leaves what it holds: memory for whoever is next.
func (p *pile[T]) reuse() { p.chunk, p.used = 0, 0 }

// sortSamples sorts samples by their labels.
func sortSamples(samples []encode.Sample) {
	slices.SortStableFunc(samples, func(a, b encode.Sample) int { return compareLabels(a.Labels, b.Labels) })
}
