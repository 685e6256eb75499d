package mmap

import (
	"math"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// remains is what the dead leave, slab by slab: what an archive, or the next holder of a
// slot, is to have of them. Unlike a merge it leaves nothing out for disagreeing with
// something else; that is for readers to judge, each time anew.
type remains struct {
	byText map[string]*tally
	list   []*tally
}

// tally is one record that is being added up.
type tally struct {
	descriptor.Descriptor
	text string

	started   int64
	count     uint64   // of counters, summaries, and up-downs that are added
	sum       exact    // of floats that are added
	words     []uint64 // of buckets, or those of the newest that count alone
	gauge     gaugeValue
	native    *nativeValue
	exemplars []exemplar
	latest    owner // who wrote words
}

// add adds what a dead process, or an archive, has left.
func (r *remains) add(s *source) {
	for i := range s.entries {
		e := &s.entries[i]
		if e.form.live() {
			continue
		}
		t := e.form.folded
		if t == nil || e.form.eachProcess() {
			t = r.of(e.form, s)
			e.form.folded = t
		}
		t.began(s.began(e))
		t.add(e, s.holds(e), s)
	}
}

// of returns the tally that a slab of a form goes to.
func (r *remains) of(f *form, s *source) *tally {
	d := *f.Descriptor
	d.Carried, d.Start = true, 0
	if f.eachProcess() && d.Pid == "" {
		d.Pid = s.label
	}
	if f.parted() {
		d.Kind, d.Schema, d.Threshold, d.Extra, d.Reaches = descriptor.NativeBase, 0, 0, 0, [2]descriptor.Reach{}
	}
	text := string(descriptor.Append(nil, &d))
	t := r.byText[text]
	if t == nil {
		t = &tally{Descriptor: d, text: text}
		t.begin(f)
		if r.byText == nil {
			r.byText = make(map[string]*tally)
		}
		r.byText[text] = t
		r.list = append(r.list, t)
	}
	return t
}

func (t *tally) began(at int64) {
	if at != 0 && (t.started == 0 || at < t.started) {
		t.started = at
	}
}

func (t *tally) begin(f *form) {
	switch f.class {
	case gauges:
		t.gauge.begin(f)
	case natives:
		t.native = new(nativeValue)
		t.native.begin(f)
	case histograms:
		t.words = make([]uint64, len(t.Bounds)+1)
	}
}

func (t *tally) add(e *entry, words []uint64, from *source) {
	switch t.Kind {
	case descriptor.Counter:
		t.count += words[0]
	case descriptor.Fraction:
		t.sum.plus(words[0], words[1])
	case descriptor.Histogram:
		t.sum.plus(words[0], words[1])
		for i := range t.words {
			t.words[i] += words[2+i]
		}
	case descriptor.Summary:
		t.sum.plus(words[0], words[1])
		t.count += words[2]
	case descriptor.NativeBase:
		t.native.add(e, words, from)
	case descriptor.Exemplar:
		t.exemplars = addExemplar(t.exemplars, t.Bucket, words[:e.words-2])
	case descriptor.StateSet, descriptor.Enum:
		t.keepNewest(e, words, from)
	default:
		t.addGauge(e, words, from)
	}
}

func (t *tally) addGauge(e *entry, words []uint64, from *source) {
	switch {
	case t.Mode.Each():
		t.keepNewest(e, words, from)
	case t.Mode == descriptor.Sum && t.Kind == descriptor.UpDown:
		t.count += words[0]
	default:
		t.gauge.add(e, words, from)
	}
}

// keepNewest keeps the words of the process that was made last, of those with one
// label.
func (t *tally) keepNewest(e *entry, words []uint64, from *source) {
	o := owner{from, e.form.Pid}
	if t.words != nil && !o.newer(&t.latest) {
		return
	}
	n, _ := e.form.outWords(e.words, nil)
	t.words, t.latest = words[:n], o
}

// addTo adds all records to a builder, in an order that depends on nothing but what
// they are.
func (r *remains) addTo(b *file.Builder) error {
	slices.SortFunc(r.list, func(a, c *tally) int { return strings.Compare(a.text, c.text) })
	for _, t := range r.list {
		if err := t.addTo(b); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) addTo(b *file.Builder) error {
	t.Start = t.started
	lo := math.Float64bits(t.sum.lo)
	switch t.Kind {
	case descriptor.Counter:
		return t.put(b, t.count)
	case descriptor.Fraction:
		return t.put2(b, lo, []uint64{math.Float64bits(t.sum.hi)}, []uint64{lo})
	case descriptor.Histogram:
		return t.put2(b, lo, section(append([]uint64{math.Float64bits(t.sum.hi)}, t.words...)...),
			section(append([]uint64{lo}, make([]uint64, len(t.words))...)...))
	case descriptor.Summary:
		return t.put2(b, lo, section(math.Float64bits(t.sum.hi), t.count), section(lo, 0))
	case descriptor.NativeBase:
		return t.putNative(b)
	case descriptor.Exemplar:
		for _, x := range t.exemplars {
			if err := t.put(b, section(x.words...)...); err != nil {
				return err
			}
		}
		return nil
	case descriptor.StateSet, descriptor.Enum:
		return t.put(b, t.words...)
	}
	return t.putGauge(b)
}

func (t *tally) putGauge(b *file.Builder) error {
	best := math.Float64bits(t.gauge.best)
	switch {
	case t.Kind == descriptor.UpDown && t.Mode == descriptor.Sum:
		return t.put(b, t.count, 0)
	case t.Kind == descriptor.UpDown && t.Mode.Each():
		return t.put(b, t.words[0], 0)
	case t.Kind == descriptor.UpDown:
		return t.put(b, uint64(int64(t.gauge.best)), 0)
	case t.Kind == descriptor.Recent && t.Mode.Each():
		return t.put(b, section(t.words...)...)
	case t.Kind == descriptor.Recent:
		return t.put(b, section(best, uint64(t.gauge.at))...)
	case t.Mode.Each():
		return t.put(b, t.words[0])
	case t.Mode == descriptor.Sum:
		lo := math.Float64bits(t.gauge.sum.lo)
		return t.put2(b, lo, []uint64{math.Float64bits(t.gauge.sum.hi)}, []uint64{lo})
	}
	return t.put(b, best)
}

// putNative writes what the parts come to. Their sum, which is exact, stands in the
// first, and what rounding took from it in another that has no buckets.
func (t *tally) putNative(b *file.Builder) error {
	sum := t.native.total()
	if t.native.err != nil {
		return t.native.err
	}
	bases := sum.Bases()
	for i := range bases {
		base := &bases[i]
		t.Schema, t.Threshold, t.Extra = base.Schema, base.Threshold, uint32(base.Extra)
		if base.Words[0] = 0; i == 0 {
			base.Words[0] = math.Float64bits(t.native.exact.hi)
		}
		if err := t.put(b, section(base.Words...)...); err != nil {
			return err
		}
	}
	if t.native.exact.lo == 0 {
		return nil
	}
	rest := make([]uint64, 4+t.Extra)
	rest[0], rest[2] = math.Float64bits(t.native.exact.lo), bases[0].Words[2]
	return t.put(b, section(rest...)...)
}

// section is the words of a section that nobody is changing.
func section(data ...uint64) []uint64 { return append([]uint64{1, 1}, data...) }

// put2 writes a record, and one of what rounding took, if it took something.
func (t *tally) put2(b *file.Builder, took uint64, words, rest []uint64) error {
	if err := t.put(b, words...); err != nil || took<<1 == 0 {
		return err
	}
	return t.put(b, rest...)
}

func (t *tally) put(b *file.Builder, words ...uint64) error {
	cells, err := b.Add(descriptor.Append(nil, &t.Descriptor), len(words))
	copy(cells, words)
	return err
}
