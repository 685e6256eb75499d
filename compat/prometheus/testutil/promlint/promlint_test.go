package promlint_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus/testutil/promlint"
)

// What a counter, a gauge and so on may be called, and what is said of it.
func TestLint(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // the problems, with a semicolon between them
	}{
		{"# HELP jobs_total Jobs.\n# TYPE jobs_total counter\njobs_total 1\n", ""},
		{"# TYPE jobs_total counter\njobs_total 1\n", "no help text"},
		{"# HELP jobs Jobs.\n# TYPE jobs counter\njobs 1\n", `counter metrics should have "_total" suffix`},
		{"# HELP jobs_total Jobs.\n# TYPE jobs_total gauge\njobs_total 1\n", `non-counter metrics should not have "_total" suffix`},
		{"# HELP jobs_total Jobs.\n# TYPE jobs_total untyped\njobs_total 1\n", ""},

		{help("x_bytes_total", "counter"), ""},
		{help("x_bytes", "gauge"), ""},
		{help("x_milliseconds", "gauge"), `use base unit "seconds" instead of "milliseconds"`},
		{help("x_minutes", "gauge"), `use base unit "seconds" instead of "minutes"`},
		{help("x_fahrenheit", "gauge"), `use base unit "celsius" instead of "fahrenheit"`},
		{help("x_kelvins", "gauge"), `use base unit "kelvin" instead of "kelvins"`},
		{help("x_kelvin", "gauge"), ""},
		{help("x_metres", "gauge"), ""},
		{help("x_kilometres", "gauge"), `use base unit "metres" instead of "kilometres"`},
		{help("x_miles", "gauge"), `use base unit "meters" instead of "miles"`},
		{help("x_gibibytes_per_hours", "gauge"), `use base unit "bytes" instead of "gibibytes"`},
		{help("kilobytes_x", "gauge"), `use base unit "bytes" instead of "kilobytes"`},
		{help("x_bits", "gauge"), `use base unit "bytes" instead of "bits"`},
		{help("x_kilo", "gauge"), ""},
		{help("x_calories", "gauge"), `use base unit "joules" instead of "calories"`},
		{help("x_ounces", "gauge"), `use base unit "grams" instead of "ounces"`},

		{help("x_ms", "gauge"), "metric names should not contain abbreviated units"},
		{help("x_MB_free", "gauge"), "metric names should not contain abbreviated units"},
		{help("x_ms_per_b", "gauge"), "metric names should not contain abbreviated units;metric names should not contain abbreviated units"},
		{help("ms", "gauge"), ""},
		{help("x_msg", "gauge"), ""},

		{help("x_gauge", "gauge"), "metric name should not include type 'gauge'"},
		{help("x_gauge_now", "gauge"), "metric name should not include type 'gauge'"},
		{help("gauge_now", "gauge"), ""},
		{help("x_gauges", "gauge"), ""},
		{help("x_counter_total", "counter"), "metric name should not include type 'counter'"},
		{help("x_untyped", "untyped"), ""},

		{help("a:x", "gauge"), "metric names should not contain ':'"},
		{help("aX", "gauge"), "metric names should be written in 'snake_case' not 'camelCase'"},
		{help("x", "gauge", `aB="1"`, `cD="1"`), "label names should be written in 'snake_case' not 'camelCase';label names should be written in 'snake_case' not 'camelCase'"},

		{help("x_count", "gauge"), `non-histogram and non-summary metrics should not have "_count" suffix`},
		{help("x_sum", "gauge"), `non-histogram and non-summary metrics should not have "_sum" suffix`},
		{help("x_bucket", "gauge"), `non-histogram metrics should not have "_bucket" suffix`},
		{help("x_count", "untyped"), ""},
		{help("x", "gauge", `le="1"`), `non-histogram metrics should not have "le" label`},
		{help("x", "gauge", `quantile="1"`), `non-summary metrics should not have "quantile" label`},
		{help("x", "untyped", `quantile="1"`, `le="1"`), ""},

		{help("x", "gauge", `a="1"`, `a="1"`, `a="2"`, `a="1"`), "metric not unique;metric not unique"},
	} {
		problems, err := promlint.New(strings.NewReader(c.text)).Lint()
		if err != nil {
			t.Errorf("%s\n%v", c.text, err)
		}
		if got := texts(problems); got != c.want {
			t.Errorf("%s\n%q, want\n%q", c.text, got, c.want)
		}
	}
}

