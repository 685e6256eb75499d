package engine

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/shard"
)

// soak lengthens the stress tests: go test ./engine -run Stress -soak 5m
var soak = flag.Duration("soak", 0, "how long each stress test runs; 0 means a second or so")

func stressTime() time.Duration {
	if *soak > 0 {
		return *soak
	}
	return 500 * time.Millisecond
}

// named is the options of a family with this name and no others.
func named(name string) Opts { return Opts{Name: name} }

// buckets is the options of a histogram with this name and these bounds.
func buckets(name string, bounds ...float64) HistogramOpts {
	return HistogramOpts{Opts: named(name), Buckets: bounds}
}

// sample is one line of an exposition.
type sample struct {
	name   string
	labels []encode.Label
	value  string
}

// label returns the value of one label, or "".
func (s *sample) label(name string) string {
	for _, l := range s.labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// exposed is one family of an exposition.
type exposed struct {
	name, help, typ string
	samples         []sample
}

var (
	familyName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	sampleLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$`)
	labelPair  = regexp.MustCompile(`^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)`)
)

// parse reads an exposition strictly: it accepts what we mean to write, no
// more. Every family is one run of lines, under a TYPE line of its own.
func parse(t testing.TB, text string) []exposed {
	t.Helper()
	if text != "" && !strings.HasSuffix(text, "\n") {
		t.Fatalf("the exposition ends within a line: %q", tailOf(text))
	}
	if !utf8.ValidString(text) {
		t.Fatal("the exposition is not UTF-8")
	}
	var list []exposed
	seen := map[string]bool{}
	help := ""
	for line := range strings.Lines(text) {
		line = line[:len(line)-1]
		switch f := strings.SplitN(line, " ", 4); {
		case strings.HasPrefix(line, "# HELP ") && len(f) == 4 && help == "":
			help = f[2] + " " + f[3]
		case strings.HasPrefix(line, "# TYPE ") && len(f) == 4 && familyName.MatchString(f[2]) && !seen[f[2]]:
			of, text, _ := strings.Cut(help, " ")
			if help != "" && of != f[2] {
				t.Fatalf("help of %s before the type of %s", of, f[2])
			}
			seen[f[2]], help = true, ""
			list = append(list, exposed{name: f[2], typ: f[3], help: unescape(text)})
		case len(list) > 0 && help == "":
			parseSample(t, &list[len(list)-1], line)
		default:
			t.Fatalf("unexpected line %q", line)
		}
	}
	return list
}

func tailOf(s string) string { return s[max(0, len(s)-60):] }

func parseSample(t testing.TB, f *exposed, line string) {
	t.Helper()
	m := sampleLine.FindStringSubmatch(line)
	if m == nil {
		t.Fatalf("not a sample: %q", line)
	}
	s := sample{name: m[1], value: m[3]}
	if !belongs(s.name, f) {
		t.Fatalf("sample %q in family %s", line, f.name)
	}
	if _, err := strconv.ParseFloat(s.value, 64); err != nil || strings.ContainsAny(s.value, "_xXpP") {
		t.Fatalf("value of %q: %v", line, err)
	}
	for rest := m[2]; rest != ""; {
		p := labelPair.FindStringSubmatch(rest)
		if p == nil {
			t.Fatalf("labels of %q at %q", line, rest)
		}
		s.labels = append(s.labels, encode.Label{Name: p[1], Value: unescape(p[2])})
		rest = rest[len(p[0]):]
	}
	f.samples = append(f.samples, s)
}

func belongs(name string, f *exposed) bool {
	suffix, ok := strings.CutPrefix(name, f.name)
	switch f.typ {
	case "histogram":
		return ok && (suffix == "_bucket" || suffix == "_sum" || suffix == "_count")
	case "summary":
		return ok && (suffix == "" || suffix == "_sum" || suffix == "_count")
	}
	return ok && suffix == ""
}

var unescape = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace

// scrape reads what the registry exposes, without pawl's own families.
func scrape(t testing.TB, r *Registry) []exposed {
	t.Helper()
	var list []exposed
	for _, f := range parse(t, string(r.AppendText(nil))) {
		if !strings.HasPrefix(f.name, "pawl_") {
			list = append(list, f)
		}
	}
	return list
}

// exposure is what the registry exposes, as text, without pawl's own families.
func exposure(r *Registry) string {
	var b strings.Builder
	for line := range strings.Lines(string(r.AppendText(nil))) {
		if !strings.HasPrefix(line, "pawl_") && !strings.Contains(line, "# TYPE pawl_") && !strings.Contains(line, "# HELP pawl_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// wantExposure compares the exposition with lines joined by newlines.
func wantExposure(t testing.TB, r *Registry, want ...string) {
	t.Helper()
	if got, want := exposure(r), strings.Join(append(want, ""), "\n"); got != want {
		t.Errorf("exposed:\n%s\nwant:\n%s", got, want)
	}
}

// own reads one of pawl's own families: label value to count, without zeros.
func own(t testing.TB, r *Registry, family string) map[string]string {
	t.Helper()
	counts := map[string]string{}
	for _, f := range parse(t, string(r.AppendText(nil))) {
		for _, s := range f.samples {
			if f.name == family && s.value != "0" {
				counts[s.labels[0].Value] = s.value
			}
		}
	}
	return counts
}

// wantDrops checks how many recordings were refused for which reasons, given as
// "nan=1 inf=2".
func wantDrops(t testing.TB, r *Registry, want string) {
	t.Helper()
	got := own(t, r, "pawl_dropped_observations_total")
	var list []string
	for _, reason := range dropReasons {
		if n := got[reason]; n != "" {
			list = append(list, reason+"="+n)
		}
	}
	if s := strings.Join(list, " "); s != want {
		t.Errorf("dropped %q, want %q", s, want)
	}
}

// strictStore is an arena that watches its callers: what is freed must be held,
// with that layout, and what is allocated must not be. It fails when told to.
type strictStore struct {
	shard.Arena

	mu     sync.Mutex
	err    error // what Alloc answers
	held   map[shard.Slab]shard.Layout
	all    []shard.Slab // the first that were handed out
	allocs int
	frees  int
	descs  []string
	faults []string
}

var errNoRoom = errors.New("no room")

// persistentStore is a strictStore as files are, and is told what it holds.
type persistentStore struct{ strictStore }

func (s *persistentStore) Replace(desc []byte, l shard.Layout, fill func(shard.Slab), old []shard.Slab) (shard.Slab, error) {
	slab, err := s.Alloc(desc, l)
	if err == nil {
		fill(slab)
	}
	return slab, err
}

func (s *persistentStore) Withdraw(shard.Slab) {}

func (s *strictStore) Alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return shard.NoSlab(), s.err
	}
	slab, err := s.Arena.Alloc(desc, l)
	if _, twice := s.held[slab]; twice {
		s.faults = append(s.faults, "a slab was handed out twice")
	}
	if s.held == nil {
		s.held = map[shard.Slab]shard.Layout{}
	}
	s.held[slab] = l
	if s.allocs++; s.allocs <= 100 {
		s.all = append(s.all, slab)
		s.descs = append(s.descs, string(desc))
	}
	return slab, err
}

func (s *strictStore) Free(slab shard.Slab, l shard.Layout) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was, ok := s.held[slab]; !ok || was != l {
		s.faults = append(s.faults, fmt.Sprintf("freed with layout %v: held %v as %v", l, ok, was))
		return
	}
	delete(s.held, slab)
	s.frees++
	s.Arena.Free(slab, l)
}

// described parses what the store was told.
func (s *persistentStore) described(t testing.TB) (list []*descriptor.Descriptor) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, desc := range s.descs {
		d, err := descriptor.Parse([]byte(desc))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func (s *strictStore) setErr(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *strictStore) freed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frees
}

// check reports what the store has seen its callers do wrong.
func (s *strictStore) check(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		t.Error(f)
	}
}

// collectUntil runs the garbage collector until done says so. Cleanups run in
// goroutines of their own some time after a collection.
func collectUntil(t testing.TB, what string, done func() bool) {
	t.Helper()
	for range 2000 {
		if done() {
			return
		}
		runtime.GC()
		time.Sleep(100 * time.Microsecond)
	}
	t.Fatalf("after 2000 collections: %s", what)
}

// settle returns when all cleanups that were due have had their turn: the cells
// of a series dropped later have been freed, three times over.
func settle(t testing.TB) {
	t.Helper()
	for range 3 {
		store := new(strictStore)
		dropOne(NewRegistryWith(RegistryOptions{Store: store}))
		collectUntil(t, "the sentinel's cells were not freed", func() bool { return store.freed() == 1 })
	}
}

//go:noinline
func dropOne(r *Registry) {
	v := MustStringCounterVec(r, named("sentinel"), "k")
	v.With("x")
	v.Delete("x")
	r.AppendText(nil)
}

// wobble changes GOMAXPROCS, past what shard reserves stripes for, until stop
// is closed, and restores it.
func wobble(stop <-chan struct{}) (done <-chan struct{}) {
	was, end := runtime.GOMAXPROCS(0), make(chan struct{})
	go func() {
		defer close(end)
		defer runtime.GOMAXPROCS(was)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(3 * time.Millisecond):
				runtime.GOMAXPROCS([]int{1, 4, pastReservation, 2, 7, 3}[i%6])
			}
		}
	}()
	return end
}

// pastReservation is more Ps than shard has stripes for.
var pastReservation = max(64, 2*runtime.NumCPU()) + 4

// stress runs each writer in goroutines of its own until the time is up, read in
// a loop meanwhile, and GOMAXPROCS changing all the while.
func stress(writers int, write func(w int, stop <-chan struct{}), read func()) {
	stop := make(chan struct{})
	wobbled := wobble(stop)
	var wg sync.WaitGroup
	defer func() {
		close(stop)
		wg.Wait()
		<-wobbled
	}()
	for w := range writers {
		wg.Go(func() { write(w, stop) })
	}
	for end := time.Now().Add(stressTime()); time.Now().Before(end); {
		read()
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

var inf = math.Inf(1)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
