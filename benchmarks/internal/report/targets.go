package report

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// target is something that pawl set out to reach.
type target struct {
	operation string
	wanted    string
	judge     func(r *suite.Results, procs int) (found string, met verdict)
}

type verdict int

const (
	absent verdict = iota // not measured
	noise                 // measured, and unclear
	missed
	reached
)

func (v verdict) String() string { return [...]string{"not measured", "unclear", "missed", "met"}[v] }

func judged(ok bool) verdict {
	if ok {
		return reached
	}
	return missed
}

// where picks the rows of a target. P 0 is GOMAXPROCS.
type where struct {
	op   string
	p, n int
	unit string
}

func (w where) key(impl string, procs int) suite.Key {
	return suite.Key{Op: w.op, Impl: impl, P: cmp.Or(w.p, procs), N: w.n, Unit: cmp.Or(w.unit, "ns")}
}

// targets are the project's, restricted to what is measured here.
var targets = []target{
	faster("Counter.Inc, 1 goroutine", where{op: "counter_inc", p: 1}, 2),
	faster("Counter.Inc, all CPUs, one counter", where{op: "counter_inc"}, 10, ops.Victoria, ops.Prom),
	faster("Counter.Inc, all CPUs, one counter", where{op: "counter_inc"}, 4, ops.Xsync),
	faster("Counter.Add(0.5), 1 goroutine", where{op: "counter_add_float", p: 1}, 2),
	faster("Counter.Add(0.5), all CPUs", where{op: "counter_add_float"}, 6),
	faster("Histogram.Observe, 11 buckets, 1 goroutine", where{op: "observe_classic11", p: 1}, 2),
	faster("Histogram.Observe, 11 buckets, 1 goroutine", where{op: "observe_classic11", p: 1}, 3.5, ops.Prom),
	faster("Histogram.Observe, 11 buckets, all CPUs", where{op: "observe_classic11"}, 3),
	faster("Histogram.Observe, 11 buckets, all CPUs", where{op: "observe_classic11"}, 15, ops.Prom),
	faster("Histogram.Observe, native, schema 3, 1 goroutine", where{op: "observe_native_s3", p: 1}, 7, ops.Prom),
	faster("Histogram.Observe, native, schema 3, all CPUs", where{op: "observe_native_s3"}, 15, ops.Prom),
	faster("three labels and Inc, 1 goroutine", where{op: "lookup3_inc", p: 1, n: 1000}, 3, ops.Prom),
	faster("three labels and Inc, all CPUs", where{op: "lookup3_inc", n: 1000}, 4, ops.Prom),
	faster("series creation, at 1k series", where{op: "series_create", p: 1, n: 1000}, 2, ops.Prom),
	faster("series creation, at 1M series", where{op: "series_create", p: 1, n: 1_000_000}, 2, ops.Prom),
	grown("series creation, 1M series against 1k", where{op: "series_create", p: 1, n: 1000}, 1_000_000, 1.5),
	noSlower("worst recording (p99.9) while scrapes run, counter", where{op: "inc_during_scrape", n: 10_000, unit: measure.P999}),
	noSlower("worst recording (p99.9) while scrapes run, histogram", where{op: "observe_during_scrape", n: 1000, unit: measure.P999}),
	faster("text scrape, 10k counters, every value changed", where{op: "scrape_text", p: 1, n: 10_000}, 7),
	faster("text scrape, 100k counters, every value changed", where{op: "scrape_text", p: 1, n: 100_000}, 7),
	within("text scrape, 10k counters, every value changed", where{op: "scrape_text", p: 1, n: 10_000}, 3),
	within("text scrape, 100k counters, every value changed", where{op: "scrape_text", p: 1, n: 100_000}, 3),
	noAllocs("text scrape, 10k counters", where{op: "scrape_text", p: 1, n: 10_000}),
	within("text scrape, 10k counters, values unchanged", where{op: "scrape_text_unchanged", p: 1, n: 10_000}, 1.5),
	faster("text scrape with gzip, 100k counters", where{op: "scrape_text_gzip", p: 1, n: 100_000}, 30, ops.Prom),
	faster("protobuf scrape, 100k counters, every value changed", where{op: "scrape_protobuf", p: 1, n: 100_000}, 60, ops.Prom),
	faster("Summary.Observe with quantiles, 1 goroutine", where{op: "summary_quantiles_observe", p: 1}, 30, ops.Prom),
	beside("counter in a mapped file, 1 goroutine", where{op: "mmap_inc", p: 1}, 1.1),
	beside("histogram in a mapped file, 1 goroutine", where{op: "mmap_observe", p: 1}, 1.1),
	inAll("merging the files of 6,000 processes, 1.1 million entries", where{op: "mmap_merge", p: 1, n: 6000 * 183}, 200e6),
	inAll("the same, once folded", where{op: "mmap_merge_folded", p: 1, n: 6000 * 183}, 10e6),
	small("resident bytes per native histogram, 200 observations", where{op: "bytes_per_native", n: 5000, unit: "bytes"}, 2000, 0),
	small("resident bytes per counter, three labels", where{op: "bytes_per_series", n: 100_000, unit: "bytes"}, 189, 8),
	compatWithin("Counter.Inc, 1 goroutine", where{op: "counter_inc", p: 1}, 1.5),
	compatWithin("Counter.Inc, all CPUs", where{op: "counter_inc"}, 1.5),
	compatWithin("Counter.Add(0.5), 1 goroutine", where{op: "counter_add_float", p: 1}, 1.5),
	compatWithin("Gauge.Set, 1 goroutine", where{op: "gauge_set", p: 1}, 1.5),
	compatWithin("Gauge.Add, 1 goroutine", where{op: "gauge_add", p: 1}, 1.5),
	compatWithin("Histogram.Observe, 11 buckets, 1 goroutine", where{op: "observe_classic11", p: 1}, 1.5),
	compatWithin("Histogram.Observe, native, schema 3, 1 goroutine", where{op: "observe_native_s3", p: 1}, 1.5),
	compatFaster("Counter.Inc, all CPUs, one counter", where{op: "counter_inc"}, 10),
	compatFaster("Histogram.Observe, 11 buckets, 1 goroutine", where{op: "observe_classic11", p: 1}, 3.5),
	compatFaster("Histogram.Observe, 11 buckets, all CPUs", where{op: "observe_classic11"}, 15),
	compatFaster("Histogram.Observe, native, schema 3, 1 goroutine", where{op: "observe_native_s3", p: 1}, 7),
	compatFaster("three labels and Inc, 1 goroutine", where{op: "lookup3_inc", p: 1, n: 1000}, 3),
	compatFaster("series creation, at 1k series", where{op: "series_create", p: 1, n: 1000}, 2),
	compatFaster("text scrape, 10k counters, every value changed", where{op: "scrape_text", p: 1, n: 10_000}, 7),
	compatFaster("text scrape with gzip, 100k counters", where{op: "scrape_text_gzip", p: 1, n: 100_000}, 30),
	compatFaster("protobuf scrape, 100k counters, every value changed", where{op: "scrape_protobuf", p: 1, n: 100_000}, 60),
}

