package engine

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// exemplarFile is the exemplars of one series in a store that persists. Scrapes of
// this process do not need it: they have those in memory.
//
// Model. Everything belongs to mu, for which who records only tries: who comes
// while another writes leaves his exemplar out of the store, for exemplars are
// samples. It knows nothing of the series, so that a cleanup can hold it.
//
// A nil exemplarFile takes none: the store does not persist, or the series has been
// dropped.
type exemplarFile struct {
	fam    *family
	labels string // rendered

	mu     sync.Mutex
	places []exemplarPlace
	gone   bool   // no more readers
	text   []byte // labels of the exemplar that is being written
}

// exemplarPlace is a slab that holds an exemplar.
type exemplarPlace struct {
	bucket int
	has    *Exemplar
	slab   shard.Slab
	layout shard.Layout
}

// What Descriptor.Bucket is for what is no bucket.
const (
	counterExemplar = -1
	spreadExemplar  = -2 // one of a native histogram's, each of which has a slab
)

// Data words of an exemplar. Its labels follow: for each, uvarint length and bytes of
// name and of value.
const (
	exemplarValue  = iota
	exemplarTime   // Unix nanoseconds
	exemplarLength // bytes of labels
	exemplarWords
)

// leastExemplar is the words of the smallest slab, enough for a trace id. An
// exemplar that does not fit gets one twice as large, up to 128 words: 128
// characters are 512 bytes at most, their lengths 260.
const leastExemplar = 16

func (f *family) newExemplarFile(text *seriesText) *exemplarFile {
	if f.lasting == nil || text.is(freeing) {
		return nil
	}
	return &exemplarFile{fam: f, labels: text.String()}
}

// put writes the latest exemplar of a counter or bucket.
func (x *exemplarFile) put(bucket int, e *Exemplar) {
	if x.take() {
		defer x.mu.Unlock()
		x.write(x.place(func(p *exemplarPlace) bool { return p.bucket == bucket }, bucket), e)
	}
}

// putSpread writes e, which has just come into list, where an exemplar is that is in
// it no more.
func (x *exemplarFile) putSpread(list []*Exemplar, e *Exemplar) {
	if slices.Contains(list, e) && x.take() {
		defer x.mu.Unlock()
		x.write(x.place(func(p *exemplarPlace) bool {
			return p.bucket == spreadExemplar && !slices.Contains(list, p.has)
		}, spreadExemplar), e)
	}
}

// take tries for mu, and says whether the caller has it and may write.
func (x *exemplarFile) take() bool {
	if x == nil || !x.mu.TryLock() {
		return false
	}
	gone := x.gone // and so for ever
	if gone {
		x.mu.Unlock()
	}
	return !gone
}

// place returns the place that fits, or a new one.
func (x *exemplarFile) place(fits func(*exemplarPlace) bool, bucket int) *exemplarPlace {
	for i := range x.places {
		if fits(&x.places[i]) {
			return &x.places[i]
		}
	}
	x.places = append(x.places, exemplarPlace{bucket: bucket, slab: shard.NoSlab()})
	return &x.places[len(x.places)-1]
}

func (x *exemplarFile) write(p *exemplarPlace, e *Exemplar) {
	x.text = appendExemplarLabels(x.text[:0], e.Labels)
	need := shard.SectionWords + exemplarWords + (len(x.text)+7)/8
	if p.layout.Words < need && !x.enlarge(p, need, e) {
		return
	}
	x.fill(p.slab, e)
	p.has = e
}

// enlarge gives the exemplar a slab that is large enough. Readers see the new one,
// with the exemplar in it, in the moment in which they see the old one no more.
func (x *exemplarFile) enlarge(p *exemplarPlace, need int, e *Exemplar) bool {
	layout := shard.Layout{Words: leastExemplar, Shared: true}
	for layout.Words < need {
		layout.Words *= 2
	}
	var old []shard.Slab
	if p.slab.Valid() {
		old = []shard.Slab{p.slab}
	}
	desc := x.fam.describe(x.labels, 0, &descriptor.Descriptor{Kind: descriptor.Exemplar, Bucket: p.bucket})
	slab, err := x.fam.lasting.Replace(desc, layout, func(s shard.Slab) { x.fill(s, e) }, old)
	if err != nil {
		return false // the one that is there stays
	}
	if len(old) > 0 {
		x.fam.lasting.Free(p.slab, p.layout)
	}
	p.slab, p.layout = slab, layout
	return true
}

// fill writes the exemplar whose labels are in text.
func (x *exemplarFile) fill(slab shard.Slab, e *Exemplar) {
	s := slab.SharedSection()
	n := s.Begin()
	atomicf.Store(s.Word(exemplarValue), math.Float64bits(e.Value))
	seconds, nanoseconds := e.Timestamp.Unix()
	atomicf.Store(s.Word(exemplarTime), uint64(seconds*1e9+int64(nanoseconds)))
	atomicf.Store(s.Word(exemplarLength), uint64(len(x.text)))
	var word [8]byte
	for i, rest := exemplarWords, x.text; len(rest) > 0; i++ {
		clear(word[copy(word[:], rest):])
		atomicf.Store(s.Word(i), binary.NativeEndian.Uint64(word[:])) // the bytes in their order
		rest = rest[min(8, len(rest)):]
	}
	s.End(n)
}

func appendExemplarLabels(dst []byte, labels []encode.Label) []byte {
	for _, l := range labels {
		dst = append(binary.AppendUvarint(dst, uint64(len(l.Name))), l.Name...)
		dst = append(binary.AppendUvarint(dst, uint64(len(l.Value))), l.Value...)
	}
	return dst
}

// withdraw hides the exemplars from the store's readers. There will be no others.
func (x *exemplarFile) withdraw() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.gone = true
	for _, p := range x.places {
		if p.slab.Valid() {
			x.fam.lasting.Withdraw(p.slab)
		}
	}
}

// free returns the slabs to the store.
func (x *exemplarFile) free() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.places {
		if p.slab.Valid() {
			x.fam.lasting.Free(p.slab, p.layout)
		}
	}
	x.places = nil
}
