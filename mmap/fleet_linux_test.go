package mmap_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// The kill test: processes that record at full speed, without a flush or a farewell, are
// killed and stopped at random moments, some between the begin and the end of an update,
// some at once on their slot again; others fold what they leave and are killed at
// that; and all along the directory is scraped.
//
// Each worker writes down in a ledger, after each operation, that it is done. What it
// claims there has to be in the metrics: never less, and at most one operation more for
// each of its goroutines. No counter goes backwards in any scrape.

var killFor = flag.Duration("kill", 5*time.Second, "how long the kill test goes on")

const (
	roleEnv   = "PAWL_KILL_TEST_ROLE"
	dirEnv    = "PAWL_KILL_TEST_DIR"
	ledgerEnv = "PAWL_KILL_TEST_LEDGER"
	slotEnv   = "PAWL_KILL_TEST_SLOT"
)

// TestMain is the way in for the processes that the kill test starts.
func TestMain(m *testing.M) {
	role, ok := roles[os.Getenv(roleEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := role(); err != nil {
		fmt.Fprintln(os.Stderr, os.Getenv(roleEnv)+":", err)
		os.Exit(1)
	}
}

var roles = map[string]func() error{
	"worker": runWorker,
	"folder": runFolder,
}

// killHands is how many goroutines of a worker record.
const killHands = 3

// runWorker records until it is killed.
func runWorker() error {
	store, err := mmap.Open(os.Getenv(dirEnv), mmap.Options{Slot: os.Getenv(slotEnv)})
	if err != nil {
		return err
	}
	books, err := openBooks(os.Getenv(ledgerEnv))
	if err != nil {
		return err
	}
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
	in := newInstruments(reg)
	torn, err := newTorn(store)
	if err != nil {
		return err
	}
	end := 1 + rand.IntN(200_000) // when to die in the middle of an update, if still alive
	if rand.IntN(3) > 0 {
		end = -1
	}
	for i := range killHands {
		go func() {
			for n := 1; ; n++ {
				in.record(&books[i], n)
				torn.record(&books[i], i == 0 && n == end)
				if n%4096 == 0 {
					runtime.Gosched()
				}
			}
		}()
	}
	moving := rand.IntN(4) == 0 // stripes appear while recording goes on
	for parent := os.Getppid(); os.Getppid() == parent; time.Sleep(time.Millisecond) {
		if moving {
			runtime.GOMAXPROCS(1 + rand.IntN(6))
		}
	}
	return nil // the test is gone
}

// runFolder folds until it is killed.
func runFolder() error {
	for parent := os.Getppid(); os.Getppid() == parent; {
		if _, err := mmap.Compact(os.Getenv(dirEnv), mmap.CompactOptions{}); err != nil && !errors.Is(err, mmap.ErrFolding) {
			return err
		}
	}
	return nil
}

// instruments are what a worker records in: one of each kind that is added up.
type instruments struct {
	plain    *engine.Counter
	vec      *engine.StringVec[engine.Counter]
	halves   *engine.Counter
	inFlight *engine.UpDown
	classic  *engine.Histogram
	native   *engine.Histogram
	both     *engine.Histogram
}

func newInstruments(reg *engine.Registry) *instruments {
	named := func(name string) engine.Opts { return engine.Opts{Name: name, Help: "Of the kill test."} }
	return &instruments{
		plain:    engine.MustCounter(reg, named("plain_total")),
		vec:      engine.MustStringCounterVec(reg, named("vec_total"), "hand"),
		halves:   engine.MustCounter(reg, named("halves_total")),
		inFlight: engine.MustUpDown(reg, named("in_flight")),
		classic:  engine.MustHistogram(reg, engine.HistogramOpts{Opts: named("classic_seconds")}),
		native:   engine.MustHistogram(reg, engine.HistogramOpts{Opts: named("native_seconds"), Native: engine.NativeOpts{Factor: 1.1, MaxBuckets: 20}}),
		both: engine.MustHistogram(reg, engine.HistogramOpts{Opts: named("both_seconds"), Buckets: []float64{.1, 1, 10},
			Native: engine.NativeOpts{Factor: 2}}),
	}
}

// record does one operation of each kind, and writes each down when it is done.
func (in *instruments) record(b *book, n int) {
	in.inFlight.Inc()
	in.plain.Inc()
	b[bookPlain].Add(1)
	in.vec.With(strconv.Itoa(n % 7)).Add(2)
	b[bookVec].Add(2)
	in.halves.AddFloat(0.5)
	b[bookHalves].Add(1)
	v := float64(n%1000) / 100
	in.classic.Observe(v)
	b[bookClassic].Add(1)
	in.native.Observe(v * v * v)
	b[bookNative].Add(1)
	in.both.Observe(v)
	b[bookBoth].Add(1)
	in.inFlight.Dec()
}

// killing is the parent's side.
type killing struct {
	t        *testing.T
	dir      string
	ledgers  string
	deadline time.Time

	mu     sync.Mutex
	kills  int
	slots  int
	stops  int
	folds  int
	opened []*[killHands]book
}

func TestFleetOfTheKilled(t *testing.T) {
	k := &killing{t: t, dir: memoryDir(t), ledgers: t.TempDir(), deadline: time.Now().Add(*killFor)}
	var wg sync.WaitGroup
	for i := range 3 {
		slot := ""
		if i == 0 {
			slot = "resumed"
		}
		wg.Go(func() { k.keepWorkers(slot) })
	}
	wg.Go(k.keepFolders)
	watches := []*killWatch{k.watch(mmap.CollectorOptions{FoldAfter: -1}), k.watch(mmap.CollectorOptions{FoldAfter: 3})}
	for _, w := range watches {
		wg.Go(w.run)
	}
	wg.Wait()
	for _, w := range watches {
		k.check(w.scrape())
		t.Logf("%d scrapes", w.scrapes)
	}
	if _, err := mmap.Compact(k.dir, mmap.CompactOptions{}); err != nil {
		t.Error(err)
	}
	k.check(watches[0].scrape())
	k.check(k.watch(mmap.CollectorOptions{FoldAfter: -1}).scrape())
	left, err := filepath.Glob(filepath.Join(k.dir, "[^.]*")) // a file that was being made goes with a fold an hour later
	if err != nil || len(left) > 3 {
		t.Errorf("%d files are left: %q, %v", len(left), left, err)
	}
	t.Logf("%d kills (%d on a slot that was resumed), %d stops, %d folders killed", k.kills, k.slots, k.stops, k.folds)
	if k.kills < 3 || k.slots == 0 || k.folds == 0 {
		t.Error("that proves nothing")
	}
}

// start starts a process of this test.
func (k *killing) start(role string, env ...string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		k.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(append(os.Environ(), roleEnv+"="+role, dirEnv+"="+k.dir), env...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		k.t.Error(err)
		return nil
	}
	return cmd
}

func (k *killing) over() bool { return !time.Now().Before(k.deadline) }

// keepWorkers keeps one worker running and kills it, again and again.
func (k *killing) keepWorkers(slot string) {
	for !k.over() && !k.t.Failed() {
		path := filepath.Join(k.ledgers, strconv.FormatUint(rand.Uint64(), 36))
		books, err := openBooks(path)
		if err != nil {
			k.t.Error(err)
			return
		}
		cmd := k.start("worker", ledgerEnv+"="+path, slotEnv+"="+slot)
		if cmd == nil {
			return
		}
		time.Sleep(rand.N(250 * time.Millisecond))
		stopped := rand.IntN(4) == 0
		if stopped {
			cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(rand.N(50 * time.Millisecond)) // it holds its lock, and answers nobody
			if rand.IntN(2) == 0 {
				cmd.Process.Signal(syscall.SIGCONT)
				time.Sleep(rand.N(50 * time.Millisecond))
			}
		}
		cmd.Process.Kill()
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() > 0 {
			k.t.Errorf("a worker failed by itself: %v", err)
		}
		k.mu.Lock()
		k.kills++
		k.slots += count(slot != "")
		k.stops += count(stopped)
		k.opened = append(k.opened, books)
		k.mu.Unlock()
	}
}

func (k *killing) keepFolders() {
	for !k.over() && !k.t.Failed() {
		cmd := k.start("folder")
		if cmd == nil {
			return
		}
		time.Sleep(rand.N(100 * time.Millisecond))
		cmd.Process.Kill()
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() > 0 {
			k.t.Errorf("a folder failed by itself: %v", err)
		}
		k.folds++
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// check compares a scrape with the ledgers.
func (k *killing) check(got, buckets [entries]float64) {
	k.t.Helper()
	var want [entries]float64
	for _, books := range k.opened {
		for i := range books {
			for e := range want {
				want[e] += float64(books[i][e].Load())
			}
		}
	}
	slack := float64(k.kills * killHands)
	for e, name := range entryNames {
		unit := 1.0
		if e == bookVec {
			unit = 2
		}
		if got[e] < want[e] || got[e] > want[e]+slack*unit {
			k.t.Errorf("%s: %v were done, %v are counted; up to %v more would be in order", name, want[e], got[e], slack*unit)
		}
		if buckets[e] != got[e] {
			k.t.Errorf("%s: its buckets have %v observations, its count is %v", name, buckets[e], got[e])
		}
		if want[e] == 0 {
			k.t.Errorf("%s: nothing was done", name)
		}
	}
}

// killWatch scrapes and looks whether a counter goes backwards.
type killWatch struct {
	*killing
	reg     *engine.Registry
	before  map[string]float64
	scrapes int
}

func (k *killing) watch(o mmap.CollectorOptions) *killWatch {
	k.t.Helper()
	c, err := mmap.NewCollector(k.dir, o)
	if err != nil {
		k.t.Fatal(err)
	}
	w := &killWatch{killing: k, reg: engine.NewRegistry(), before: map[string]float64{}}
	w.reg.MustRegister(c)
	return w
}

func (w *killWatch) run() {
	for !w.over() && !w.t.Failed() {
		w.scrape()
		time.Sleep(rand.N(5 * time.Millisecond))
	}
}

// scrape returns the totals, and the sums of buckets, of each entry.
func (w *killWatch) scrape() (got, buckets [entries]float64) {
	w.t.Helper()
	w.scrapes++
	err := w.reg.Gather(context.Background(), func(f *engine.Family) error {
		e, ok := entryNamed[f.Name]
		for i := range f.Samples {
			s := &f.Samples[i]
			v, inBuckets := value(s)
			if f.Type == engine.CounterType || f.Type == engine.HistogramType {
				w.forward(f.Name+fmt.Sprint(s.Labels), v)
			}
			if ok {
				got[e] += v
				buckets[e] += inBuckets
			}
		}
		return nil
	})
	if err != nil {
		w.t.Error(err)
	}
	got[bookHalves] *= 2
	buckets[bookHalves] *= 2
	return got, buckets
}

func (w *killWatch) forward(series string, v float64) {
	if v < w.before[series] {
		w.t.Errorf("%s went from %v to %v", series, w.before[series], v)
	}
	w.before[series] = v
}

// value returns what a sample counts, and for histograms what its buckets add up to.
func value(s *engine.Sample) (v, inBuckets float64) {
	h := s.Histogram
	if h == nil {
		return s.Value, s.Value
	}
	if n := h.Native; n != nil {
		if err := n.Validate(); err != nil {
			return float64(n.Count), -1
		}
		return float64(n.Count), float64(n.Count)
	}
	if len(h.Buckets) == 0 {
		return float64(h.Count), -1
	}
	last := h.Buckets[len(h.Buckets)-1]
	if last.UpperBound <= 1e308 {
		return float64(h.Count), float64(h.Count)
	}
	return float64(h.Count), float64(last.Count)
}

var errNoMemoryDir = errors.New("there is no /dev/shm")

// memoryDir returns an empty directory in memory, or any.
func memoryDir(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "pawl-test-")
	if err != nil {
		t.Log(errNoMemoryDir)
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
