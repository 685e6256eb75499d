package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// page writes the Markdown.
type page struct{ strings.Builder }

func (p *page) say(format string, args ...any) { fmt.Fprintf(p, format+"\n\n", args...) }

func (p *page) facts(list Facts) {
	t := &table{head: []string{"", ""}}
	for _, f := range list {
		t.add(f[0], f[1])
	}
	p.WriteString(t.markdown() + "\n")
}

func (p *page) figures(list []figure) {
	for _, f := range list {
		p.say("![%s](%s)", f.alt, f.file)
	}
}

// markdown is the report's page.
func (run *Run) markdown(bars, lines []figure) string {
	p := new(page)
	p.say("# pawl: benchmark report")
	p.say("%s, in %s, by:", run.Begin.UTC().Format("2006-01-02 15:04 UTC"), run.Took.Round(time.Second))
	p.say("    %s", run.Command)
	run.problems(p)
	p.say("## Machine")
	p.facts(run.Machine)
	p.say("## Peers")
	p.facts(run.Peers)
	p.say("## Method")
	p.say("%s", method)
	run.targets(p)
	if len(bars) > 0 {
		p.say("## Ratios")
		p.figures(bars)
	}
	if len(lines) > 0 {
		p.say("## Growth")
		p.figures(lines)
	}
	p.say("## All numbers")
	run.tables(p)
	p.say("Raw data: [rows.json](rows.json) has the medians, [run.json](run.json) the run with every sample of every row, growth included; `go run . -from run.json` writes this report again.")
	return strings.TrimSpace(p.String()) + "\n"
}

// problems stand first: numbers of a library that miscounted are worth nothing, and
// those of a process that failed are missing.
func (run *Run) problems(p *page) {
	for _, text := range run.Results.Problems {
		p.say("**Went wrong: %s.**", text)
	}
}

func (run *Run) targets(p *page) {
	t := targetTable(run.Results, run.Procs)
	if len(t.rows) == 0 {
		return
	}
	p.say("## Targets")
	p.say("What the project set out to reach, as far as this run measured it.")
	p.say("%s", t.markdown())
}

// tables has one table for each op that was measured.
func (run *Run) tables(p *page) {
	for i := range ops.Table {
		op := &ops.Table[i]
		if len(run.Results.Of(op.Name)) == 0 {
			continue
		}
		p.say("### %s", op.Title)
		p.say("`%s`. %s", op.Name, op.About)
		p.say("%s", opTable(op, run.Results).markdown())
	}
}

const method = `Every implementation does the same work in one process, and they take turns: a round measures each row once, each round
begins with another row, and a collection of garbage before each sample leaves nothing of the neighbour's behind. So what disturbs
the machine for a while disturbs all alike. Every group of rows, one op at one size, is measured in several processes, which are
spread over the whole run: where heap and physical pages come to lie, and who else uses the machine, stays the same within a
process, and moves ratios by more than all that changes in it. There are five (three with -quick, and from 100,000 series on),
of up to two rounds each.

- **ns/op** is the median, over the processes, of the median of each one's rounds: what one op costs as one goroutine sees it, elapsed time
  divided by the ops that each of the p goroutines did, all of them running at once. When p goroutines do not hinder each other, that
  stays the same from one of them up to the number of CPUs; beyond that it grows, because each runs part of the time. For scrapes it is
  per series.
- **spread** is half the width of the range of the processes' medians.
- **vs pawl** is the ratio to pawl's time: 2x took twice as long. In each process every round is divided by pawl's of the same
  round, and their median is what the process says; the ratio is the median of the processes.
- **range** is where that ratio is to be expected in another run: the 99% interval of Student's t about the mean of the processes'
  ratios (of their logarithms), widened by 5% at both ends, because few processes can agree by luck, and because a build or a
  neighbour can shift all processes of one run. The fewer the processes, the wider it is; one alone has no range.
- A ratio whose range has 1 in it is left out (–): who is faster is not clear.
- **floor** is no library but a limit of the machine: a plain increment in memory of the goroutine's own, or a copy of the
  exposition's bytes.
- Totals are read back after the last round of each process and compared with what was recorded.`
