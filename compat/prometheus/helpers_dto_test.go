package prometheus_test

import (
	"errors"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// foreign is a collector as users write them.
type foreign struct {
	descs   []*prometheus.Desc
	metrics []prometheus.Metric
}

func (f *foreign) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range f.descs {
		ch <- d
	}
}

func (f *foreign) Collect(ch chan<- prometheus.Metric) {
	for _, m := range f.metrics {
		ch <- m
	}
}

// of returns a collector that describes what it collects.
func of(metrics ...prometheus.Metric) *foreign {
	f := &foreign{metrics: metrics}
	for _, m := range metrics {
		f.descs = append(f.descs, m.Desc())
	}
	return f
}

// unchecked returns a collector that describes nothing.
func unchecked(metrics ...prometheus.Metric) *foreign { return &foreign{metrics: metrics} }

// describing returns a collector that only describes.
func describing(descs ...*prometheus.Desc) *foreign { return &foreign{descs: descs} }

// gauge is a constant gauge with labels a, b, ... of these values.
func gaugeOf(name string, value float64, labelValues ...string) prometheus.Metric {
	desc := prometheus.NewDesc(name, "help", strings.Split("abcdefghij", "")[:len(labelValues)], nil)
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labelValues...)
}

// metricFunc is a metric whose Write is a function.
type metricFunc struct {
	desc  *prometheus.Desc
	write func(*dto.Metric) error
}

func (m metricFunc) Desc() *prometheus.Desc      { return m.desc }
func (m metricFunc) Write(out *dto.Metric) error { return m.write(out) }

// text returns families as text.
func text(t *testing.T, families []*dto.MetricFamily) string {
	t.Helper()
	var b strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// samples returns families as text without comments.
func samples(t *testing.T, families []*dto.MetricFamily) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(text(t, families)) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// message returns an error's text. Protobuf's own text has now one space and now two, on
// purpose.
func message(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "  ", " ")
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if got := message(err); got != want {
		t.Errorf("error %q,\n want %q", got, want)
	}
}

// gather collects with a new registry.
func gather(t *testing.T, cs ...prometheus.Collector) (string, error) {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(cs...)
	families, err := reg.Gather()
	return samples(t, families), err
}

func mustPanic(t *testing.T, f func()) (v any) {
	t.Helper()
	defer func() {
		if v = recover(); v == nil {
			t.Error("no panic")
		}
	}()
	f()
	return nil
}

var errTest = errors.New("broken")
