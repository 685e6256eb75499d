package nativehist

import (
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// plain adds parts up by maps: at a scale that is known, one bucket at a time, with
// the bounds of client_golang.
type plain struct {
	schema    int32
	threshold float64
	zero      uint64
	sum       float64
	sides     [2]map[int32]uint64
	extra     []uint64
}

func newPlain(parts []section) *plain {
	p := &plain{schema: MaxSchema, sides: [2]map[int32]uint64{{}, {}}, extra: make([]uint64, parts[0].part.Extra)}
	for _, s := range parts {
		p.schema, p.threshold = min(p.schema, s.part.Schema), max(p.threshold, s.part.Threshold)
	}
	for _, s := range parts {
		p.add(s.part, s.words)
	}
	return p
}

func (p *plain) add(part Part, words []uint64) {
	p.sum += math.Float64frombits(words[0])
	p.zero += words[1]
	words = words[2:]
	if part.Block {
		words = p.extras(part, words)
		for side, r := range part.Reaches {
			for i, n := range words[:r.Cells] {
				p.put(part, side, int(r.First)+i, n)
			}
			words = words[r.Cells:]
		}
		return
	}
	used := words[1]
	words = p.extras(part, words[2:])
	for range used {
		side := int(words[0] % 2)
		first := int(int64(words[0])-int64(side)) / 2 * 16
		for i, n := range words[1:17] {
			p.put(part, side, first+i, n)
		}
		words = words[17:]
	}
}

func (p *plain) extras(part Part, words []uint64) (rest []uint64) {
	for i, n := range words[:part.Extra] {
		p.extra[i] += n
	}
	return words[part.Extra:]
}

func (p *plain) put(part Part, side, index int, n uint64) {
	switch {
	case n == 0:
	case part.Threshold < p.threshold && Bound(part.Schema, int32(index)) <= p.threshold:
		p.zero += n
	default:
		for s := part.Schema; s > p.schema; s-- {
			if index > 0 {
				index++
			}
			index /= 2
		}
		p.sides[side][int32(index)] += n
	}
}

func (p *plain) histogram() (h Histogram) {
	h = Histogram{Schema: p.schema, ZeroThreshold: p.threshold, ZeroCount: p.zero, Sum: p.sum, Count: p.zero}
	h.PositiveSpans, h.PositiveCounts = spansOf(p.sides[0])
	h.NegativeSpans, h.NegativeCounts = spansOf(p.sides[1])
	h.Count += total(h.PositiveCounts) + total(h.NegativeCounts)
	return h
}

// parts are those of a few recorders with different histories.
func parts(t testing.TB, r *rand.Rand, o Options) (all []section) {
	for range 1 + r.IntN(4) {
		l := &ledger{t: t}
		rec := NewRecorder(l, config(t, o))
		rec.Persist(describe)
		scale, spread := math.Exp(5*r.NormFloat64()), 1+3*r.Float64()
		for range r.IntN(3000) {
			v := scale * math.Exp(spread*r.NormFloat64())
			if r.IntN(3) == 0 {
				v = -v
			}
			rec.Observe(v, r.IntN(max(o.Extra, 1)))
		}
		all = append(all, l.dead()...)
	}
	return all
}

func summed(t testing.TB, list []section) (*Sum, Histogram) {
	var h Histogram
	sum := (&ledger{t: t}).sum(list)
	sum.Histogram(&h)
	return sum, h
}

// Parts add up to the same in every order, the plain way and by way of an archive.
func TestSum(t *testing.T) {
	for name, o := range map[string]Options{
		"plain":  {Schema: 3, Extra: 4},
		"halve":  {Schema: 8, MaxBuckets: 30, Extra: 1},
		"widen":  {Schema: 5, MaxBuckets: 20, MaxZeroThreshold: 2},
		"coarse": {Schema: -3, ZeroThreshold: -1},
		"large":  {Schema: 8},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(9, 9))
			for range scaled(40) {
				list := parts(t, r, o)
				p := newPlain(list)
				want := p.histogram()
				for range 3 {
					r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
					sum, got := summed(t, list)
					if !equal(got, want) || got.Validate() != nil {
						t.Fatalf("got %+v (%v)\nwant %+v", got, got.Validate(), want)
					}
					extra := make([]uint64, o.Extra)
					if sum.Extra(extra); !slices.Equal(extra, p.extra) {
						t.Fatalf("extra counters %v, want %v", extra, p.extra)
					}
					var kept []section
					for _, b := range sum.Bases() {
						kept = append(kept, section{b.Part, b.Words})
					}
					if again, h := summed(t, kept); !equal(h, want) || again.Start() != sum.Start() {
						t.Fatalf("out of the archive %+v\nwant %+v", h, want)
					}
				}
			}
		})
	}
}