// faster: everyone else, or those who are named, take at least times as long as pawl.
func faster(operation string, w where, times float64, peers ...string) target {
	whom := "the best peer"
	if len(peers) > 0 {
		whom = join(peers)
	}
	return target{operation, fmt.Sprintf("at least %gx as fast as %s", times, whom),
		func(r *suite.Results, procs int) (string, verdict) {
			best := w.best(r, procs, peers)
			if best == nil {
				return "", absent
			}
			ratio, ok := r.Ratio(best, ops.Pawl)
			switch {
			case !ok:
				return "", absent
			case !ratio.Clear():
				return unclear, noise
			}
			return fmt.Sprintf("%sx (%s)", digits(ratio.Value), best.Impl), judged(ratio.Value >= times)
		}}
}

func join(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return names[0] + " and " + join(names[1:])
}

// best returns the fastest row that is not ours and no floor.
func (w where) best(r *suite.Results, procs int, peers []string) (best *suite.Samples) {
	for _, impl := range ops.Impls {
		if impl == ops.Pawl || impl == ops.PawlCompat || impl == ops.Floor || len(peers) > 0 && !slices.Contains(peers, impl) {
			continue
		}
		if s := r.Find(w.key(impl, procs)); s != nil && (best == nil || s.Median() < best.Median()) {
			best = s
		}
	}
	return best
}

// compatWithin: pawl-compat takes at most times as long as pawl.
func compatWithin(operation string, w where, times float64) target {
	return target{operation + ", pawl-compat", fmt.Sprintf("within %gx of pawl", times),
		func(r *suite.Results, procs int) (string, verdict) {
			s := r.Find(w.key(ops.PawlCompat, procs))
			if s == nil || r.Find(w.key(ops.Pawl, procs)) == nil {
				return "", absent
			}
			ratio, _ := r.Ratio(s, ops.Pawl)
			if !ratio.Clear() && ratio.Value > times {
				return unclear, noise
			}
			return digits(ratio.Value) + "x", judged(ratio.Value <= times)
		}}
}

