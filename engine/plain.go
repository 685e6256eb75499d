package engine

// pieces hands out parts of one slice, to be used again for the next scrape: a
// scrape of as much as the last one allocates nothing. Parts that were handed out
// stay as they are when it grows.
type pieces[T any] struct {
	free []T // unused room, up to its capacity
}

// leastPieces is how much room there is at first.
const leastPieces = 64

// take returns n zero elements.
func (p *pieces[T]) take(n int) []T {
	at := len(p.free)
	if cap(p.free)-at < n {
		p.free, at = make([]T, 0, max(n, leastPieces, 2*cap(p.free))), 0
	}
	p.free = p.free[:at+n]
	return p.free[at : at+n : at+n]
}

// one returns a zero element.
func (p *pieces[T]) one() *T { return &p.take(1)[0] }

// copied returns a copy of list.
func (p *pieces[T]) copied(list []T) []T {
	own := p.take(len(list))
	copy(own, list)
	return own
}

// reset takes everything back, and lets go of what it refers to.
func (p *pieces[T]) reset() {
	clear(p.free)
	p.free = p.free[:0]
}

// plain is the memory of families as plain data.
//
// Model. It belongs to one goroutine at a time. What it hands out is good until
// reset.
type plain struct {
	labels     pieces[Label]
	histograms pieces[HistogramValue]
	summaries  pieces[SummaryValue]
	buckets    pieces[Bucket]
	quantiles  pieces[Quantile]
	states     pieces[State]
	exemplars  pieces[Exemplar]

	bytes pieces[byte] // of label values
	lend  bool         // strings may live in bytes: nobody keeps them

	natives []*NativeHistogram // they keep the memory of their own slices
	used    int                // of natives
}

func (p *plain) reset() {
	p.labels.reset()
	p.histograms.reset()
	p.summaries.reset()
	p.buckets.reset()
	p.quantiles.reset()
	p.states.reset()
	p.exemplars.reset()
	p.bytes.reset()
	p.used = 0
}

// native returns a histogram to be filled.
func (p *plain) native() *NativeHistogram {
	if p.used == len(p.natives) {
		p.natives = append(p.natives, new(NativeHistogram))
	}
	p.used++
	return p.natives[p.used-1]
}
