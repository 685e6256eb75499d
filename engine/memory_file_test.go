package engine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// memoryFile is a store that persists, as files are, but in plain memory: records of
// descriptors beside chunks of words. exposition reads it as another process would,
// by descriptors and words alone, as mmap/FORMAT.md has them.
//
// It watches its callers: what they do wrong is in faults.
type memoryFile struct {
	mu      sync.Mutex
	err     error // what Alloc and Replace answer
	cut     [2]memoryChunk
	records []*memoryRecord
	bySlab  map[shard.Slab]*memoryRecord
	free    map[shard.Layout][]*memoryRecord
	calls   []string // kinds of slabs with what became of them
	faults  []string
}

// memoryChunk is a chunk that slabs are cut from.
type memoryChunk struct {
	chunk *shard.Chunk
	mem   []uint64
	ready *atomic.Int32
	used  int
}

type memoryRecord struct {
	desc   []byte
	kind   descriptor.Kind
	layout shard.Layout
	slab   shard.Slab
	mem    []uint64 // of the chunk
	ready  *atomic.Int32
	first  int
	state  atomic.Uint64 // a state below, and the number of uses above
}

const (
	liveRecord = 1 + iota
	withdrawnRecord
	deadRecord
)

const memoryStripe = shard.StripeBytes / 8

var recordKinds = map[descriptor.Kind]string{descriptor.Counter: "counter", descriptor.Fraction: "fraction", descriptor.Gauge: "gauge",
	descriptor.Recent: "recent", descriptor.UpDown: "updown", descriptor.Histogram: "histogram", descriptor.NativeBase: "base",
	descriptor.NativeBlock: "block", descriptor.Exemplar: "exemplar"}

func (s *memoryFile) Alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	return s.publish("alloc", desc, l, func(shard.Slab) {}, nil)
}

func (s *memoryFile) Replace(desc []byte, l shard.Layout, fill func(shard.Slab), old []shard.Slab) (shard.Slab, error) {
	return s.publish("replace", desc, l, fill, old)
}

func (s *memoryFile) publish(call string, desc []byte, l shard.Layout, fill func(shard.Slab), old []shard.Slab) (shard.Slab, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return shard.NoSlab(), s.err
	}
	d, err := descriptor.Parse(desc)
	if err != nil {
		s.fault("%s of %q: %v", call, desc, err)
		return shard.NoSlab(), err
	}
	r := s.take(l)
	r.desc, r.kind = bytes.Clone(desc), d.Kind
	fill(r.slab)
	r.state.Store(r.state.Load()&^0xff + 0x100 | liveRecord)
	for _, slab := range old {
		if o := s.find(call, slab, liveRecord); o != nil {
			o.state.Store(o.state.Load()&^0xff | withdrawnRecord)
		}
	}
	s.note(call, r)
	return r.slab, nil
}

// take returns a record without a state, and its words.
func (s *memoryFile) take(l shard.Layout) *memoryRecord {
	if list := s.free[l]; len(list) > 0 {
		s.free[l] = list[1:]
		return list[0]
	}
	c := &s.cut[0]
	if l.Shared {
		c = &s.cut[1]
	}
	if c.chunk == nil || c.used+l.Words > memoryStripe {
		*c = newMemoryChunk(l.Shared)
	}
	r := &memoryRecord{layout: l, slab: c.chunk.Slab(c.used), mem: c.mem, ready: c.ready, first: c.used}
	c.used += l.Words
	s.records = append(s.records, r)
	if s.bySlab == nil {
		s.bySlab = map[shard.Slab]*memoryRecord{}
	}
	s.bySlab[r.slab] = r
	return r
}

func newMemoryChunk(shared bool) memoryChunk {
	stripes := shard.Stripes()
	if shared {
		stripes = 0
	}
	mem := make([]uint64, (1+stripes)*memoryStripe)
	c := memoryChunk{mem: mem, ready: new(atomic.Int32)}
	c.ready.Store(int32(min(runtime.GOMAXPROCS(0), stripes)))
	b := shard.Backing{Mem: unsafe.Slice((*byte)(unsafe.Pointer(&mem[0])), len(mem)*8), Ready: int(c.ready.Load())}
	if !shared {
		ready := c.ready
		b.Grow = func(want int) int { ready.Store(int32(want)); return want }
	}
	c.chunk = shard.NewChunk(b)
	return c
}

func (s *memoryFile) Withdraw(slab shard.Slab) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.find("withdraw", slab, liveRecord); r != nil {
		r.state.Store(r.state.Load()&^0xff | withdrawnRecord)
		s.note("withdraw", r)
	}
}

