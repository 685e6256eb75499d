package testutil

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/internal"
)

// CollectAndCompare compares what a collector exposes as text with what is expected. The
// error of a difference is both, line by line, with - before those that were got and +
// before those that were expected.
func CollectAndCompare(c prometheus.Collector, expected io.Reader, metricNames ...string) error {
	reg, err := registered(c)
	if err != nil {
		return err
	}
	return GatherAndCompare(reg, expected, metricNames...)
}

// GatherAndCompare is CollectAndCompare for what a Gatherer gathers.
func GatherAndCompare(g prometheus.Gatherer, expected io.Reader, metricNames ...string) error {
	return TransactionalGatherAndCompare(prometheus.ToTransactionalGatherer(g), expected, metricNames...)
}

// TransactionalGatherAndCompare is GatherAndCompare for a TransactionalGatherer. The
// transaction lasts until all is compared.
func TransactionalGatherAndCompare(g prometheus.TransactionalGatherer, expected io.Reader, metricNames ...string) error {
	got, done, err := g.Gather()
	defer done()
	if err != nil {
		return fmt.Errorf("gathering metrics failed: %w", err)
	}
	return compareWith(got, expected, metricNames)
}

// ScrapeAndCompare is GatherAndCompare for what a server exposes as text.
func ScrapeAndCompare(url string, expected io.Reader, metricNames ...string) error {
	resp, err := http.Get(url)
	if err != nil {
		return fmt.Errorf("scraping metrics failed: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the scraping target returned a status code other than 200: %d", resp.StatusCode)
	}
	got, err := parsed(resp.Body)
	if err != nil {
		return err
	}
	return compareWith(got, expected, metricNames)
}

func compareWith(got []*dto.MetricFamily, expected io.Reader, names []string) error {
	want, err := parsed(expected)
	if err != nil {
		return err
	}
	format := expfmt.NewFormat(expfmt.TypeTextPlain).WithEscapingScheme(model.NoEscaping)
	gotText, err := encoded("gathered", chosen(got, names), format)
	if err != nil {
		return err
	}
	wantText, err := encoded("expected", chosen(want, names), format)
	if err != nil {
		return err
	}
	if string(gotText) == string(wantText) {
		return nil
	}
	return errors.New(difference(string(gotText), string(wantText)))
}

// parsed reads an exposition in text and returns its families as a registry would gather
// them. These have a help text always, if an empty one; the parser has none for
// a line HELP without text.
func parsed(r io.Reader) ([]*dto.MetricFamily, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	byName, err := parser.TextToMetricFamilies(r)
	if err != nil {
		return nil, fmt.Errorf("converting reader to metric families failed: %w", err)
	}
	for _, mf := range byName {
		if mf.Help == nil {
			mf.Help = new("")
		}
	}
	return internal.NormalizeMetricFamilies(byName), nil
}
