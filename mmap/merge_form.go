package mmap

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/nativehist"
)

// place is one description of a slab, as any number of files may have it: all that
// a descriptor says but for the start timestamp, and for what the words of one part
// of a native histogram mean. It is made when it is met first, and then found again
// by comparing bytes. What a file holds goes from place to place, so nothing is
// parsed twice.
//
// Model. Everything is immutable but next, which any reader of files may set, what
// belongs to the table's mutex, and what belongs to the merge.
type form struct {
	*descriptor.Descriptor
	hash       uint64 // of the key
	head, tail string // the descriptor up to its start timestamp, and after it
	series     *series
	class      class
	lasting    bool // the merge keeps the words of its entries, not only adds them

	next atomic.Pointer[form] // what followed this one in some file
	same *form                // with the same hash; under the table's mutex

	// Of the merge: what it thinks of this place in the present scan.
	scan    uint64
	fits    bool
	trouble string // what it disagrees on with the first of the family
	kind    ErrorKind

	folded *tally // of a fold
}

// parted says whether each slab has more to say of itself than place does.
func (p *form) parted() bool {
	return p.Kind == descriptor.NativeBase || p.Kind == descriptor.NativeBlock
}

// describes says whether desc describes a slab of this place.
func (p *form) describes(desc []byte) bool {
	after := len(p.head) + 8
	end := after + len(p.tail)
	return len(desc) >= end && (len(desc) == end || p.parted()) &&
		string(desc[:len(p.head)]) == p.head && string(desc[after:end]) == p.tail
}

// start returns the start timestamp that a descriptor of this place has.
func (p *form) start(desc []byte) int64 {
	return int64(binary.LittleEndian.Uint64(desc[len(p.head):]))
}

// part reads what a descriptor of this place says about a part of a native histogram.
func (p *form) part(desc []byte) (nativehist.Part, bool) {
	rest := desc[len(p.head)+8+len(p.tail):]
	ok := true
	signed := func() int64 {
		v, n := binary.Varint(rest)
		rest, ok = rest[max(n, 0):], ok && n > 0
		return v
	}
	unsigned := func() uint64 {
		v, n := binary.Uvarint(rest)
		rest, ok = rest[max(n, 0):], ok && n > 0
		return v
	}
	part := nativehist.Part{Block: p.Kind == descriptor.NativeBlock, Schema: int32(signed())}
	if len(rest) < 8 {
		return part, false
	}
	part.Threshold = math.Float64frombits(binary.LittleEndian.Uint64(rest))
	rest = rest[8:]
	extra := unsigned()
	part.Extra = int(extra)
	for i := range part.Reaches {
		first, cells := signed(), unsigned()
		part.Reaches[i] = nativehist.Reach{First: int32(first), Cells: uint32(cells)}
		ok = ok && cells <= file.StripeWords && first == int64(int32(first))
	}
	return part, ok && len(rest) == 0 && extra <= file.StripeWords
}

// table is all places. It may be used by several goroutines that read files.
type table struct {
	first form // whose next is where a file begins

	mu     sync.Mutex
	limit  int
	count  int
	byHash map[uint64]*form
	series map[string]*series // by key
	named  map[string]*family
}

func newTable(limit int) *table {
	return &table{limit: limit, byHash: make(map[uint64]*form), series: make(map[string]*series), named: make(map[string]*family)}
}

