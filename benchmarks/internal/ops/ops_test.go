package ops

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

func TestMain(m *testing.M) {
	if Child() {
		return
	}
	os.Exit(m.Run())
}

// TestEveryPeer runs every row of the table once or a few times in its smallest size,
// and reads the totals back wherever there is a total.
func TestEveryPeer(t *testing.T) {
	noTotal := regexp.MustCompile("^gauge_set|floor$")
	for _, op := range Table {
		n := op.Sizes(true)[0]
		for _, peer := range op.Peers {
			t.Run(op.Name+"/"+peer.Impl, func(t *testing.T) {
				s := peer.Make(n)
				for _, p := range op.Goroutines(2, true) {
					for _, r := range s.Run(p, 3) {
						if r.Value <= 0 || r.Unit == "" {
							t.Errorf("p=%d measured %+v", p, r)
						}
					}
				}
				if l, ok := s.(*measure.Loop); ok && l.Total == nil && !noTotal.MatchString(op.Name+peer.Impl) {
					t.Error("has no total")
				}
				if c, ok := s.(measure.Checker); ok && c.Check() != nil {
					t.Error(c.Check())
				}
			})
		}
	}
}

// TestSameExpositions compares, line by line, what the peers expose after the same
// recordings.
func TestSameExpositions(t *testing.T) {
	for _, tc := range []struct {
		name  string
		peers map[string]func(n int) exposition
	}{
		{"counters", map[string]func(int) exposition{Pawl: countersPawl, Prom: countersProm, PawlCompat: countersCompat, Victoria: countersVictoria, Otel: countersOtel}},
		{"histograms", map[string]func(int) exposition{Pawl: histogramsPawl, Prom: histogramsProm, PawlCompat: histogramsCompat, Victoria: histogramsVictoria, Otel: histogramsOtel}},
	} {
		const n = 100
		want := samplesOf(t, tc.peers[Prom], n)
		if len(want) < n {
			t.Fatalf("%s: %d lines", tc.name, len(want))
		}
		for impl, make := range tc.peers {
			if got := samplesOf(t, make, n); !slices.Equal(got, want) {
				t.Errorf("%s of %s: %s", tc.name, impl, firstDifference(got, want))
			}
		}
	}
}

var ourOwn = regexp.MustCompile("(?m)^(#.*|pawl_.*|)\n")

// samplesOf returns the sorted samples of n series that were touched once more.
func samplesOf(t *testing.T, make func(n int) exposition, n int) []string {
	t.Helper()
	var text bytes.Buffer
	e := make(n)
	e.touch(1)
	e.scrape(&text)
	list := strings.Split(strings.TrimSpace(ourOwn.ReplaceAllString(text.String(), "")), "\n")
	slices.Sort(list)
	return list
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("%s\nwant %s", got[i], want[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(got), len(want))
}

// After churn there is what there should be: the new series and none of the old.
func TestChurnReplaces(t *testing.T) {
	for impl, make := range populations {
		p := make()
		if p.drop == nil {
			continue
		}
		for i := range 50 {
			p.inc(routeOf(i))
		}
		for i := range 50 {
			p.drop(routeOf(i))
			p.inc(routeOf(50 + i))
		}
		if got := values(p, name); len(got) != 50 {
			t.Errorf("%s has %d series", impl, len(got))
		}
	}
}

func TestRoutesAreDistinct(t *testing.T) {
	seen := map[route]bool{}
	for i := range 10_000 {
		seen[routeOf(i)] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d label sets", len(seen))
	}
	for w := range 2 {
		for _, r := range freshRoutes(100, w) {
			if !seen[r] {
				t.Fatalf("%v is no series", r)
			}
		}
	}
}

func TestSampleOf(t *testing.T) {
	for line, want := range map[string]float64{
		`x_total 5`: 5, `x_total{a="b"} 1e+06`: 1e6, `x_total{a="b c"} 7`: 7,
		`x_totals 5`: -1, `x_total_more{a="b"} 5`: -1, `x_total{a="b"} ?`: -1, `y 5`: -1, ``: -1,
	} {
		v, ok := sampleOf(line, "x_total")
		if !ok {
			v = -1
		}
		if v != want {
			t.Errorf("%q is %v, want %v", line, v, want)
		}
	}
}

func TestGoroutines(t *testing.T) {
	for _, tc := range []struct {
		workers Workers
		procs   int
		quick   bool
		want    []int
	}{
		{Single, 2, true, []int{1}},
		{Few, 1, true, []int{1}},
		{Few, 8, false, []int{1, 8}},
		{Many, 2, true, []int{1, 2, 8}},
		{Many, 3, false, []int{1, 2, 3, 4, 8, 16}},
		{Writers, 1, true, []int{1}},
		{Writers, 4, true, []int{3}},
		{All, 4, true, []int{4}},
	} {
		op := Op{Workers: tc.workers}
		if got := op.Goroutines(tc.procs, tc.quick); !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

// Names are what reports and scripts look for.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range Table {
		if seen[op.Name] || op.Title == "" || op.About == "" {
			t.Errorf("%q is there twice, or is not described", op.Name)
		}
		seen[op.Name] = true
		if strings.HasPrefix(op.Name, "growth_") != op.Growth {
			t.Errorf("%q: growth ops and only they are called growth_", op.Name)
		}
		for _, peer := range op.Peers {
			if !slices.Contains(Impls, peer.Impl) {
				t.Errorf("%s: %q is not in Impls", op.Name, peer.Impl)
			}
		}
	}
}
