package suite

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
)

// failEnv names an op whose processes die.
const failEnv = "PAWL_BENCHMARKS_FAIL"

// TestMain is also what the processes begin with that Run starts.
func TestMain(m *testing.M) {
	if op := os.Getenv(failEnv); op != "" && strings.Contains(os.Getenv(taskEnv), op+`","N"`) {
		panic("as the test wants it")
	}
	if ops.Child() || Child() {
		return
	}
	os.Exit(m.Run())
}

func TestRows(t *testing.T) {
	r := new(Results)
	for _, v := range []float64{3.00049, 1, 9} {
		r.Add(Key{Op: "counter_inc", Impl: ops.Pawl, P: 2}, measure.Reading{Unit: "ns", Value: v, Allocs: 0.0001, Bytes: 0.01})
		r.Add(Key{Op: "bytes_per_series", Impl: ops.Pawl, P: 2, N: 100}, measure.Reading{Unit: "bytes", Value: 200 + v})
		r.Add(Key{Op: "inc_during_scrape", Impl: ops.Pawl, P: 1, N: 10}, measure.Reading{Unit: measure.Max, Value: v})
		r.Add(Key{Op: "growth_labels", Impl: ops.Pawl, P: 1, N: 3}, measure.Reading{Unit: "ns", Value: v})
	}
	text, err := MarshalRows(RowsOf(r))
	if err != nil {
		t.Fatal(err)
	}
	const want = `[
{"op":"counter_inc","impl":"pawl","p":2,"n":0,"ns":3,"allocs":0,"bytes":0,"unit":"ns"},
{"op":"bytes_per_series","impl":"pawl","p":2,"n":100,"ns":0,"allocs":0,"bytes":203,"unit":"bytes"},
{"op":"inc_during_scrape","impl":"pawl","p":1,"n":10,"ns":9,"allocs":0,"bytes":0,"unit":"ns_max"}
]
`
	if string(text) != want {
		t.Errorf("rows:\n%s\nwant:\n%s", text, want)
	}
	var back []Row
	if err := json.Unmarshal(text, &back); err != nil || len(back) != 3 {
		t.Errorf("read back %d rows: %v", len(back), err)
	}
}

func TestNoRowsAreAnArray(t *testing.T) {
	text, err := MarshalRows(RowsOf(new(Results)))
	var back []Row
	if err != nil || json.Unmarshal(text, &back) != nil {
		t.Errorf("%q, %v", text, err)
	}
}

func TestPlan(t *testing.T) {
	quick := Config{Quick: true, CPU: []int{1, 3}, Run: regexp.MustCompile(`^counter_inc$|lookup3_inc/impl=(pawl|otel)/p=3`)}
	var names []string
	for _, g := range quick.plan() {
		for _, l := range g.lanes {
			names = append(names, Name(g.op.Name, l.peer.Impl, l.p, g.n))
		}
	}
	for _, want := range []string{"op=counter_inc/impl=xsync/p=1/n=0", "op=counter_inc/impl=floor/p=3/n=0",
		"op=lookup3_inc/impl=otel/p=3/n=1000", "op=lookup3_inc/impl=pawl/p=3/n=1000"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in the plan:\n%q", want, names)
		}
	}
	if len(names) != 2*7+2 {
		t.Errorf("%d rows are planned: %q", len(names), names)
	}
}

// counting is a Subject that takes a known time.
type counting struct{ runs []int }

func (c *counting) Run(_, iters int) []measure.Reading {
	c.runs = append(c.runs, iters)
	time.Sleep(time.Duration(iters) * 10 * time.Microsecond)
	return nil
}

func TestCalibrate(t *testing.T) {
	c := new(counting)
	// A sleep is longer than it should be, so that fewer iterations are enough.
	if iters, first := calibrate(c, 1, 20*time.Millisecond); iters < 50 || iters > 2100 || first != nil {
		t.Errorf("%d iterations of 10 µs make 20 ms; tried %v; kept %v", iters, c.runs, first)
	}
}

// slow is a Subject whose op takes 100 samples.
type slow struct{ runs int }

func (s *slow) Run(_, iters int) []measure.Reading {
	s.runs += iters
	time.Sleep(100 * time.Microsecond)
	return []measure.Reading{{Unit: "ns", Value: 5}}
}

// What takes long is not done for its calibration alone.
func TestCalibrateKeepsLongOps(t *testing.T) {
	s := new(slow)
	iters, first := calibrate(s, 1, time.Microsecond)
	if iters != 1 || s.runs != 1 || len(first) != 1 || first[0].Value != 5 {
		t.Errorf("%d iterations after %d, kept %v", iters, s.runs, first)
	}
}

type watcher struct {
	parts    []float64
	finished []string
}

func (w *watcher) Progress(part float64, _ *ops.Op, _ int) { w.parts = append(w.parts, part) }
func (w *watcher) Finished(op *ops.Op, _ *Results)         { w.finished = append(w.finished, op.Name) }

