package suite

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

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
	if len(names) != 2*6+2 {
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
	if iters := calibrate(c, 1, 20*time.Millisecond); iters < 50 || iters > 2100 {
		t.Errorf("%d iterations of 10 µs make 20 ms; tried %v", iters, c.runs)
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
	if s == nil || len(s.Values) != 2 || s.Median() <= 0 {
		t.Fatalf("pawl's row is %+v", s)
	}
	if _, ok := r.Ratio(s, ops.Floor); !ok {
		t.Error("no ratio to the floor")
	}
}
