package nativehist

// Sum adds up the parts of native histograms: what a recorder keeps in a store, read
// by somebody else, and what several processes counted. The zero value is ready.
// One goroutine at a time may use it.
//
// Nothing that is given to it is trusted. What does not fit is an error that wraps
// [ErrPart], or one of those of [Histogram.Validate], and changes nothing.
//
// The result has the coarsest schema and the widest zero threshold of all parts, and a
// bucket is in the zero bucket if its own upper bound, at the schema that it was counted
// in, is within that threshold. To decide that for a bucket, all scales must be
// known: call [Sum.Meet] for each part first, then [Sum.Add] for each, and the order
// does not matter. Without Meet each Add brings what is there already to the new
// scale, which may leave more beside the zero bucket.
type Sum struct {
	state sparse
	begun bool // there is a scale
	start int64
}

// Reset forgets everything, but for the memory.
func (s *Sum) Reset() {
	s.state.reset(&Config{})
	s.begun, s.start = false, 0
}

// Meet brings the sum to a scale that has room for the part.
func (s *Sum) Meet(p Part) error {
	if err := p.check(); err != nil {
		return err
	}
	if s.begun && p.Extra != len(s.state.extra) {
		return invalid(ErrPart, "%d extra counters beside %d", p.Extra, len(s.state.extra))
	}
	s.meet(p.Schema, p.Threshold, p.Extra)
	return nil
}

func (s *Sum) meet(schema int32, threshold float64, extra int) {
	if !s.begun {
		s.state.reset(&Config{schema: schema, threshold: threshold})
		s.state.extra = room(s.state.extra, extra)[:extra]
		clear(s.state.extra)
		s.begun = true
		return
	}
	s.state.rescale(min(s.state.schema, schema), max(s.state.threshold, threshold))
}

// Add adds a part: the data words, without the marks, of an image, or of one section
// of a block. They are a copy, which nobody changes meanwhile. Words past the last
// are ignored. What a writer left half done is taken as it is.
func (s *Sum) Add(p Part, words []uint64) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := p.checkWords(words); err != nil {
		return err
	}
	if err := s.Meet(p); err != nil {
		return err
	}
	s.state.addPart(&p, words)
	if !p.Block {
		s.began(int64(words[startWord]))
	}
	return nil
}

// AddHistogram adds a whole histogram and its extra counters, of which there are as
// many as the sum has. Observations that are in no bucket (NaN) are left out.
func (s *Sum) AddHistogram(h *Histogram, extra []uint64, start int64) error {
	if err := h.Validate(); err != nil {
		return err
	}
	if err := s.Meet(Part{Schema: h.Schema, Threshold: h.ZeroThreshold, Extra: len(extra)}); err != nil {
		return err
	}
	s.state.zero += h.ZeroCount
	s.state.sum += h.Sum
	for i, n := range extra {
		s.state.extra[i] += n
	}
	both := h.sides()
	for side, list := range [][]bucket{both.positive, both.negative} {
		for _, b := range list {
			s.state.put(h.Schema, h.ZeroThreshold, side, b.index, b.n)
		}
	}
	s.began(start)
	return nil
}

// began keeps the earliest start.
func (s *Sum) began(start int64) {
	if start != 0 && (s.start == 0 || start < s.start) {
		s.start = start
	}
}

// Start returns when the first of the parts began to count, in Unix nanoseconds; 0 is
// not known. It is not the last reset: a worker that starts anew would look like a
// reset of the whole, while one of a part shows as a count that goes down.
func (s *Sum) Start() int64 { return s.start }

// Histogram puts the sum into dst, in the memory that its slices have.
func (s *Sum) Histogram(dst *Histogram) { s.state.write(dst) }

// Extra puts the extra counters into dst. A writer counts an observation in its
// bucket, then in an extra counter: one that was killed in between is missing from
// these, and is added to the last, so that they add up to the count.
func (s *Sum) Extra(dst []uint64) {
	n := copy(dst, s.state.extra)
	if count, found := s.state.count(), total(s.state.extra); n > 0 && n == len(s.state.extra) && found < count {
		dst[n-1] += count - found
	}
}

// count is how many observations the buckets have.
func (s *sparse) count() (n uint64) {
	n = s.zero
	for _, p := range s.sides() {
		p.each(func(_ int32, c uint64) bool {
			n += c
			return true
		})
	}
	return n
}

// Base is a part as it is kept: its data words, without the marks of a section.
type Base struct {
	Part
	Words []uint64
}

// Bases returns the sum as parts, for an archive; Add of each, in any order, gives it
// back. It is one, but for a histogram with more buckets than one slab has room for.
func (s *Sum) Bases() (all []Base) {
	piece := s.state.blank()
	piece.sum, piece.zero = s.state.sum, s.state.zero
	copy(piece.extra, s.state.extra)
	n, most := 0, mostWindows(len(piece.extra))
	flush := func() {
		all = append(all, piece.image(s.start))
		piece, n = s.state.blank(), 0
	}
	s.state.eachWindow(func(_, side int, w *window) {
		if n == most {
			flush()
		}
		n++
		*piece.sides()[side].window(w.key) = *w
	})
	flush()
	return all
}

func (s *sparse) image(start int64) Base {
	words := make([]uint64, imageWords(len(s.extra), s.used()))
	s.writeImage(start, func(word int, v uint64) { words[word] = v })
	return Base{Part{Schema: s.schema, Threshold: s.threshold, Extra: len(s.extra)}, words}
}