// help is the exposition of a family of one sample, or one for each of the labels.
func help(name, typ string, labels ...string) string {
	text := fmt.Sprintf("# HELP %s A text.\n# TYPE %s %s\n", name, name, typ)
	if labels == nil {
		text += name + " 1\n"
	}
	for _, l := range labels {
		text += name + "{" + l + "} 1\n"
	}
	return text
}

func texts(problems []promlint.Problem) string {
	var list []string
	for _, p := range problems {
		list = append(list, p.Text)
	}
	return strings.Join(list, ";")
}

// Histograms and summaries have names and labels that others must not have.
func TestLintHistograms(t *testing.T) {
	family := func(name string, typ dto.MetricType, label string) *dto.MetricFamily {
		return &dto.MetricFamily{Name: &name, Help: new("A text."), Type: &typ,
			Metric: []*dto.Metric{{Label: []*dto.LabelPair{{Name: &label, Value: new("1")}}}}}
	}
	for _, c := range []struct {
		mf   *dto.MetricFamily
		want string
	}{
		{family("x_bucket", dto.MetricType_HISTOGRAM, "a"), ""},
		{family("x_count", dto.MetricType_HISTOGRAM, "le"), ""},
		{family("x_sum", dto.MetricType_SUMMARY, "quantile"), ""},
		{family("x_bucket", dto.MetricType_SUMMARY, "le"), `non-histogram metrics should not have "_bucket" suffix;non-histogram metrics should not have "le" label`},
		{family("x", dto.MetricType_HISTOGRAM, "quantile"), `non-summary metrics should not have "quantile" label`},
		{family("x_gauge_histogram", dto.MetricType_GAUGE_HISTOGRAM, "a"), "metric name should not include type 'gauge_histogram'"},
		{family("x_histogram", dto.MetricType_HISTOGRAM, "a"), "metric name should not include type 'histogram'"},
	} {
		problems, err := promlint.NewWithMetricFamilies([]*dto.MetricFamily{c.mf}).Lint()
		if got := texts(problems); got != c.want || err != nil {
			t.Errorf("%v\n%q, %v; want\n%q", c.mf, got, err, c.want)
		}
	}
}

func TestLintSortsAndTakesChecks(t *testing.T) {
	l := promlint.New(strings.NewReader("# TYPE z_ms gauge\nz_ms 1\n# TYPE a counter\na 1\n"))
	l.AddCustomValidations(func(mf *dto.MetricFamily) []error { return []error{errors.New("a custom one")} })
	l.AddCustomValidations(func(mf *dto.MetricFamily) []error { return nil })
	problems, err := l.Lint()
	want := []promlint.Problem{
		{"a", "a custom one"}, {"a", `counter metrics should have "_total" suffix`}, {"a", "no help text"},
		{"z_ms", "a custom one"}, {"z_ms", "metric names should not contain abbreviated units"}, {"z_ms", "no help text"},
	}
	if err != nil || !slices.Equal(problems, want) {
		t.Errorf("%v, %v", problems, err)
	}
}

// One linter's checks are not another's.
func TestChecksAreTheLintersOwn(t *testing.T) {
	promlint.New(nil).AddCustomValidations(func(*dto.MetricFamily) []error { return []error{errors.New("custom")} })
	if problems, err := promlint.New(strings.NewReader(help("x", "gauge"))).Lint(); len(problems) != 0 || err != nil {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestLintOfNoExposition(t *testing.T) {
	if problems, err := promlint.New(strings.NewReader("{{{")).Lint(); err == nil {
		t.Errorf("no error, %v", problems)
	}
}

func ExampleLinter_Lint() {
	const text = `
# HELP queue_wait_milliseconds Age of the oldest entry.
# TYPE queue_wait_milliseconds gauge
queue_wait_milliseconds 12
`
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	fmt.Println(problems, err)
	// Output: [{queue_wait_milliseconds use base unit "seconds" instead of "milliseconds"}] <nil>
}
