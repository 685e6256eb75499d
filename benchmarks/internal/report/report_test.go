package report

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

func TestNumbers(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{digits(0), "0"}, {digits(4.683), "4.68"}, {digits(37.41), "37.4"}, {digits(1624.2), "1624"}, {digits(0.058), "0.06"}, {digits(0.0012), "0.0012"},
		{amount(0), "0"}, {amount(0.0001), "0"}, {amount(3), "3"}, {amount(4.07), "4.07"}, {amount(351.2), "351"},
		{duration(30), "30.0 ns"}, {duration(1192), "1192 ns"}, {duration(19_600), "19.6 µs"}, {duration(8.05e6), "8.05 ms"}, {duration(2e9), "2.00 s"},
		{value(218, "bytes"), "218 B"}, {value(5, "ns"), "5.00 ns"},
		{count(0), "0"}, {count(500), "500"}, {count(1000), "1k"}, {count(100_000), "100k"}, {count(1_000_000), "1M"}, {count(1234), "1234"},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

func TestTable(t *testing.T) {
	tab := &table{head: []string{"p", "impl", "ns/op"}}
	tab.add("1", "pawl", "4.43")
	tab.add()
	tab.add("16", "über", "12.0")
	const text = "   p  impl  ns/op\n   1  pawl   4.43\n\n  16  über   12.0\n"
	if got := tab.text(); got != text {
		t.Errorf("text:\n%s\nwant:\n%s", got, text)
	}
	const markdown = "| p | impl | ns/op |\n| ---: | --- | ---: |\n| 1 | pawl | 4.43 |\n| 16 | über | 12.0 |\n"
	if got := tab.markdown(); got != markdown {
		t.Errorf("markdown:\n%s\nwant:\n%s", got, markdown)
	}
}

// results are made up: pawl takes 4 ns, VictoriaMetrics 8, client_golang something
// between 2 and 20, and so on.
func results(procs int) *suite.Results {
	r := new(suite.Results)
	add := func(op, impl string, p, n int, unit string, values ...float64) {
		for _, v := range values {
			r.Add(suite.Key{Op: op, Impl: impl, P: p, N: n}, measure.Reading{Unit: unit, Value: v})
		}
	}
	for _, p := range []int{1, 4 * procs} {
		add("counter_inc", ops.Pawl, p, 0, "ns", 4, 4, 4)
		add("counter_inc", ops.Victoria, p, 0, "ns", 8, 8.1, 7.9)
		add("counter_inc", ops.Prom, p, 0, "ns", 2, 20, 9)
		add("counter_inc", ops.Floor, p, 0, "ns", 0.3, 0.3, 0.3)
	}
	for unit, v := range map[string]float64{measure.P50: 30, measure.P99: 60, measure.P999: 90, measure.Max: 1e6} {
		add("inc_during_scrape", ops.Pawl, max(1, procs-1), 10_000, unit, v, v, v)
		add("inc_during_scrape", ops.Prom, max(1, procs-1), 10_000, unit, 2*v, 2*v, 2*v)
	}
	add("bytes_per_series", ops.Pawl, procs, 100_000, "bytes", 190, 191, 192)
	for _, n := range []int{10_000, 100_000} {
		add("scrape_text", ops.Pawl, 1, n, "ns", 25, 25, 25)
		add("scrape_text", ops.Floor, 1, n, "ns", 5, 5, 5)
	}
	return r
}

func opOf(name string) *ops.Op {
	for i := range ops.Table {
		if ops.Table[i].Name == name {
			return &ops.Table[i]
		}
	}
	return nil
}

// squeeze makes every run of spaces one space.
func squeeze(s string) string { return regexp.MustCompile(" +").ReplaceAllString(s, " ") }

func TestText(t *testing.T) {
	got := squeeze(Text(opOf("counter_inc"), results(2)))
	for _, want := range []string{" 1 pawl 4.00 ±0% 1 0 0\n", " 1 victoriametrics 8.00 ±1% 2.00x 1.77-2.26 ", " 1 client_golang 9.00 ±100% – ", " 8 floor 0.30 ±0% 0.07x 0.07-0.08 "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	got = squeeze(Text(opOf("inc_during_scrape"), results(2)))
	if want := " 10k 1 client_golang 60.0 ns 120 ns 180 ns ±0% 2.00x 1.90-2.10 2.00 ms\n"; !strings.Contains(got, want) {
		t.Errorf("no %q in\n%s", want, got)
	}
}

func TestTargets(t *testing.T) {
	got := targetTable(results(2), 2).markdown()
	for _, want := range []string{
		"| Counter.Inc, 1 goroutine | at least 2x as fast as the best peer | 2.00x (victoriametrics) | met |",
		"| text scrape, 10k counters, every value changed | within 3x of copying the bytes | 5.00x | missed |",
		"| worst recording (p99.9) while scrapes run, counter | at most client_golang's | 90.0 ns against 180 ns | met |",
		"| resident bytes per counter, three labels | at most 189, and 8 for each P | 191 | met |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "series creation") {
		t.Errorf("a target that was not measured is judged:\n%s", got)
	}
}

// A target is judged several times, for the report and for each page.
func TestTargetsDoNotChange(t *testing.T) {
	r := new(suite.Results)
	for n, v := range map[int]float64{1000: 10, 1_000_000: 30} {
		r.Add(suite.Key{Op: "series_create", Impl: ops.Pawl, P: 1, N: n}, measure.Reading{Unit: "ns", Value: v})
	}
	for range 2 {
		got := targetTable(r, 2).markdown()
		if want := "| series creation, 1M series against 1k | at most 1.5x | 3.00x | missed |"; !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "report")
	r := results(runtime.GOMAXPROCS(0))
	r.Problems = []string{"counter_inc, otel: recorded 5, reads 4"}
	run := runOf(r)
	if err := run.Write(dir); err != nil {
		t.Fatal(err)
	}
	page := read(t, dir, "README.md")
	for _, want := range []string{"go run . -quick", runtime.Version(), "Went wrong: counter_inc, otel", "## Targets", "### Counter.Inc"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(page, -1)
	if len(links) < 5 {
		t.Errorf("links: %v", links)
	}
	for _, l := range links {
		read(t, dir, l[1])
	}
	back, err := ReadRun(filepath.Join(dir, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	again := t.TempDir()
	if err := back.Write(again); err != nil {
		t.Fatal(err)
	}
	if read(t, again, "README.md") != page || read(t, again, "run.json") != read(t, dir, "run.json") {
		t.Error("a report made from run.json is another report")
	}
}

func runOf(r *suite.Results) *Run {
	return &Run{Results: r, Command: "go run . -quick", Begin: time.Now().UTC().Truncate(time.Second), Took: time.Second,
		Procs: runtime.GOMAXPROCS(0), Machine: Machine(), Peers: Versions()}
}

func TestReadRunRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"empty.json": "", "array.json": "[]", "none.json": "{}", "norows.json": `{"results":{"rows":[]}}`} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRun(file); err == nil || !strings.Contains(err.Error(), name) && !strings.Contains(err.Error(), "JSON") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPublish(t *testing.T) {
	root := t.TempDir()
	run := runOf(results(runtime.GOMAXPROCS(0)))
	pages := map[string]string{"README.md": "", "docs/performance.md": ""}
	for _, s := range sections {
		pages[s.file] += "before\n<!-- benchmarks: begin " + s.name + " -->\nold\n<!-- benchmarks: end " + s.name + " -->\nafter\n"
	}
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range pages {
		if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if stale, err := run.Stale(root); err != nil || len(stale) != len(sections) {
		t.Errorf("before: stale are %q, %v", stale, err)
	}
	if err := run.Publish(root); err != nil {
		t.Fatal(err)
	}
	if stale, err := run.Stale(root); err != nil || len(stale) > 0 {
		t.Errorf("after: stale are %q, %v", stale, err)
	}
	page := read(t, root, "README.md")
	for _, want := range []string{"before\n", "after\n", "| `Counter.Inc`, 1 goroutine / all CPUs | 4.0 ns", "| resident bytes per counter, three labels | 191 B |"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, "old") {
		t.Error("the old section is still there")
	}
	if err := os.WriteFile(filepath.Join(root, "README.md"), []byte("no section"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run.Publish(root); err == nil || !strings.Contains(err.Error(), "README.md") {
		t.Errorf("a page without the section: %v", err)
	}
}

// What a peer does faster is in bold, and a ratio that drowns in noise is none.
func TestShown(t *testing.T) {
	r := new(suite.Results)
	add := func(impl string, values ...float64) *suite.Samples {
		k := suite.Key{Op: "counter_inc", Impl: impl, P: 1}
		for _, v := range values {
			r.Add(k, measure.Reading{Unit: "ns", Value: v})
		}
		k.Unit = "ns"
		return r.Find(k)
	}
	add(ops.Pawl, 4, 4, 4)
	for want, s := range map[string]*suite.Samples{
		"**0.50x**": add(ops.Prom, 2, 2, 2), "2.0x": add(ops.Xsync, 8, 8, 8), "13x": add(ops.Otel, 50, 52, 54), unclear: add(ops.Victoria, 3, 4, 5),
	} {
		if got := shown(r, s); got != want {
			t.Errorf("%s: %q, want %q", s.Impl, got, want)
		}
	}
}

// made is a run in which pawl takes 4 ns and the others what is given, a number for
// each process.
func made(values map[string][]float64) *Run {
	r := new(suite.Results)
	values[ops.Pawl] = []float64{4, 4, 4}
	for pass := range 3 {
		one := new(suite.Results)
		for impl, list := range values {
			one.Add(suite.Key{Op: "counter_inc", Impl: impl, P: 1}, measure.Reading{Unit: "ns", Value: list[pass]})
		}
		r.Merge(pass+1, one)
	}
	return runOf(r)
}

func TestAgainst(t *testing.T) {
	now := made(map[string][]float64{ops.Prom: {8, 8, 8}, ops.Victoria: {2, 2, 2}, ops.Xsync: {12, 12, 12}, ops.Otel: {4, 4, 4}, ops.Floor: {3.8, 4, 4.2}})
	then := made(map[string][]float64{ops.Prom: {8.5, 8.6, 8.5}, ops.Victoria: {8, 8, 8}, ops.Xsync: {10, 10, 10}, ops.Otel: {5, 5, 5}, ops.Floor: {4.5, 4.5, 4.5}})
	got, agree := now.Against(then)
	got = squeeze(got)
	for _, want := range []string{"5 ratios in both runs, 3 of them clear in both: 1 of another direction, 2 with ranges apart",
		"impl=victoriametrics/p=1/n=0 ns other direction 0.50x 0.48-0.53 2.00x 1.90-2.10",
		"impl=xsync/p=1/n=0 ns ranges apart 3.00x 2.86-3.15 2.50x 2.38-2.62",
		"impl=otel/p=1/n=0 ns ranges apart – 0.95-1.05 1.25x 1.19-1.31"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if agree || strings.Contains(got, "client_golang") || strings.Contains(got, "floor") {
		t.Errorf("what agrees is listed, or what does not agree does:\n%s", got)
	}
	if text, agree := now.Against(now); !agree || !strings.Contains(text, "0 of another direction, 0 with ranges apart") {
		t.Errorf("a run against itself:\n%s", text)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