// compatFaster: client_golang takes at least times as long as pawl-compat.
func compatFaster(operation string, w where, times float64) target {
	return target{operation + ", pawl-compat", fmt.Sprintf("at least %gx as fast as client_golang", times),
		func(r *suite.Results, procs int) (string, verdict) {
			theirs := r.Find(w.key(ops.Prom, procs))
			if theirs == nil || r.Find(w.key(ops.PawlCompat, procs)) == nil {
				return "", absent
			}
			ratio, _ := r.Ratio(theirs, ops.PawlCompat)
			if !ratio.Clear() {
				return unclear, noise
			}
			return digits(ratio.Value) + "x", judged(ratio.Value >= times)
		}}
}

// within: pawl takes at most times the floor.
func within(operation string, w where, times float64) target {
	return target{operation, fmt.Sprintf("within %gx of copying the bytes", times),
		func(r *suite.Results, procs int) (string, verdict) {
			s := r.Find(w.key(ops.Pawl, procs))
			if s == nil || r.Find(w.key(ops.Floor, procs)) == nil {
				return "", absent
			}
			ratio, _ := r.Ratio(s, ops.Floor)
			if !ratio.Clear() {
				return unclear, noise
			}
			return digits(ratio.Value) + "x", judged(ratio.Value <= times)
		}}
}

// beside: pawl with a file takes at most times what it takes without.
func beside(operation string, w where, times float64) target {
	return target{operation, fmt.Sprintf("at most %gx of that in memory", times),
		func(r *suite.Results, procs int) (string, verdict) {
			file, heap := r.Find(w.key(ops.Pawl, procs)), r.Find(w.key(ops.PawlHeap, procs))
			if file == nil || heap == nil {
				return "", absent
			}
			ratio := file.Median() / heap.Median()
			return digits(ratio) + "x", judged(ratio <= times)
		}}
}

// inAll: all n of a row together take pawl at most so many nanoseconds.
func inAll(operation string, w where, most float64) target {
	return target{operation, "at most " + duration(most),
		func(r *suite.Results, procs int) (string, verdict) {
			s := r.Find(w.key(ops.Pawl, procs))
			if s == nil {
				return "", absent
			}
			all := s.Median() * float64(w.n)
			return duration(all), judged(all <= most)
		}}
}

// grown: pawl takes at most times as long at n as at w.
func grown(operation string, w where, n int, times float64) target {
	return target{operation, fmt.Sprintf("at most %gx", times),
		func(r *suite.Results, procs int) (string, verdict) {
			few, larger := r.Find(w.key(ops.Pawl, procs)), w
			larger.n = n
			many := r.Find(larger.key(ops.Pawl, procs))
			if few == nil || many == nil {
				return "", absent
			}
			ratio := many.Median() / few.Median()
			return digits(ratio) + "x", judged(ratio <= times)
		}}
}

// noSlower: pawl's is at most client_golang's.
func noSlower(operation string, w where) target {
	return target{operation, "at most client_golang's",
		func(r *suite.Results, procs int) (string, verdict) {
			w := w
			w.p = max(1, procs-1)
			ours, theirs := r.Find(w.key(ops.Pawl, procs)), r.Find(w.key(ops.Prom, procs))
			if ours == nil || theirs == nil {
				return "", absent
			}
			found := duration(ours.Median()) + " against " + duration(theirs.Median())
			if ratio, _ := r.Ratio(theirs, ops.Pawl); !ratio.Clear() {
				return found, noise
			}
			return found, judged(ours.Median() <= theirs.Median())
		}}
}

func noAllocs(operation string, w where) target {
	return target{operation, "no allocations", func(r *suite.Results, procs int) (string, verdict) {
		s := r.Find(w.key(ops.Pawl, procs))
		if s == nil {
			return "", absent
		}
		allocs := s.Row().Allocs
		return amount(allocs) + " per series", judged(allocs == 0)
	}}
}

// small: at most fixed bytes, and some for each P.
func small(operation string, w where, fixed, each int) target {
	wanted := fmt.Sprintf("at most %d", fixed)
	if each > 0 {
		wanted += fmt.Sprintf(", and %d for each P", each)
	}
	return target{operation, wanted,
		func(r *suite.Results, procs int) (string, verdict) {
			s := r.Find(w.key(ops.Pawl, procs))
			if s == nil {
				return "", absent
			}
			return digits(s.Median()), judged(s.Median() <= float64(fixed+each*procs))
		}}
}

// targetTable judges all targets that this run has measured.
func targetTable(r *suite.Results, procs int) *table {
	t := &table{head: []string{"operation", "target", "measured", "verdict"}}
	for _, x := range targets {
		if found, v := x.judge(r, procs); v != absent {
			t.add(x.operation, x.wanted, found, v.String())
		}
	}
	return t
}