func TestRun(t *testing.T) {
	w := new(watcher)
	c := &Config{Quick: true, Count: 2, CPU: []int{1, 2}, Run: regexp.MustCompile("^(counter_inc|series_churn|growth_buckets)$")}
	r := Run(c, w)
	if len(r.Problems) > 0 {
		t.Errorf("problems: %v", r.Problems)
	}
	if !slices.IsSorted(w.parts) || w.parts[len(w.parts)-1] != 1 {
		t.Errorf("progress: %v", w.parts)
	}
	if !slices.Equal(w.finished, []string{"counter_inc", "series_churn", "growth_buckets"}) {
		t.Errorf("finished: %v", w.finished)
	}
	s := r.Find(Key{Op: "counter_inc", Impl: ops.Pawl, P: 2, Unit: "ns"})
	if s == nil || len(s.Values) != 2 || len(s.Processes()) != 2 || s.Median() <= 0 {
		t.Fatalf("pawl's row is %+v", s)
	}
	if ratio, ok := r.Ratio(s, ops.Floor); !ok || !ratio.Known {
		t.Error("no ratio to the floor")
	}
}

// A process that dies is a problem of one op in one pass.
func TestRunGoesOnWithoutWhatFails(t *testing.T) {
	t.Setenv(failEnv, "gauge_set")
	w := new(watcher)
	r := Run(&Config{Quick: true, Count: 2, CPU: []int{1}, Run: regexp.MustCompile("^(gauge_set|counter_inc)$")}, w)
	if len(r.Problems) != 2 || !strings.Contains(r.Problems[0], "gauge_set, n=0, pass 1: exit status 2: panic: as the test wants it") {
		t.Errorf("problems: %q", r.Problems)
	}
	if len(r.Of("gauge_set")) > 0 || len(r.Of("counter_inc")) == 0 {
		t.Errorf("%d rows of what fails, %d of what does not", len(r.Of("gauge_set")), len(r.Of("counter_inc")))
	}
	if w.parts[len(w.parts)-1] != 1 || len(w.finished) != 2 {
		t.Errorf("progress %v, finished %v", w.parts, w.finished)
	}
}

// miscounting loses what is recorded in it.
type miscounting struct{}

func (miscounting) Run(int, int) []measure.Reading { return []measure.Reading{{Unit: "ns", Value: 1}} }
func (miscounting) Check() error                   { return errors.New("recorded 5, reads 4") }

func TestWrongTotals(t *testing.T) {
	peer := ops.Peer{Impl: ops.Otel, Make: func(int) measure.Subject { return miscounting{} }}
	g := group{op: &ops.Op{Name: "some_op"}, lanes: []lane{{&peer, 1}}}
	one, r := new(Results), new(Results)
	g.run(&Config{Quick: true, Count: 1}, one)
	r.Merge(1, one)
	if len(r.Problems) != 1 || r.Problems[0] != "some_op, otel: recorded 5, reads 4" {
		t.Errorf("problems: %q", r.Problems)
	}
}

// N rounds at least, whatever the number of processes.
func TestRounds(t *testing.T) {
	for count := range 30 {
		for _, quick := range []bool{false, true} {
			for _, n := range []int{0, 1000, large} {
				c := Config{Quick: quick, Count: count}
				passes := 0
				for pass := range c.passes() {
					if c.takes(pass, n) {
						passes++
					}
				}
				if passes != c.processes(n) || passes == 0 || passes*c.rounds(n) < max(count, 1) {
					t.Errorf("-count %d, quick %v, n=%d: %d of %d processes, %d rounds in each", count, quick, n, passes, c.processes(n), c.rounds(n))
				}
			}
		}
	}
}

func TestProcesses(t *testing.T) {
	r := new(Results)
	for pass, values := range [][]float64{{1, 2, 3}, {4}, {5, 6}} {
		one := new(Results)
		for _, v := range values {
			one.Add(Key{Op: "counter_inc", Impl: ops.Pawl, P: 1}, measure.Reading{Unit: "ns", Value: v})
		}
		r.Merge(pass+1, one)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	back := new(Results)
	if err := json.Unmarshal(text, back); err != nil {
		t.Fatal(err)
	}
	s := back.Rows[0]
	if got := s.Processes(); !reflect.DeepEqual(got, [][]float64{{1, 2, 3}, {4}, {5, 6}}) || s.Median() != 4 || s.Spread() != (stat.Range{Lo: 2, Hi: 5.5}) {
		t.Errorf("%v in %s, median %v, spread %v", got, text, s.Median(), s.Spread())
	}
	s.Process = nil // as earlier runs were written
	if got := s.Processes(); len(got) != 6 {
		t.Errorf("the old form: %v", got)
	}
	s.Process = []int{1}
	if text, err = json.Marshal(back); err != nil {
		t.Fatal(err)
	}
	if json.Unmarshal(text, new(Results)) == nil {
		t.Errorf("read %s", text)
	}
}