func (s *memoryFile) Free(slab shard.Slab, l shard.Layout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.find("free", slab, withdrawnRecord)
	switch {
	case r == nil:
		return
	case r.layout != l:
		s.fault("free of %v with layout %v", r.layout, l)
	}
	r.state.Store(r.state.Load()&^0xff | deadRecord)
	for stripe := range 1 + int(r.ready.Load()) {
		for i := range r.layout.Words {
			atomic.StoreUint64(&r.mem[stripe*memoryStripe+r.first+i], 0)
		}
	}
	if s.free == nil {
		s.free = map[shard.Layout][]*memoryRecord{}
	}
	s.free[l] = append(s.free[l], r)
	s.note("free", r)
}

// find returns the record of a slab, which must be in that state.
func (s *memoryFile) find(call string, slab shard.Slab, state uint64) *memoryRecord {
	if r := s.bySlab[slab]; r != nil && r.state.Load()&0xff == state {
		return r
	}
	s.fault("%s of a slab that is not in state %d", call, state)
	return nil
}

func (s *memoryFile) note(call string, r *memoryRecord) {
	s.calls = append(s.calls, call+" "+recordKinds[r.kind])
}

func (s *memoryFile) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

func (s *memoryFile) setErr(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// called returns what the store was asked since the last time.
func (s *memoryFile) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

// count returns how many records are in a state.
func (s *memoryFile) count(state uint64) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.records {
		if r.state.Load()&0xff == state {
			n++
		}
	}
	return n
}

func (s *memoryFile) check(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		t.Error(f)
	}
}

// What follows is the other process.

// stripe returns the words of the record on stripe i, 0 being the shared one.
func (r *memoryRecord) stripe(i int) []uint64 {
	at := i*memoryStripe + r.first
	return r.mem[at : at+r.layout.Words : at+r.layout.Words]
}

func (r *memoryRecord) stripes() int {
	if r.layout.Shared {
		return 1
	}
	return 1 + int(r.ready.Load())
}

func (r *memoryRecord) sum(word int) (n uint64) {
	for i := range r.stripes() {
		n += atomic.LoadUint64(&r.stripe(i)[word])
	}
	return n
}

func (r *memoryRecord) sumFloat(word int) (v float64) {
	for i := range r.stripes() {
		v += math.Float64frombits(atomic.LoadUint64(&r.stripe(i)[word]))
	}
	return v
}

// section copies the data words of a stripe's section, whole.
func (r *memoryRecord) section(i int) []uint64 {
	words := r.stripe(i)
	data := make([]uint64, len(words)-shard.SectionWords)
	for {
		end := atomic.LoadUint64(&words[1])
		for i := range data {
			data[i] = atomic.LoadUint64(&words[shard.SectionWords+i])
		}
		if atomic.LoadUint64(&words[0]) == end {
			return data
		}
		runtime.Gosched()
	}
}

// seen is one live record, with its descriptor.
type seen struct {
	*descriptor.Descriptor
	rec   *memoryRecord
	state uint64
}

// live returns the live records by series, in the order of an exposition.
func (s *memoryFile) live(t testing.TB) (list [][]seen) {
	t.Helper()
	series := map[string][]seen{}
	s.mu.Lock()
	for _, r := range s.records {
		if state := r.state.Load(); state&0xff == liveRecord {
			d, err := descriptor.Parse(r.desc)
			if err != nil {
				t.Fatal(err)
			}
			key := string(descriptor.AppendKey(nil, d.Family, d.Labels))
			series[key] = append(series[key], seen{d, r, state})
		}
	}
	s.mu.Unlock()
	for _, one := range series {
		slices.SortStableFunc(one, func(a, b seen) int { return int(a.Kind) - int(b.Kind) })
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b []seen) int {
		return cmp.Or(strings.Compare(a[0].Family, b[0].Family), slices.CompareFunc(a[0].Labels, b[0].Labels, func(a, b Label) int {
			return strings.Compare(a.Value, b.Value)
		}))
	})
	return list
}

// exposition is what the file says, as text.
func (s *memoryFile) exposition(t testing.TB) string {
	t.Helper()
	var dst []byte
	family := ""
	for _, one := range s.live(t) {
		d := one[0]
		if d.Family != family || dst == nil {
			family = d.Family
			dst = encode.AppendHeader(dst, Format{}, &encode.Family{Name: d.Family, Help: d.Help, Unit: d.Unit, Type: d.Type})
		}
		dst = appendSeen(dst, one)
	}
	return string(dst)
}

