package validations

import (
	"errors"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// LintHelp checks that there is a help text.
func LintHelp(mf *dto.MetricFamily) []error {
	return says(mf.Help == nil, "no help text")
}

// LintCounter checks that counters, and no others, have names that end in _total.
func LintCounter(mf *dto.MetricFamily) []error {
	total := strings.HasSuffix(mf.GetName(), "_total")
	switch mf.GetType() {
	case dto.MetricType_UNTYPED:
		return nil
	case dto.MetricType_COUNTER:
		return says(!total, `counter metrics should have "_total" suffix`)
	}
	return says(total, `non-counter metrics should not have "_total" suffix`)
}

// LintHistogramSummaryReserved checks that names and labels of histograms' and
// summaries' samples are theirs alone.
func LintHistogramSummaryReserved(mf *dto.MetricFamily) (problems []error) {
	typ := mf.GetType()
	if typ == dto.MetricType_UNTYPED {
		return nil
	}
	histogram, summary := typ == dto.MetricType_HISTOGRAM, typ == dto.MetricType_SUMMARY
	check := func(found bool, text string) { problems = append(problems, says(found, text)...) }
	ends := func(suffix string) bool { return strings.HasSuffix(mf.GetName(), suffix) }

	check(!histogram && ends("_bucket"), `non-histogram metrics should not have "_bucket" suffix`)
	check(!histogram && !summary && ends("_count"), `non-histogram and non-summary metrics should not have "_count" suffix`)
	check(!histogram && !summary && ends("_sum"), `non-histogram and non-summary metrics should not have "_sum" suffix`)
	for name := range labelNames(mf) {
		check(!histogram && name == "le", `non-histogram metrics should not have "le" label`)
		check(!summary && name == "quantile", `non-summary metrics should not have "quantile" label`)
	}
	return problems
}

// LintDuplicateMetric checks that no two metrics have the same labels.
func LintDuplicateMetric(mf *dto.MetricFamily) (problems []error) {
	seen := make(map[string]bool, len(mf.Metric))
	for _, m := range mf.Metric {
		if key := labelKey(m); seen[key] {
			problems = append(problems, errors.New("metric not unique"))
		} else {
			seen[key] = true
		}
	}
	return problems
}
