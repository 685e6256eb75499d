package report

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// Text is the table of one op for the terminal.
func Text(op *ops.Op, r *suite.Results) string {
	t := opTable(op, r)
	return op.Name + ": " + op.Title + "\n" + t.text()
}

// opTable has a line for each implementation of an op, grouped by size and number of
// goroutines.
func opTable(op *ops.Op, r *suite.Results) *table {
	rows := sorted(r.Of(op.Name))
	if op.Workers == ops.Writers {
		return latencyTable(op, r, rows)
	}
	l := layoutOf(op)
	unit := "ns/op"
	if op.Workers == ops.All {
		unit = "bytes"
	}
	t := &table{head: l.head(unit, "spread", "vs pawl", "range", "allocs/op", "B/op")}
	for i, s := range rows {
		if i > 0 && (s.N != rows[i-1].N || s.P != rows[i-1].P) {
			t.add()
		}
		row := s.Row()
		allocs, bytes := amount(row.Allocs), amount(row.Bytes)
		if unit == "bytes" {
			allocs, bytes = "", ""
		}
		t.add(l.cells(s, digits(s.Median()), spread(s.Spread(), s.Median()), versus(r, s), bounds(r, s), allocs, bytes)...)
	}
	return t
}

// layout says which columns come first.
type layout struct{ size, goroutines bool }

func layoutOf(op *ops.Op) layout {
	return layout{size: len(op.Quick) > 0, goroutines: op.Workers != ops.Single}
}

func (l layout) head(more ...string) []string { return append(l.lead("n", "p", "impl"), more...) }

func (l layout) cells(s *suite.Samples, more ...string) []string {
	return append(l.lead(count(s.N), strconv.Itoa(s.P), s.Impl), more...)
}

func (l layout) lead(n, p, impl string) (list []string) {
	if l.size {
		list = append(list, n)
	}
	if l.goroutines {
		list = append(list, p)
	}
	return append(list, impl)
}

// versus is the ratio to pawl's row.
func versus(r *suite.Results, s *suite.Samples) string {
	if s.Impl == ops.Pawl {
		return "1"
	}
	ratio, ok := r.Ratio(s, ops.Pawl)
	if !ok {
		return ""
	}
	return times(ratio)
}

// bounds is the range of the ratio to pawl's row, also of one that is not clear.
func bounds(r *suite.Results, s *suite.Samples) string {
	ratio, ok := r.Ratio(s, ops.Pawl)
	if s.Impl == ops.Pawl || !ok || !ratio.Known {
		return ""
	}
	return ends(ratio.Range)
}

// latencyTable has the quantiles of one implementation on one line.
func latencyTable(op *ops.Op, r *suite.Results, rows []*suite.Samples) *table {
	l := layoutOf(op)
	t := &table{head: l.head("p50", "p99", "p99.9", "spread", "vs pawl", "range", "max")}
	for _, s := range rows {
		if s.Unit != measure.P50 {
			continue
		}
		at := func(unit string) *suite.Samples {
			k := s.Key
			k.Unit = unit
			return r.Find(k)
		}
		tail := at(measure.P999)
		t.add(l.cells(s, duration(s.Median()), duration(at(measure.P99).Median()), duration(tail.Median()),
			spread(tail.Spread(), tail.Median()), versus(r, tail), bounds(r, tail), duration(at(measure.Max).Value()))...)
	}
	return t
}

// sorted puts rows in the order of tables: by size, goroutines, implementation.
func sorted(rows []*suite.Samples) []*suite.Samples {
	slices.SortStableFunc(rows, func(a, b *suite.Samples) int {
		return cmp.Or(a.N-b.N, a.P-b.P, rank(a.Impl)-rank(b.Impl))
	})
	return rows
}

func rank(impl string) int { return slices.Index(ops.Impls, impl) }
