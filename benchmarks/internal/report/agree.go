package report

import (
	"fmt"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// Against compares the ratios of this run with an earlier one's: whether they agree
// on who is faster, and whether their ranges overlap. A ratio that is not clear in one
// run has no direction; its range has to overlap the other's all the same. It lists
// those that differ, and agree says that there are none.
func (run *Run) Against(old *Run) (text string, agree bool) {
	t := &table{head: []string{"impl", "now", "range", "then", "range"}}
	var both, clear, turned, apart int
	for _, s := range run.Results.Rows {
		now, then, ok := twice(run.Results, old.Results, s)
		if !ok {
			continue
		}
		both++
		if now.Clear() && then.Clear() {
			clear++
		}
		verdict := ""
		switch {
		case now.Clear() && then.Clear() && (now.Value > 1) != (then.Value > 1):
			turned++
			verdict = "other direction"
		case !now.Range.Meets(then.Range):
			apart++
			verdict = "ranges apart"
		default:
			continue
		}
		t.add(suite.Name(s.Op, s.Impl, s.P, s.N)+" "+s.Unit+" "+verdict, times(now), ends(now.Range), times(then), ends(then.Range))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d ratios in both runs, %d of them clear in both: %d of another direction, %d with ranges apart\n", both, clear, turned, apart)
	if len(t.rows) > 0 {
		b.WriteString(t.text())
	}
	return b.String(), turned+apart == 0
}

// twice returns the row's ratio to pawl in both runs, where both have a range for it.
// Of maxima no ratio is printed anywhere, and none is compared.
func twice(a, b *suite.Results, s *suite.Samples) (now, then stat.Ratio, ok bool) {
	was := b.Find(s.Key)
	if s.Impl == ops.Pawl || s.Unit == measure.Max || was == nil {
		return now, then, false
	}
	now, _ = a.Ratio(s, ops.Pawl)
	then, _ = b.Ratio(was, ops.Pawl)
	return now, then, now.Known && then.Known
}

func ends(r stat.Range) string { return digits(r.Lo) + "-" + digits(r.Hi) }