func appendSeen(dst []byte, one []seen) []byte {
	d := one[0]
	line := func(suffix string, more ...Label) {
		dst = encode.AppendSeries(dst, Format{}, d.Family, suffix, append(slices.Clip(d.Labels), more...))
	}
	switch d.Kind {
	case descriptor.Counter:
		line("")
		if len(one) > 1 && one[1].Kind == descriptor.Fraction {
			dst = encode.AppendFloat(dst, float64(d.rec.sum(0))+one[1].rec.sumFloat(0))
		} else {
			dst = encode.AppendUint(dst, d.rec.sum(0))
		}
	case descriptor.Gauge:
		line("")
		dst = encode.AppendFloat(dst, math.Float64frombits(d.rec.sum(0)))
	case descriptor.Recent:
		line("")
		dst = encode.AppendFloat(dst, d.newest())
	case descriptor.UpDown:
		line("")
		dst = encode.AppendInt(dst, int64(d.rec.sum(0)-d.rec.sum(1)))
	case descriptor.Histogram:
		sum, counts, count := d.histogram()
		total := uint64(0)
		for i, n := range counts {
			total += n
			bound := inf
			if i < len(d.Bounds) {
				bound = d.Bounds[i]
			}
			line("_bucket", Label{Name: "le", Value: string(encode.AppendBound(nil, bound))})
			dst = append(encode.AppendUint(dst, total), '\n')
		}
		line("_sum")
		dst = append(encode.AppendFloat(dst, sum), '\n')
		line("_count")
		dst = encode.AppendUint(dst, count)
	case descriptor.NativeBase, descriptor.NativeBlock:
		h, buckets := sumNative(one)
		bounds := append(slices.Clone(d.Bounds), inf)
		if len(buckets) == 0 {
			buckets = []uint64{h.Count}
		}
		total := uint64(0)
		for i, n := range buckets {
			total += n
			line("_bucket", Label{Name: "le", Value: string(encode.AppendBound(nil, bounds[i]))})
			dst = append(encode.AppendUint(dst, total), '\n')
		}
		line("_sum")
		dst = append(encode.AppendFloat(dst, h.Sum), '\n')
		line("_count")
		dst = encode.AppendUint(dst, h.Count)
	default:
		dst = fmt.Appendf(dst, "%s has kind %d", d.Family, d.Kind)
	}
	return append(dst, '\n')
}

// sumNative adds up the parts of a native histogram, and its classic buckets.
func sumNative(one []seen) (h NativeHistogram, buckets []uint64) {
	var sum nativehist.Sum
	each := func(add func(seen, nativehist.Part) error) {
		for _, d := range one {
			if d.Kind != descriptor.NativeBase && d.Kind != descriptor.NativeBlock {
				continue
			}
			p := nativehist.Part{Block: d.Kind == descriptor.NativeBlock, Schema: d.Schema, Threshold: d.Threshold, Extra: int(d.Extra)}
			for i, r := range d.Reaches {
				p.Reaches[i] = nativehist.Reach(r)
			}
			if err := add(d, p); err != nil {
				panic(err)
			}
			buckets = make([]uint64, d.Extra)
		}
	}
	each(func(_ seen, p nativehist.Part) error { return sum.Meet(p) })
	each(func(d seen, p nativehist.Part) error {
		for i := range d.rec.stripes() {
			if err := sum.Add(p, d.rec.section(i)); err != nil {
				return err
			}
		}
		return nil
	})
	sum.Histogram(&h)
	sum.Extra(buckets)
	return h, buckets
}

func (d *seen) newest() float64 {
	var value, at uint64
	for i := range d.rec.stripes() {
		if pair := d.rec.section(i); pair[1] > at {
			value, at = pair[0], pair[1]
		}
	}
	return math.Float64frombits(value)
}

func (d *seen) histogram() (sum float64, counts []uint64, count uint64) {
	counts = make([]uint64, len(d.Bounds)+1)
	for i := range d.rec.stripes() {
		data := d.rec.section(i)
		sum += math.Float64frombits(data[0])
		for b, n := range data[1:] {
			counts[b] += n
			count += n
		}
	}
	return sum, counts, count
}

// exemplars returns the exemplars of a family's series, by bucket.
func (s *memoryFile) exemplars(t testing.TB, family string) map[int][]Exemplar {
	t.Helper()
	list := map[int][]Exemplar{}
	for _, one := range s.live(t) {
		for _, d := range one {
			if d.Family == family && d.Kind == descriptor.Exemplar {
				e, whole := d.exemplar()
				if !whole {
					t.Fatalf("an exemplar of %s has torn labels: %+v", family, e)
				}
				list[d.Bucket] = append(list[d.Bucket], e)
			}
		}
	}
	return list
}

func (d *seen) exemplar() (e Exemplar, whole bool) {
	data := d.rec.section(0)
	e.Value = math.Float64frombits(data[0])
	e.Timestamp = encode.UnixTimestamp(0, int64(data[1]))
	var text []byte
	for _, w := range data[3:] {
		text = binary.NativeEndian.AppendUint64(text, w)
	}
	text = text[:min(data[2], uint64(len(text)))]
	whole = true
	next := func() string {
		n, size := binary.Uvarint(text)
		if size <= 0 || n > uint64(len(text)-size) {
			text, whole = nil, false
			return ""
		}
		s := string(text[size : size+int(n)])
		text = text[size+int(n):]
		return s
	}
	for len(text) > 0 {
		e.Labels = append(e.Labels, Label{Name: next(), Value: next()})
	}
	return e, whole
}
