package report

import (
	"fmt"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// Against compares the ratios of this run with an earlier one's, and says of each
// that both runs print whether they agree on who is faster, and whether the
// ranges overlap that their charts draw.
func (run *Run) Against(old *Run) string {
	t := &table{head: []string{"impl", "now", "range", "then", "range"}}
	var both, turned, apart int
	for _, s := range run.Results.Rows {
		now, then, ok := twice(run.Results, old.Results, s)
		if !ok {
			continue
		}
		both++
		verdict := ""
		switch {
		case (now.Value > 1) != (then.Value > 1):
			turned++
			verdict = "other direction"
		case now.Range.Hi < then.Range.Lo || then.Range.Hi < now.Range.Lo:
			apart++
			verdict = "ranges apart"
		}
		if verdict != "" {
			t.add(suite.Name(s.Op, s.Impl, s.P, s.N)+" "+verdict, times(now), ends(now.Range), times(then), ends(then.Range))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d ratios in both runs: %d of another direction, %d with ranges apart\n", both, turned, apart)
	if len(t.rows) > 0 {
		b.WriteString(t.text())
	}
	return b.String()
}

// twice returns the row's ratio to pawl in both runs, if both are sure of it.
func twice(a, b *suite.Results, s *suite.Samples) (now, then stat.Ratio, ok bool) {
	was := b.Find(s.Key)
	if s.Impl == ops.Pawl || was == nil {
		return now, then, false
	}
	now, known := a.Ratio(s, ops.Pawl)
	then, knew := b.Ratio(was, ops.Pawl)
	return now, then, known && knew && now.Clear && then.Clear
}

func ends(r stat.Range) string { return digits(r.Lo) + "-" + digits(r.Hi) }