// A histogram with more buckets than one slab has room for is several bases.
func TestBasesOfALargeSum(t *testing.T) {
	var sum Sum
	h := Histogram{Schema: 8, ZeroThreshold: 0x1p-128, ZeroCount: 5, Sum: 7}
	var w spanWriter
	for i := int32(-20_000); i < 20_000; i += 20 {
		w.add(i, uint64(i+30_000))
	}
	h.PositiveSpans, h.PositiveCounts = w.spans, w.counts
	h.NegativeSpans, h.NegativeCounts = w.spans, w.counts
	h.Count = h.ZeroCount + 2*total(w.counts)
	extra := []uint64{h.Count - 3, 3}
	if err := sum.AddHistogram(&h, extra, 42); err != nil {
		t.Fatal(err)
	}
	bases := sum.Bases()
	if len(bases) != 4000/mostWindows(2)+1 {
		t.Errorf("%d bases", len(bases))
	}
	sum.Reset()
	for _, b := range bases {
		if len(b.Words) > imageWords(2, mostWindows(2)) {
			t.Errorf("%d words", len(b.Words))
		}
		if err := sum.Add(b.Part, b.Words); err != nil {
			t.Fatal(err)
		}
	}
	var got Histogram
	found := make([]uint64, 2)
	sum.Histogram(&got)
	if sum.Extra(found); !equal(got, h) || !slices.Equal(found, extra) || sum.Start() != 42 {
		t.Errorf("got %d observations, extra counters %v, since %d", got.Count, found, sum.Start())
	}
}

// Without Meet the sum is coarser beside the zero bucket at most, and as large.
func TestAddWithoutMeet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 9))
	for range scaled(40) {
		list := parts(t, r, Options{Schema: 5, MaxBuckets: 20, MaxZeroThreshold: 2})
		var sum Sum
		for _, s := range list {
			if err := sum.Add(s.part, s.words); err != nil {
				t.Fatal(err)
			}
		}
		var got Histogram
		sum.Histogram(&got)
		want := newPlain(list).histogram()
		if got.Count != want.Count || got.Schema != want.Schema || got.ZeroThreshold != want.ZeroThreshold || got.Validate() != nil {
			t.Errorf("got %+v (%v)\nwant %+v", got, got.Validate(), want)
		}
	}
}

func TestSumOfHistogramsIsMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for range scaled(100) {
		_, a := summed(t, parts(t, r, Options{Schema: 4, MaxBuckets: 50}))
		_, b := summed(t, parts(t, r, Options{Schema: 4, MaxBuckets: 20}))
		var sum Sum
		if err := errors.Join(sum.AddHistogram(&a, nil, 0), sum.AddHistogram(&b, nil, 0)); err != nil {
			t.Fatal(err)
		}
		var got Histogram
		sum.Histogram(&got)
		if err := a.Merge(&b); err != nil {
			t.Fatal(err)
		}
		if !equal(got, a) {
			t.Fatalf("got %+v\nwant %+v", got, a)
		}
	}
}

func TestSumStartsWithTheFirst(t *testing.T) {
	var sum Sum
	for _, start := range []int64{0, 70, 50, 0, 60} {
		words := make([]uint64, imageWords(0, 0))
		words[startWord] = uint64(start)
		if err := sum.Add(Part{}, words); err != nil {
			t.Fatal(err)
		}
	}
	if sum.Start() != 50 {
		t.Errorf("start %d", sum.Start())
	}
}

// An observation whose writer was killed between bucket and extra counter is in the
// last of these.
func TestAHalfCountedObservation(t *testing.T) {
	words := make([]uint64, imageWords(3, 1))
	words[zeroWord] = 4
	words[imageExtra], words[imageExtra+2] = 2, 1
	var sum Sum
	if err := sum.Add(Part{Extra: 3}, words); err != nil {
		t.Fatal(err)
	}
	extra := make([]uint64, 3)
	if sum.Extra(extra); !slices.Equal(extra, []uint64{2, 0, 2}) {
		t.Errorf("extra counters %v", extra)
	}
}

