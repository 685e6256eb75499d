package report

import (
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// line is one line of the summary: what one op costs, in up to two cases that are
// divided by a slash.
type line struct {
	title string
	cases []where
}

// both is one goroutine and as many as there are CPUs.
func both(op string, n int) []where { return []where{{op: op, p: 1, n: n}, {op: op, n: n}} }

// sizes is one goroutine at each size.
func sizes(op string, n ...int) (list []where) {
	for _, n := range n {
		list = append(list, where{op: op, p: 1, n: n})
	}
	return list
}

var lines = []line{
	{"`Counter.Inc`, 1 goroutine / all CPUs", both("counter_inc", 0)},
	{"`Counter.Add(0.5)`, 1 / all", both("counter_add_float", 0)},
	{"`Gauge.Set`, 1 / all", both("gauge_set", 0)},
	{"`Gauge.Add`, 1 / all", both("gauge_add", 0)},
	{"`UpDown.Add` (their gauges, xsync's counter), 1 / all", both("updown_add", 0)},
	{"`Histogram.Observe`, 11 buckets, 1 / all", both("observe_classic11", 0)},
	{"`Histogram.Observe`, native, schema 3, 1 / all", both("observe_native_s3", 0)},
	{"`Histogram.Observe`, native, schema 8, 1 / all", both("observe_native_s8", 0)},
	{"`Histogram.ObserveWithExemplar`, 1 / all", both("observe_exemplar", 0)},
	{"lookup by three labels and `Inc`, 1 / all", both("lookup3_inc", 1000)},
	{"a new series, at 1k / 1M", sizes("series_create", 1000, 1_000_000)},
	{"resident bytes per counter, three labels", []where{{op: "bytes_per_series", n: 100_000, unit: "bytes"}}},
	{"resident bytes per native histogram, 200 observations", []where{{op: "bytes_per_native", n: 5000, unit: "bytes"}}},
	{"text scrape, per counter, 10k / 100k, all changed", sizes("scrape_text", 10_000, 100_000)},
	{"the same, unchanged", sizes("scrape_text_unchanged", 10_000, 100_000)},
	{"OpenMetrics scrape, per counter, 10k / 100k", sizes("scrape_openmetrics", 10_000, 100_000)},
	{"protobuf scrape, per counter, 10k / 100k", sizes("scrape_protobuf", 10_000, 100_000)},
	{"text scrape with gzip, per counter, 10k / 100k", sizes("scrape_text_gzip", 10_000, 100_000)},
	{"text scrape, per histogram, 10k", sizes("scrape_histogram_text", 10_000)},
	{"protobuf scrape, per native histogram, 1k", sizes("scrape_native_protobuf", 1000)},
}

// compared are the columns of the summary, after pawl's.
var compared = []struct{ impl, title string }{
	{ops.Prom, "client_golang"}, {ops.Victoria, "VictoriaMetrics"}, {ops.Xsync, "xsync"}, {ops.Otel, "OpenTelemetry"},
}

// summary is the table of the README: pawl's cost, and how many times as long the
// others took. What they do faster is in bold.
func (run *Run) summary() string {
	t := &table{head: []string{"", "pawl"}}
	for _, c := range compared {
		t.head = append(t.head, c.title)
	}
	for _, l := range lines {
		if cells, measured := run.line(l); measured {
			t.add(append([]string{l.title}, cells...)...)
		}
	}
	return run.origin() + "\n" + t.markdown()
}

func (run *Run) line(l line) (cells []string, measured bool) {
	cells = append(cells, run.cell(l, func(w where) string {
		s := run.Results.Find(w.key(ops.Pawl, run.Procs))
		if s == nil {
			return ""
		}
		measured = true
		return two(s.Median()) + map[bool]string{true: " B", false: " ns"}[s.Unit == "bytes"]
	}))
	for _, c := range compared {
		cells = append(cells, run.cell(l, func(w where) string { return run.times(w, c.impl) }))
	}
	return cells, measured
}

// cell joins what find says of each case.
func (run *Run) cell(l line, find func(w where) string) string {
	texts, any := make([]string, len(l.cases)), false
	for i, w := range l.cases {
		texts[i] = find(w)
		any = any || texts[i] != ""
	}
	if !any {
		return ""
	}
	return strings.TrimSpace(strings.Join(texts, " / "))
}

// times is a peer's ratio, in bold when the peer is faster.
func (run *Run) times(w where, impl string) string {
	s := run.Results.Find(w.key(impl, run.Procs))
	if s == nil {
		return ""
	}
	return shown(run.Results, s)
}

func shown(r *suite.Results, s *suite.Samples) string {
	ratio, ok := r.Ratio(s, ops.Pawl)
	switch {
	case !ok:
		return ""
	case !ratio.Clear():
		return unclear
	case ratio.Value < 1:
		return "**" + two(ratio.Value) + "x**"
	}
	return two(ratio.Value) + "x"
}

// two prints two significant digits, and never less than the integer part.
func two(v float64) string {
	switch {
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}