// find returns the place of a record. before is that of the record before it in the
// file: most files have the same records in the same order, and then one
// comparison is all.
func (t *table) find(r *file.Record, before *form) (*form, error) {
	if p := before.next.Load(); p != nil && p.hash == r.KeyHash && p.describes(r.Desc) {
		return p, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for p := t.byHash[r.KeyHash]; p != nil; p = p.same {
		if p.describes(r.Desc) {
			before.next.Store(p)
			return p, nil
		}
	}
	p, err := t.add(r)
	if err == nil {
		before.next.Store(p)
	}
	return p, err
}

// add makes the place of a record whose like has not been met. The mutex is held.
func (t *table) add(r *file.Record) (*form, error) {
	if t.count >= t.limit {
		return nil, errOversized
	}
	d, err := descriptor.Parse(r.Desc)
	if err != nil {
		return nil, err
	}
	if string(descriptor.Append(nil, d)) != string(r.Desc) {
		return nil, damaged(0, "descriptor of %q: not as it would be written", d.Family)
	}
	if err := checkDescriptor(d); err != nil {
		return nil, err
	}
	key := descriptor.AppendKey(nil, d.Family, d.Labels)
	if xxhash.Sum64(key) != r.KeyHash {
		return nil, damaged(0, "descriptor of %q: hash %#x, and its key has %#x", d.Family, r.KeyHash, xxhash.Sum64(key))
	}
	p := &form{Descriptor: d, hash: r.KeyHash, class: classOf[d.Kind]}
	p.lasting = p.parted() || d.Kind == descriptor.Exemplar || d.Kind == descriptor.StateSet || d.Kind == descriptor.Enum
	start := len(key) + 4 + textBytes(d.Help) + textBytes(d.Unit) + textBytes(d.Pid)
	end := len(r.Desc)
	if p.parted() {
		end = start + 8 + countBytes(len(d.Bounds)) + 8*len(d.Bounds)
	}
	p.head, p.tail = string(r.Desc[:start]), string(r.Desc[start+8:end])
	p.same, t.byHash[p.hash] = t.byHash[p.hash], p
	t.count++
	p.series = t.seriesOf(string(key), d)
	return p, nil
}

func textBytes(s string) int { return countBytes(len(s)) + len(s) }

// countBytes is how long a number is as a uvarint.
func countBytes(n int) int {
	var b [binary.MaxVarintLen64]byte
	return binary.PutUvarint(b[:], uint64(n))
}

func (t *table) seriesOf(key string, d *descriptor.Descriptor) *series {
	s := t.series[key]
	if s == nil {
		f := t.named[d.Family]
		if f == nil {
			f = &family{name: d.Family}
			t.named[d.Family] = f
		}
		s = &series{family: f, labels: d.Labels, number: len(t.series)}
		t.series[key] = s
	}
	return s
}

// typesOf says which types of families a kind of slab can belong to.
var typesOf = map[descriptor.Kind][]encode.Type{
	descriptor.Counter:     {encode.Counter},
	descriptor.Fraction:    {encode.Counter},
	descriptor.Gauge:       {encode.Gauge, encode.Untyped},
	descriptor.Recent:      {encode.Gauge, encode.Untyped},
	descriptor.UpDown:      {encode.Gauge, encode.Untyped},
	descriptor.Histogram:   {encode.Histogram, encode.GaugeHistogram},
	descriptor.NativeBase:  {encode.Histogram, encode.GaugeHistogram},
	descriptor.NativeBlock: {encode.Histogram, encode.GaugeHistogram},
	descriptor.Summary:     {encode.Summary},
	descriptor.Info:        {encode.Info},
	descriptor.StateSet:    {encode.StateSet},
	descriptor.Enum:        {encode.StateSet},
	descriptor.Exemplar:    {encode.Counter, encode.Histogram, encode.GaugeHistogram},
}

// checkDescriptor refuses what no engine writes and no format could say.
func checkDescriptor(d *descriptor.Descriptor) error {
	switch {
	case !encode.ValidUTF8Name(d.Family):
		return damaged(0, "descriptor: family %q is no name", d.Family)
	case !slices.Contains(typesOf[d.Kind], d.Type):
		return damaged(0, "descriptor of %q: kind %d in a family of type %v", d.Family, d.Kind, d.Type)
	case !utf8.ValidString(d.Help) || !utf8.ValidString(d.Unit) || !utf8.ValidString(d.Pid):
		return damaged(0, "descriptor of %q: not UTF-8", d.Family)
	case len(d.Bounds) > file.StripeWords || len(d.States) > 64*file.StripeWords:
		return damaged(0, "descriptor of %q: %d bounds, %d states", d.Family, len(d.Bounds), len(d.States))
	}
	for i, l := range d.Labels {
		if !encode.ValidUTF8Name(l.Name) || !utf8.ValidString(l.Value) {
			return damaged(0, "descriptor of %q: label %s=%s", d.Family, strconv.Quote(l.Name), strconv.Quote(l.Value))
		}
		if i > 0 && d.Labels[i-1].Name >= l.Name {
			return damaged(0, "descriptor of %q: labels out of order", d.Family)
		}
	}
	for i, b := range d.Bounds {
		if math.IsNaN(b) || math.IsInf(b, 1) || i > 0 && d.Bounds[i-1] >= b {
			return damaged(0, "descriptor of %q: bound %v", d.Family, b)
		}
	}
	return nil
}

// outWords is how many words a slab of so many comes to when it has been read, and
// whether it can be one of this place at all.
func (p *form) outWords(words uint32, part *nativehist.Part) (out int, ok bool) {
	want := uint32(0)
	switch p.Kind {
	case descriptor.Counter:
		want, out = 1, 1
	case descriptor.Fraction:
		want, out = 1, 2
	case descriptor.Gauge, descriptor.Enum:
		want, out = 1, 1
	case descriptor.Info:
		want = 1
	case descriptor.Recent:
		want, out = 4, 2
	case descriptor.UpDown:
		want, out = 2, 1
	case descriptor.Histogram:
		want, out = uint32(4+len(p.Bounds)), 3+len(p.Bounds)
	case descriptor.Summary:
		want, out = 4, 3
	case descriptor.StateSet:
		want = uint32((len(p.States) + 63) / 64)
		out = int(want)
	case descriptor.NativeBase:
		want, out = uint32(6+part.Extra), int(words)-2
	case descriptor.NativeBlock:
		want = uint32(4+part.Extra) + part.Reaches[0].Cells + part.Reaches[1].Cells
		out = int(want) - 1 // without the marks, with what rounding took
	case descriptor.Exemplar:
		want, out = 5, int(words)-2
	}
	return out, words >= want && words > 0
}
