//go:build linux || darwin || freebsd

package mmap

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// memoryDir returns a directory on tmpfs where the system has one in the usual place,
// and a temporary one elsewhere.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "pawl-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func openStore(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func describe(kind descriptor.Kind, name string, labels ...encode.Label) []byte {
	return descriptor.Append(nil, &descriptor.Descriptor{Family: name, Labels: labels, Kind: kind, Type: encode.Counter, Help: "Helps."})
}

func counter(name string) []byte { return describe(descriptor.Counter, name) }

var (
	one    = shard.Layout{Words: 1}
	shared = shard.Layout{Words: 1, Shared: true}
)

func alloc(t testing.TB, s *Store, desc []byte, l shard.Layout) shard.Slab {
	t.Helper()
	slab, err := s.Alloc(desc, l)
	if err != nil {
		t.Fatal(err)
	}
	return slab
}

// inc is Counter.Inc.
func inc(s shard.Slab) {
	ready := s.Ready()
	if p := shard.Pin(); uint(p) < ready {
		atomicf.Add(s.Word(p), 1)
		shard.Unpin()
		return
	}
	shard.Unpin()
	s.Add(0, 1)
}

// everywhere has goroutines count on all Ps, each so often.
func everywhere(slab shard.Slab, goroutines, each int) {
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range each {
				inc(slab)
				if i%100 == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	wg.Wait()
}

// What is in the file is what FORMAT.md says, and what was recorded.
func TestFile(t *testing.T) {
	dir := memoryDir(t)
	s := openStore(t, dir, Options{})
	c := alloc(t, s, counter("c_total"), one)
	h := alloc(t, s, describe(descriptor.Histogram, "h"), shard.Layout{Words: 5})
	g := alloc(t, s, describe(descriptor.Gauge, "g"), shared)
	everywhere(c, 4, 1000)
	for i := range 5 {
		h.Add(i, uint64(10+i))
	}
	*g.Shared(0) = math.Float64bits(-2.5)

	f := read(t, s.Stats().Path)
	host, _ := os.Hostname()
	if f.kind != 1 || f.pid != uint64(os.Getpid()) || f.host != host || f.slot != "" || f.closed {
		t.Errorf("%+v", f)
	}
	if want := filepath.Join(dir, fmt.Sprintf("p-%x.pawl", f.id)); s.Stats().Path != want {
		t.Errorf("named %s, want %s", s.Stats().Path, want)
	}
	if f.live != 3 || f.counter("c_total") != 4000 || float(f.counter("g")) != -2.5 {
		t.Errorf("%d records, c %d, g %v", f.live, f.counter("c_total"), float(f.counter("g")))
	}
	r := f.family(t, "h")
	for i := range 5 {
		if f.sum(r, i) != uint64(10+i) {
			t.Errorf("h's word %d is %d", i, f.sum(r, i))
		}
	}
	if n := len(f.cells(f.family(t, "g"))); n != 1 {
		t.Errorf("the gauge has %d stripes, want the shared one", n)
	}
	if n := len(f.cells(r)); n != 1+psNow() {
		t.Errorf("the histogram has %d stripes, want %d", n, 1+psNow())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !read(t, s.Stats().Path).closed {
		t.Error("not closed")
	}
	everywhere(c, 4, 1000) // into memory that is still there
	if got := c.Sum(0); got != 8000 {
		t.Errorf("after Close the handle counts %d, want 8000", got)
	}
	if _, err := s.Alloc(counter("d_total"), one); !errors.Is(err, ErrClosed) {
		t.Errorf("Alloc after Close: %v", err)
	}
	if _, err := s.Replace(counter("d_total"), one, func(shard.Slab) {}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Replace after Close: %v", err)
	}
	s.Withdraw(c)
	s.Free(c, one)
	if err := s.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if s.Stats().Slabs != 3 {
		t.Errorf("%+v", s.Stats())
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the directory has %v, %v", left, err)
	}
}

// A process with some series costs some pages.
func TestDiskSpaceOfASmallProcess(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	s := openStore(t, memoryDir(t), Options{})
	for i := range 200 {
		alloc(t, s, counter(fmt.Sprintf("some_requests_of_kind_%d_total", i)), one)
	}
	st := s.Stats()
	page := int64(os.Getpagesize())
	most := 5*page + st.Directory + page
	if st.Memory && st.Bytes > most {
		t.Errorf("%d bytes, of them %d of directory; want at most %d", st.Bytes, st.Directory, most)
	}
	t.Logf("200 counters: %d bytes on %s, of them %d of directory", st.Bytes, st.FileSystem, st.Directory)
}

func TestMalformedDescriptor(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	for range 2 {
		if _, err := s.Alloc([]byte{200, 1}, one); !errors.Is(err, descriptor.ErrMalformed) {
			t.Errorf("%v", err)
		}
	}
	for _, words := range []int{-1, 0, shard.MaxWords + 1} {
		if _, err := s.Alloc(counter("c"), shard.Layout{Words: words}); !errors.Is(err, shard.ErrTooLarge) {
			t.Errorf("%d words: %v", words, err)
		}
	}
	if f := read(t, s.Stats().Path); f.live != 0 || f.directory != 0 {
		t.Errorf("%d records, %d bytes", f.live, f.directory)
	}
	alloc(t, s, counter("c"), shard.Layout{Words: shard.MaxWords})
}

// A freed slab is dead, its cells zeroed and given to the next of its layout, and
// its record too, with one more use.
func TestReuse(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	a := alloc(t, s, counter("a_rather_long_name_total"), one)
	everywhere(a, 2, 100)
	s.Withdraw(a)
	if f := read(t, s.Stats().Path); f.live != 0 {
		t.Errorf("withdrawn, and %d live", f.live)
	}
	s.Free(a, one)
	s.Free(a, one) // once is enough
	if f := read(t, s.Stats().Path); f.live != 0 || f.dead != 1 {
		t.Errorf("freed, and %d live, %d dead", f.live, f.dead)
	}
	used := s.Stats().Directory
	b := alloc(t, s, counter("b_total"), one)
	if b != a || b.Sum(0) != 0 {
		t.Errorf("the cells were not reused, or not zeroed: %d", b.Sum(0))
	}
	f := read(t, s.Stats().Path)
	if f.live != 1 || f.dead != 0 || s.Stats().Directory != used || f.family(t, "b_total").state != 1|2<<8 {
		t.Errorf("%d live, %d dead, directory %d, want %d, state %#x", f.live, f.dead, s.Stats().Directory, used, f.records[0].state)
	}
	c := alloc(t, s, counter("c_total"), shared)
	s.Free(c, shared)
	if d := alloc(t, s, counter("d_total"), one); d == c {
		t.Error("cells of the shared stripe were given to a slab that wants all")
	}
	s.Free(shard.NoSlab(), one)
	s.Free(shard.Slab{}, one)
	other := openStore(t, memoryDir(t), Options{})
	s.Free(alloc(t, other, counter("e_total"), one), one)
	if n := other.Stats().Slabs; n != 1 {
		t.Errorf("another store's slab was freed: %d left", n)
	}
}

func TestReplace(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	var old []shard.Slab
	for i := range 3 {
		old = append(old, alloc(t, s, describe(descriptor.NativeBlock, "h"), one))
		old[i].Add(0, uint64(1+i))
	}
	s.Withdraw(old[2]) // so it has nothing to be replaced of
	slab, err := s.Replace(describe(descriptor.NativeBlock, "h"), one, func(n shard.Slab) {
		if f := read(t, s.Stats().Path); f.live != 2 {
			t.Errorf("%d live while the new one is filled", f.live)
		}
		for _, o := range old {
			n.Add(0, o.Sum(0))
		}
	}, old)
	if err != nil {
		t.Fatal(err)
	}
	f := read(t, s.Stats().Path)
	if f.live != 1 || f.counter("h") != 6 || len(f.records[0].replaced) != 2 {
		t.Errorf("%d live, sum %d, %+v", f.live, f.counter("h"), f.records)
	}
	// The old ones' states, as a kill right after the publication leaves them.
	for _, o := range old[:2] {
		p, _ := s.find(o)
		s.dir.mark(*p.record(), 1)
	}
	if f := read(t, s.Stats().Path); f.live != 1 || f.replacement != 2 || f.counter("h") != 6 {
		t.Errorf("killed: %d live, %d replaced, sum %d", f.live, f.replacement, f.counter("h"))
	}
	for _, o := range old {
		s.Free(o, one)
	}
	again := alloc(t, s, describe(descriptor.NativeBlock, "h"), one) // in the place of a replaced one
	again.Add(0, 100)
	if f := read(t, s.Stats().Path); f.live != 2 || f.counter("h") != 106 {
		t.Errorf("reused: %d live, sum %d", f.live, f.counter("h"))
	}
	if slab.Sum(0) != 6 {
		t.Errorf("the new one has %d", slab.Sum(0))
	}
}

// Series that come and go leave no trace in the file's size, whatever their names.
func TestChurn(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	const alive, rounds = 300, 30
	var slabs [alive]shard.Slab
	layout := func(i int) shard.Layout { return shard.Layout{Words: 1 + i%3, Shared: i%2 == 0} }
	var first Stats
	for round := range rounds {
		for i := range slabs {
			if round > 0 {
				s.Withdraw(slabs[i])
				s.Free(slabs[i], layout(i))
			}
			name := strings.Repeat("n", 1+(i*7+round*13)%90)
			slabs[i] = alloc(t, s, describe(descriptor.Counter, name, encode.Label{Name: "i", Value: fmt.Sprint(i, round)}), layout(i))
			slabs[i].Add(0, uint64(i))
		}
		if round == 4 {
			first = s.Stats()
		}
	}
	last := s.Stats()
	if last.Length > first.Length || last.Directory > first.Directory*5/4 || last.Chunks != first.Chunks {
		t.Errorf("after 5 rounds %+v\nafter %d %+v", first, rounds, last)
	}
	f := read(t, last.Path)
	if f.live != alive {
		t.Errorf("%d live, want %d", f.live, alive)
	}
	var sum uint64
	for _, r := range f.records {
		sum += f.sum(r, 0)
	}
	if sum != alive*(alive-1)/2 {
		t.Errorf("the sum is %d, want %d", sum, alive*(alive-1)/2)
	}
}

// Many series: several chunks, several extents of directory, fillers between.
func TestGrowth(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	const n = 20_000
	slabs := make([]shard.Slab, n)
	for i := range slabs {
		slabs[i] = alloc(t, s, describe(descriptor.Counter, "c_total", encode.Label{Name: "i", Value: fmt.Sprint(i) + strings.Repeat("x", i%50)}), one)
		slabs[i].Add(0, uint64(i))
	}
	f := read(t, s.Stats().Path)
	if f.live != n || f.fillers == 0 || s.Stats().Chunks < 3 || f.counter("c_total") != n*(n-1)/2 {
		t.Errorf("%d live, %d fillers, sum %d, %+v", f.live, f.fillers, f.counter("c_total"), s.Stats())
	}
	// A record longer than any extent so far.
	long := bytes.Repeat([]byte("l"), 900_000)
	alloc(t, s, describe(descriptor.Counter, string(long)), one)
	if _, err := s.Alloc(describe(descriptor.Counter, string(long)+string(long)), one); err == nil {
		t.Error("a record of more than 1 MiB")
	}
	read(t, s.Stats().Path).family(t, string(long))
	alloc(t, s, counter("last_total"), one)
	read(t, s.Stats().Path).family(t, "last_total")
}

// More Ps than a chunk has stripes: they get their own while others record, and
// nothing is lost; past the reservation they share.
func TestMorePs(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	s := openStore(t, memoryDir(t), Options{})
	c := alloc(t, s, counter("c_total"), one)
	var total atomic.Uint64
	var wg sync.WaitGroup
	for _, ps := range []int{1, 3, 8, shard.Stripes() + 3} {
		runtime.GOMAXPROCS(ps)
		for range 2 * ps {
			wg.Go(func() {
				for range 500 {
					inc(c)
					runtime.Gosched()
				}
				total.Add(500)
			})
		}
		alloc(t, s, counter(fmt.Sprint("c", ps)), shard.Layout{Words: 600}) // new pages meanwhile
	}
	wg.Wait()
	for shard.Stripes() > 0 && c.Ready() < 2 { // a busy machine may have run all that on one P
		everywhere(c, 8, 1000)
		total.Add(8 * 1000)
	}
	if got := c.Sum(0); got != total.Load() {
		t.Errorf("%d counted, want %d", got, total.Load())
	}
	f := read(t, s.Stats().Path)
	if got := f.counter("c_total"); got != total.Load() {
		t.Errorf("%d in the file, want %d", got, total.Load())
	}
	stripes := len(f.cells(f.family(t, "c_total")))
	t.Logf("%d stripes in %d extents", stripes, len(f.extents))
	if shard.Stripes() > 0 && stripes < 3 || stripes != 1+int(c.Ready()) {
		t.Errorf("%d stripes in the file, %d ready", stripes, c.Ready())
	}
}

// Many stores, of one process even, are as many files.
func TestManyOpens(t *testing.T) {
	dir := memoryDir(t)
	const n = 40
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			s, err := Open(dir, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			slab, err := s.Alloc(counter("c_total"), one)
			if err != nil {
				t.Error(err)
				return
			}
			slab.Add(0, uint64(i))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	paths, _ := filepath.Glob(filepath.Join(dir, "*"))
	var sum uint64
	ids := make(map[[16]byte]bool)
	for _, p := range paths {
		f := read(t, p)
		sum += f.counter("c_total")
		ids[f.id] = true
	}
	if len(paths) != n || len(ids) != n || sum != n*(n-1)/2 {
		t.Errorf("%d files, %d ids, sum %d", len(paths), len(ids), sum)
	}
}

// Allocation, Free, Replace and recording all at once.
func TestConcurrent(t *testing.T) {
	s := openStore(t, memoryDir(t), Options{})
	keep := alloc(t, s, counter("keep_total"), one)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			l := shard.Layout{Words: 1 + g%3, Shared: g%4 == 0}
			for i := range 200 {
				a, err := s.Alloc(counter(fmt.Sprint("a", g, i)), l)
				if err != nil {
					t.Error(err)
					return
				}
				a.Add(0, 1)
				b, err := s.Replace(counter(fmt.Sprint("b", g, i)), l, func(n shard.Slab) { n.Add(0, a.Sum(0)) }, []shard.Slab{a})
				if err != nil {
					t.Error(err)
					return
				}
				s.Free(a, l)
				if b.Sum(0) != 1 {
					t.Errorf("%d", b.Sum(0))
				}
				inc(keep)
				s.Withdraw(b)
				s.Free(b, l)
			}
		})
	}
	wg.Wait()
	if f := read(t, s.Stats().Path); f.live != 1 || f.counter("keep_total") != 1600 {
		t.Errorf("%d live, %d kept", f.live, f.counter("keep_total"))
	}
}
