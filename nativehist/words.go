package nativehist

import (
	"math"

	"github.com/pawl-metrics/pawl/shard"
)

// The data words of both kinds of parts, as others read them in files
// (mmap/FORMAT.md has the same). They begin alike:
//
//	block    sum | zero | extra ... | positive buckets ... | negative buckets ...
//	image    sum | zero | start | windows in use | extra ... | windows ...
//	window   key | 16 counts
const (
	sumWord   = 0 // float64
	zeroWord  = 1 // count of the zero bucket
	extraWord = 2 // of a block: the first of the extra counters

	startWord  = 2 // of an image: when counting began, Unix nanoseconds; 0 is not said
	usedWord   = 3 // windows that readers look at: the first so many
	imageExtra = 4 // the first of the extra counters

	windowWords = 1 + windowSize
)

// imageWords is how many data words an image has.
func imageWords(extra, windows int) int { return imageExtra + extra + windows*windowWords }

// mostWindows is how many windows one slab has room for.
func mostWindows(extra int) int {
	return (shard.MaxWords - shard.SectionWords - imageWords(extra, 0)) / windowWords
}

// keyWord is a window's key in an image: which buckets, and, in the lowest bit,
// whether those of negative values.
func keyWord(side int, key int32) uint64 { return uint64(int64(key))<<1 | uint64(side) }

func splitKey(w uint64) (side int, key int64) { return int(w & 1), int64(w) >> 1 }

// eachWindow calls f for the windows that have observations, in the order in which
// an image has them, with their place there.
func (s *sparse) eachWindow(f func(at, side int, w *window)) (used int) {
	for side, p := range s.sides() {
		for i := range p.windows {
			if w := &p.windows[i]; w.counts != [windowSize]uint64{} {
				f(used, side, w)
				used++
			}
		}
	}
	return used
}

// used is how many windows an image of the state takes.
func (s *sparse) used() int { return s.eachWindow(func(int, int, *window) {}) }

// writeImage writes the state as the data words of an image, which are all 0.
func (s *sparse) writeImage(start int64, set func(word int, v uint64)) {
	set(sumWord, math.Float64bits(s.sum))
	set(zeroWord, s.zero)
	set(startWord, uint64(start))
	for i, n := range s.extra {
		set(imageExtra+i, n)
	}
	used := s.eachWindow(func(at, side int, w *window) {
		word := imageWords(len(s.extra), at)
		set(word, keyWord(side, w.key))
		for j, n := range w.counts {
			if n != 0 {
				set(word+1+j, n)
			}
		}
	})
	set(usedWord, uint64(used))
}

// eachBucket calls f for the populated buckets in the words of a part that has been
// checked.
func (p *Part) eachBucket(words []uint64, f func(side int, index int64, n uint64)) {
	if !p.Block {
		words, used := words[imageWords(p.Extra, 0):], words[usedWord]
		for ; used > 0; used-- {
			side, key := splitKey(words[0])
			eachCount(words[1:windowWords], func(j int, n uint64) { f(side, key<<windowShift+int64(j), n) })
			words = words[windowWords:]
		}
		return
	}
	words = words[extraWord+p.Extra:]
	for side, r := range p.Reaches {
		eachCount(words[:r.Cells], func(j int, n uint64) { f(side, int64(r.First)+int64(j), n) })
		words = words[r.Cells:]
	}
}

func eachCount(counts []uint64, f func(j int, n uint64)) {
	for j, n := range counts {
		if n != 0 {
			f(j, n)
		}
	}
}

// extras are the extra counters in the words of a part.
func (p *Part) extras(words []uint64) []uint64 {
	if p.Block {
		return words[extraWord:][:p.Extra]
	}
	return words[imageExtra:][:p.Extra]
}

// addPart adds what the words of a part say, which has been checked, and is of no
// coarser a scale.
func (s *sparse) addPart(p *Part, words []uint64) {
	s.sum += math.Float64frombits(words[sumWord])
	s.zero += words[zeroWord]
	for i, n := range p.extras(words) {
		s.extra[i] += n
	}
	p.eachBucket(words, func(side int, index int64, n uint64) {
		s.put(p.Schema, p.Threshold, side, int32(index), n)
	})
}

// check says whether the part can be one at all.
func (p *Part) check() error {
	switch {
	case p.Schema < MinSchema || p.Schema > MaxSchema:
		return invalid(ErrSchema, "schema %d", p.Schema)
	case !(p.Threshold >= 0):
		return invalid(ErrZeroThreshold, "zero threshold %v", p.Threshold)
	case p.Extra < 0 || p.Extra > MaxExtra:
		return invalid(ErrPart, "%d extra counters", p.Extra)
	}
	return nil
}

// checkWords says whether the words are those of such a part. Nothing in them is
// trusted before.
func (p *Part) checkWords(words []uint64) (err error) {
	n := uint64(len(words))
	switch need := uint64(imageWords(p.Extra, 0)); {
	case p.Block:
		need = extraWord + uint64(p.Extra) + uint64(p.Reaches[0].Cells) + uint64(p.Reaches[1].Cells)
		if n < need {
			return invalid(ErrPart, "%d words, where a block has %d", n, need)
		}
	case n < need:
		return invalid(ErrPart, "%d words, where an image has %d or more", n, need)
	case words[usedWord] > (n-need)/windowWords:
		return invalid(ErrPart, "%d windows in use, where %d words have room for %d", words[usedWord], n, (n-need)/windowWords)
	}
	low, high := int64(Index(p.Schema, math.SmallestNonzeroFloat64)), int64(Index(p.Schema, math.Inf(1)))
	for at := 0; !p.Block && at < int(words[usedWord]); at++ {
		// A key past 2^60 would come back into the range when its buckets are numbered.
		if _, key := splitKey(words[imageWords(p.Extra, at)]); key < low>>windowShift || key > high>>windowShift {
			return invalid(ErrSpanIndex, "window %d of schema %d", key, p.Schema)
		}
	}
	p.eachBucket(words, func(_ int, index int64, _ uint64) {
		if err == nil && (index < low || index > high) {
			err = invalid(ErrSpanIndex, "bucket %d of schema %d", index, p.Schema)
		}
	})
	return err
}
