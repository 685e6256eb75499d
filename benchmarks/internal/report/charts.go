package report

import (
	"fmt"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/chart"
	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// figure is one chart of a report.
type figure struct {
	file string
	alt  string
	svg  string
}

// ratios describes a chart of bars: which rows are in it.
type ratios struct {
	file, title string
	ops         []string
	keep        func(k suite.Key, procs int) bool
}

var recordings = []string{"counter_inc", "counter_add_float", "gauge_set", "gauge_add", "updown_add", "observe_classic11", "observe_native_s3", "observe_native_s8", "observe_exemplar"}

var ratioCharts = []ratios{
	{"recording-1.svg", "Recording on one goroutine", recordings,
		func(k suite.Key, _ int) bool { return k.P == 1 }},
	{"recording-all.svg", "Recording on all CPUs at once, in one instrument", recordings,
		func(k suite.Key, procs int) bool { return k.P == procs && procs > 1 }},
	{"lookup.svg", "Looking a series up by its labels, and an increment", []string{"lookup1_inc", "lookup3_inc"}, everything},
	{"series.svg", "Making, replacing and keeping series", []string{"series_create", "series_churn", "bytes_per_series", "bytes_per_native"}, everything},
	{"scrape.svg", "Scraping", []string{"scrape_text", "scrape_text_unchanged", "scrape_text_gzip", "scrape_openmetrics", "scrape_protobuf", "scrape_native_protobuf", "scrape_histogram_text", "scrape_histogram_text_unchanged"}, everything},
	{"during.svg", "Latency of a recording while scrapes run", []string{"inc_during_scrape", "observe_during_scrape"},
		func(k suite.Key, _ int) bool { return k.Unit != measure.Max }},
}

func everything(suite.Key, int) bool { return true }

const barsSubtitle = "Time (or memory) in multiples of pawl's, which is the line at 1x: bars to the right are slower, to the left faster."

// draw makes the chart, or says that there is nothing to draw.
func (c ratios) draw(r *suite.Results, procs int) (figure, bool) {
	bars := chart.Bars{Title: c.title, Subtitle: barsSubtitle}
	for _, op := range c.ops {
		rows := sorted(r.Of(op))
		for i := range rows {
			if k := rows[i].Key; k.Impl == ops.Pawl && c.keep(k, procs) {
				bars.Groups = append(bars.Groups, group(r, rows, rows[i]))
			}
		}
	}
	if len(bars.Groups) == 0 {
		return figure{}, false
	}
	return figure{c.file, c.title, bars.SVG()}, true
}

// group is the bars of everyone who did the same as this row of pawl's.
func group(r *suite.Results, rows []*suite.Samples, pawl *suite.Samples) chart.Group {
	g := chart.Group{Name: pawl.Op, Note: note(pawl)}
	for _, s := range rows {
		same := s.Key
		same.Impl = ops.Pawl
		if same == pawl.Key && s != pawl {
			g.Bars = append(g.Bars, bar(r, s))
		}
	}
	return g
}

// note says which row a group is, and what pawl took.
func note(pawl *suite.Samples) string {
	parts := []string{}
	if pawl.N > 0 {
		parts = append(parts, "n="+count(pawl.N))
	}
	if pawl.Unit != "bytes" && pawl.P > 1 {
		parts = append(parts, fmt.Sprintf("p=%d", pawl.P))
	}
	if q, ok := strings.CutPrefix(pawl.Unit, "ns_"); ok {
		parts = append(parts, q)
	}
	return strings.Join(append(parts, "pawl "+value(pawl.Median(), pawl.Unit)), ", ")
}

func bar(r *suite.Results, s *suite.Samples) chart.Bar {
	ratio, _ := r.Ratio(s, ops.Pawl)
	took := value(s.Median(), s.Unit)
	if !ratio.Clear() {
		return chart.Bar{Name: s.Impl, None: true, Label: s.Impl + ": no clear ratio (" + took + ")"}
	}
	return chart.Bar{Name: s.Impl, Value: ratio.Value, Lo: ratio.Range.Lo, Hi: ratio.Range.Hi,
		Label: times(ratio) + ", " + took}
}

// curves describes a chart of lines: one op by what grows.
type curves struct {
	file, op, title, x string
	by                 func(k suite.Key) int
}

func goroutines(k suite.Key) int { return k.P }
func number(k suite.Key) int     { return k.N }

var growthCharts = []curves{
	{"growth-counter.svg", "counter_inc", "Counter.Inc by goroutines", "goroutines, all in one counter", goroutines},
	{"growth-observe.svg", "observe_classic11", "Histogram.Observe by goroutines", "goroutines, all in one histogram", goroutines},
	{"growth-lookup.svg", "growth_lookup", "Lookup by three labels and Inc, by series", "series in the table", number},
	{"growth-labels.svg", "growth_labels", "Lookup and Inc, by labels", "labels", number},
	{"growth-buckets.svg", "growth_buckets", "Histogram.Observe by buckets", "bounds", number},
	{"growth-create.svg", "series_create", "Series creation, by series", "series made", number},
	{"growth-scrape.svg", "scrape_text", "Text scrape, by series", "series in the registry", number},
}

func (c curves) draw(r *suite.Results) (figure, bool) {
	lines := chart.Lines{Title: c.title, Subtitle: c.subtitle(), X: c.x, Y: "ns per op"}
	longest := 0
	for _, impl := range ops.Impls {
		if line := c.line(r, impl); len(line.Points) > 0 {
			lines.Lines = append(lines.Lines, line)
			longest = max(longest, len(line.Points))
		}
	}
	if longest < 2 {
		return figure{}, false
	}
	return figure{c.file, c.title, lines.SVG()}, true
}

func (c curves) subtitle() string {
	if c.op == "counter_inc" || c.op == "observe_classic11" {
		return "As one goroutine sees it: flat up to the number of CPUs is perfect; beyond that each runs part of the time."
	}
	return "Both scales are logarithmic. Flat is perfect."
}

func (c curves) line(r *suite.Results, impl string) chart.Line {
	line := chart.Line{Name: impl}
	for _, s := range sorted(r.Of(c.op)) {
		if s.Impl == impl && s.Median() > 0 {
			line.Points = append(line.Points, chart.Point{X: float64(c.by(s.Key)), Y: s.Median()})
		}
	}
	return line
}
