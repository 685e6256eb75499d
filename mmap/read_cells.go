package mmap

import (
	"math"
	"slices"
	"sync/atomic"

	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// patience is how often a reader tries to copy words that belong together while their
// owner changes them. A copy takes less than a microsecond; a writer that was stopped
// in the middle stays there.
const patience = 64

// read reads the cells of an entry into the source's words behind its start, added up
// over the stripes:
//
//	counter            count
//	fraction           sum, what rounding took
//	gauge, enum        the word
//	recent             value, when it was set
//	updown             net value
//	histogram          sum, what rounding took, buckets
//	summary            sum, what rounding took, count
//	native base        data words
//	native block       data words, what rounding took from the sum
//	stateset           the words
//	exemplar           data words
//
// live says that the owner may be at work. It returns false when something had to be
// taken as it stood.
func (s *source) read(e *found, live bool) (whole bool) {
	s.words[e.out] = uint64(e.start)
	out := s.holds(&e.entry)
	stripes, first := s.stripes(e.chunk), uint64(e.first)*8
	switch e.form.Kind {
	case descriptor.Counter:
		sum := uint64(0)
		for _, at := range stripes {
			sum += s.load(at + first)
		}
		out[0] = sum
	case descriptor.Fraction:
		var sum exact
		for _, at := range stripes {
			sum.add(math.Float64frombits(s.load(at + first)))
		}
		out[0], out[1] = math.Float64bits(sum.hi), math.Float64bits(sum.lo)
	case descriptor.UpDown:
		return s.readUpDown(out, stripes, first, live)
	case descriptor.Recent:
		return s.readRecent(out, stripes, first, live)
	case descriptor.Gauge, descriptor.Enum, descriptor.StateSet:
		n, _ := e.form.outWords(e.words, nil)
		for i := range n {
			out[i] = s.load(stripes[0] + first + uint64(i)*8)
		}
	case descriptor.Histogram:
		return s.readSections(out, 1, 2+len(e.form.Bounds), stripes, first, live)
	case descriptor.Summary:
		return s.readSections(out, 1, 2, stripes, first, live)
	case descriptor.NativeBlock:
		n, _ := e.form.outWords(e.words, &s.parts[e.part])
		return s.readSections(out, n-1, n-1, stripes, first, live)
	case descriptor.NativeBase:
		return s.copySection(out[:e.words-2], stripes[0]+first, live)
	case descriptor.Exemplar:
		s.readExemplar(out[:e.words-2], stripes[0]+first)
	}
	return true
}

func (s *source) load(at uint64) uint64 { return atomic.LoadUint64(s.view.Word(at)) }

// copySection copies the data words of the section at an offset.
func (s *source) copySection(dst []uint64, at uint64, live bool) bool {
	for range patience {
		end := s.load(at + 8)
		for i := range dst {
			dst[i] = s.load(at + 16 + uint64(i)*8)
		}
		if !live || s.load(at) == end {
			return true
		}
	}
	return false
}

// readSections adds up n data words over all stripes: word 0 as floats, the others as
// integers. What rounding took goes to out[rest]; the words behind it move on by one
// if it is not the last.
func (s *source) readSections(out []uint64, rest, n int, stripes []uint64, first uint64, live bool) bool {
	whole := true
	var sum exact
	copied := slices.Grow(s.copied[:0], n)[:n]
	s.copied = copied
	totals := out[:n+1]
	clear(totals)
	for _, at := range stripes {
		whole = s.copySection(copied, at+first, live) && whole
		sum.add(math.Float64frombits(copied[0]))
		if rest == 1 {
			for i, w := range copied[1:] {
				totals[2+i] += w
			}
			continue
		}
		for i, w := range copied[1:] {
			totals[1+i] += w
		}
	}
	totals[0], totals[rest] = math.Float64bits(sum.hi), math.Float64bits(sum.lo)
	return whole
}

// readUpDown takes what two passes over all words agree on: they only grow, so it
// is what they held at one instant.
func (s *source) readUpDown(out, stripes []uint64, first uint64, live bool) bool {
	ups, downs := s.upsDowns(stripes, first)
	for range patience {
		again, downsAgain := s.upsDowns(stripes, first)
		same := ups == again && downs == downsAgain
		ups, downs = again, downsAgain
		if same || !live {
			out[0] = ups - downs
			return true
		}
	}
	out[0] = ups - downs
	return false
}

func (s *source) upsDowns(stripes []uint64, first uint64) (ups, downs uint64) {
	for _, at := range stripes {
		ups += s.load(at + first)
		downs += s.load(at + first + 8)
	}
	return ups, downs
}

// readRecent takes the newest pair of all stripes.
func (s *source) readRecent(out, stripes []uint64, first uint64, live bool) bool {
	whole := true
	out[0], out[1] = 0, 0
	for _, at := range stripes {
		var pair [2]uint64
		whole = s.copySection(pair[:], at+first, live) && whole
		if int64(pair[1]) > int64(out[1]) {
			out[0], out[1] = pair[0], pair[1]
		}
	}
	return whole
}

// readExemplar leaves out one that is not whole, because its words depend on each other:
// a time of 0 says that there is none.
func (s *source) readExemplar(out []uint64, at uint64) {
	if !s.copySection(out, at, true) {
		out[1] = 0
	}
}