func TestSumRefuses(t *testing.T) {
	base := func(edit func([]uint64)) []uint64 {
		words := make([]uint64, imageWords(1, 2))
		words[usedWord] = 2
		words[imageWords(1, 0)+3], words[imageWords(1, 1)+3] = 9, 9
		edit(words)
		return words
	}
	image := Part{Extra: 1}
	keep := func([]uint64) {}
	block := Part{Block: true, Extra: 1, Reaches: [2]Reach{{First: 1, Cells: 3}, {First: 1, Cells: 4}}}
	for name, c := range map[string]struct {
		part  Part
		words []uint64
		err   error
	}{
		"a schema too fine":         {Part{Schema: 9, Extra: 1}, base(keep), ErrSchema},
		"a schema too coarse":       {Part{Schema: -5, Extra: 1}, base(keep), ErrSchema},
		"custom bounds":             {Part{Schema: -53, Extra: 1}, base(keep), ErrSchema},
		"a threshold of NaN":        {Part{Threshold: math.NaN(), Extra: 1}, base(keep), ErrZeroThreshold},
		"a negative threshold":      {Part{Threshold: -1, Extra: 1}, base(keep), ErrZeroThreshold},
		"negative extra counters":   {Part{Extra: -1}, base(keep), ErrPart},
		"too many extra counters":   {Part{Extra: MaxExtra + 1}, base(keep), ErrPart},
		"other extra counters":      {Part{Extra: 2}, base(keep), ErrPart},
		"no words":                  {image, nil, ErrPart},
		"few words":                 {image, base(keep)[:4], ErrPart},
		"few windows":               {image, base(keep)[:38], ErrPart},
		"more windows than words":   {image, base(func(w []uint64) { w[usedWord] = 3 }), ErrPart},
		"windows past all words":    {image, base(func(w []uint64) { w[usedWord] = math.MaxUint64 }), ErrPart},
		"a key out of range":        {image, base(func(w []uint64) { w[imageWords(1, 1)] = 2 * 100 }), ErrSpanIndex},
		"a key far below":           {image, base(func(w []uint64) { w[imageWords(1, 1)] = 1 << 63 }), ErrSpanIndex},
		"a key that comes round":    {image, base(func(w []uint64) { w[imageWords(1, 1)] = 1 << 61 }), ErrSpanIndex},
		"a bucket out of range":     {image, base(func(w []uint64) { w[imageWords(1, 1)] = 2 * 64; w[imageWords(1, 2)-1] = 1 }), ErrSpanIndex},
		"a block without words":     {block, nil, ErrPart},
		"a block short of words":    {block, make([]uint64, 9), ErrPart},
		"a block past counting":     {Part{Block: true, Reaches: [2]Reach{{Cells: math.MaxUint32}, {Cells: math.MaxUint32}}}, make([]uint64, 9), ErrPart},
		"a block bucket too far up": {Part{Block: true, Extra: 1, Reaches: [2]Reach{{First: math.MaxInt32, Cells: 7}, {}}}, slices.Repeat([]uint64{1}, 10), ErrSpanIndex},
		"a block bucket too low":    {Part{Block: true, Extra: 1, Reaches: [2]Reach{{}, {First: math.MinInt32, Cells: 7}}}, slices.Repeat([]uint64{1}, 10), ErrSpanIndex},
	} {
		var sum Sum
		if err := sum.Add(image, base(keep)); err != nil {
			t.Fatal(err)
		}
		var before, after Histogram
		sum.Histogram(&before)
		err := sum.Add(c.part, c.words)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
		if sum.Histogram(&after); !equal(before, after) {
			t.Errorf("%s: changed to %+v", name, after)
		}
	}
	var sum Sum
	if err := sum.AddHistogram(&Histogram{Count: 1}, nil, 0); !errors.Is(err, ErrCount) {
		t.Errorf("a histogram that contradicts itself: %v", err)
	}
}

// Whatever the bytes, there is an error, or a valid histogram no larger than they are.
func FuzzSum(f *testing.F) {
	seed := func(p Part, words []uint64) {
		b, _ := binary.Append(nil, binary.LittleEndian, words)
		f.Add(p.Block, p.Schema, p.Threshold, p.Extra, p.Reaches[0].First, p.Reaches[0].Cells, p.Reaches[1].First, p.Reaches[1].Cells, b)
	}
	for _, o := range []Options{{Schema: 3, Extra: 2}, {Schema: 8, MaxBuckets: 20}} {
		for _, s := range parts(f, rand.New(rand.NewPCG(4, 9)), o) {
			seed(s.part, s.words)
		}
	}
	f.Fuzz(func(t *testing.T, block bool, schema int32, threshold float64, extra int, first0 int32, cells0 uint32, first1 int32, cells1 uint32, b []byte) {
		words := make([]uint64, len(b)/8)
		for i := range words {
			words[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		p := Part{block, schema, threshold, extra, [2]Reach{{first0, cells0}, {first1, cells1}}}
		var sum Sum
		for _, also := range []Part{{Schema: 2, Threshold: 1e-3}, {Schema: -4, Threshold: math.Inf(1)}} {
			if err := sum.Add(p, words); err != nil {
				return
			}
			var got Histogram
			sum.Histogram(&got)
			if n := len(sum.state.positive.windows) + len(sum.state.negative.windows); n > len(words)+2 {
				t.Fatalf("%d windows of %d words", n, len(words))
			}
			if err := got.Validate(); err != nil {
				t.Fatal(err)
			}
			again := Sum{}
			for _, b := range sum.Bases() {
				if err := again.Add(b.Part, b.Words); err != nil {
					t.Fatal(err)
				}
			}
			var h Histogram
			if again.Histogram(&h); !equal(h, got) {
				t.Fatalf("out of the archive %+v\nwant %+v", h, got)
			}
			also.Extra = extra
			if err := sum.Meet(also); err != nil {
				t.Fatal(err)
			}
		}
	})
}
