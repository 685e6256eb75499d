package engine

import (
	"slices"
	"sync"

	"github.com/pawl-metrics/pawl/encode"
)

// This file leads from a handle back to where it belongs, and reads one series as
// plain data. It is for packages that give the engine another API, as compat does,
// and for tools; hot code needs none of it.

// Registry returns the registry, or the view of it, with which the counter was made.
func (c *Counter) Registry() *Registry { return c.fam.reg }

// Registry returns the registry, or the view of it, with which the gauge was made.
func (g *Gauge) Registry() *Registry { return g.home.fam.reg }

// Registry returns the registry, or the view of it, with which the histogram was made.
func (h *Histogram) Registry() *Registry { return h.fam.reg }

// Registry returns the registry, or the view of it, with which the summary was made.
func (s *Summary) Registry() *Registry { return s.fam.reg }

// Sample returns the series as a scrape would read it: its labels in the order of their
// names, value, start timestamp, exemplar. The copy is the caller's. A series that
// has been deleted has lost its start timestamp.
func (c *Counter) Sample() Sample { return sampleOf(c.fam, c) }

// Sample is [Counter.Sample] for a gauge.
func (g *Gauge) Sample() Sample { return sampleOf(g.home.fam, g) }

// Sample is [Counter.Sample] for a histogram.
func (h *Histogram) Sample() Sample { return sampleOf(h.fam, h) }

// Sample is [Counter.Sample] for a summary.
func (s *Summary) Sample() Sample { return sampleOf(s.fam, s) }

// sampleReader reads samples, one after the other. Who reads all of a family goes in its
// order mostly, so next is where the series after the last one lies, if it is the one that
// is asked for.
type sampleReader struct {
	gatherer
	next int
}

// sampleReaders are readers between two samples.
var sampleReaders = sync.Pool{New: func() any { return new(sampleReader) }}

func sampleOf[S any](f *family, s *S) Sample {
	b := f.body.(*series[S])
	g := sampleReaders.Get().(*sampleReader)
	defer sampleReaders.Put(g)
	defer g.reset()
	var read Sample
	b.ops.read(&g.gatherer, &read, b.placeOf(s, &g.next))
	own := ownSample(&read)
	if own.Start == encode.UnixTimestamp(0, 0) { // see placeOf
		own.Start = Timestamp{}
	}
	own.Labels = labelsOf(b.ops.text(s).String())
	return own
}

// placeOf returns a series with its beginning; that is 0 when it is not in the order,
// which is where such moments are: see placed. next is where to look first, and
// becomes the place behind it.
func (o *order[S]) placeOf(s *S, next *int) placed[S] {
	list := o.list()
	if i := *next; i < len(list) && list[i].s == s {
		*next = i + 1
		return list[i]
	}
	i, found := slices.BinarySearchFunc(list, placed[S]{s: s}, o.compare)
	if !found || list[i].s != s {
		return placed[S]{s: s}
	}
	*next = i + 1
	return list[i]
}

// ownSample copies what a gatherer would use again. Exemplars behind pointers are
// immutable.
func ownSample(s *Sample) Sample {
	own := *s
	own.Exemplars, own.States = slices.Clone(s.Exemplars), slices.Clone(s.States)
	if s.Histogram != nil {
		h := *s.Histogram
		h.Buckets, h.Exemplars = slices.Clone(h.Buckets), slices.Clone(h.Exemplars)
		if h.Native != nil {
			h.Native = h.Native.Clone()
		}
		own.Histogram = &h
	}
	if s.Summary != nil {
		v := *s.Summary
		v.Quantiles = slices.Clone(v.Quantiles)
		own.Summary = &v
	}
	return own
}
