package prometheus_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func constOf(name, help string, typ prometheus.ValueType, labels prometheus.Labels) prometheus.Metric {
	return prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), typ, 1)
}

func summaryOf(name string) prometheus.Metric {
	return prometheus.MustNewConstSummary(prometheus.NewDesc(name, "help", nil, nil), 1, 1, nil)
}

func histogramOf(name string) prometheus.Metric {
	return prometheus.MustNewConstHistogram(prometheus.NewDesc(name, "help", nil, nil), 1, 1, nil)
}

// withLabels is a metric with labels that no descriptor would pass.
func withLabels(name string, pairs ...string) prometheus.Metric {
	return metricFunc{prometheus.NewDesc(name, "help", nil, nil), func(out *dto.Metric) error {
		out.Gauge = &dto.Gauge{Value: new(1.0)}
		for i := 0; i < len(pairs); i += 2 {
			out.Label = append(out.Label, &dto.LabelPair{Name: new(pairs[i]), Value: new(pairs[i+1])})
		}
		return nil
	}}
}

// What is gathered of metrics that do not go together, and what is said of it.
func TestGatherErrors(t *testing.T) {
	quantile := metricFunc{plain, func(out *dto.Metric) error {
		out.Summary = new(dto.Summary)
		out.Label = []*dto.LabelPair{{Name: new("quantile"), Value: new("0.5")}}
		return nil
	}}
	for name, c := range map[string]struct {
		metrics    []prometheus.Metric
		want, says string
	}{
		"twice": {[]prometheus.Metric{gaugeOf("x", 1, "v"), gaugeOf("x", 2, "v"), gaugeOf("x", 3, "w")},
			"x{a=\"v\"} 1\nx{a=\"w\"} 3\n",
			`collected metric "x" { label:{name:"a" value:"v"} gauge:{value:2}} was collected before with the same name and label values`},
		"three times": {[]prometheus.Metric{gaugeOf("x", 1), gaugeOf("x", 2), gaugeOf("x", 3)}, "x 1\n",
			"2 error(s) occurred:\n" + `* collected metric "x" { gauge:{value:2}} was collected before with the same name and label values` +
				"\n" + `* collected metric "x" { gauge:{value:3}} was collected before with the same name and label values`},
		"errors in the order in which they happened": {
			[]prometheus.Metric{gaugeOf("y", 1), gaugeOf("y", 2), prometheus.NewInvalidMetric(plain, errTest), gaugeOf("a", 1), gaugeOf("a", 2)},
			"a 1\ny 1\n",
			"3 error(s) occurred:\n" + `* collected metric "y" { gauge:{value:2}} was collected before with the same name and label values` + "\n" +
				`* error collecting metric ` + plain.String() + `: broken` + "\n" +
				`* collected metric "a" { gauge:{value:2}} was collected before with the same name and label values`},
		"the same values of other labels": {
			[]prometheus.Metric{withLabels("x", "b", "v"), withLabels("x", "a", "v"), withLabels("x", "b", "v")},
			"x{a=\"v\"} 1\nx{b=\"v\"} 1\n",
			`collected metric "x" { label:{name:"b" value:"v"} gauge:{value:1}} was collected before with the same name and label values`},
		"at two times": {[]prometheus.Metric{
			prometheus.NewMetricWithTimestamp(time.UnixMilli(2), gaugeOf("x", 1)), gaugeOf("x", 2),
			prometheus.NewMetricWithTimestamp(time.UnixMilli(1), gaugeOf("x", 3)), prometheus.NewMetricWithTimestamp(time.UnixMilli(2), gaugeOf("x", 4))},
			"x 3 1\nx 1 2\nx 2\n",
			`collected metric "x" { gauge:{value:4} timestamp_ms:2} was collected before with the same name and label values`},
		"another help": {[]prometheus.Metric{constOf("x", "one", prometheus.GaugeValue, nil), constOf("x", "two", prometheus.GaugeValue, prometheus.Labels{"a": "b"})},
			"x 1\n", `collected metric x label:{name:"a" value:"b"} gauge:{value:1} has help "two" but should have "one"`},
		"not a gauge": {[]prometheus.Metric{gaugeOf("x", 1), constOf("x", "help", prometheus.CounterValue, nil)}, "x 1\n",
			`collected metric x counter:{value:1} should be a Gauge`},
		"not a counter": {[]prometheus.Metric{constOf("x", "help", prometheus.CounterValue, nil), gaugeOf("x", 1)}, "x 1\n",
			`collected metric x gauge:{value:1} should be a Counter`},
		"not untyped": {[]prometheus.Metric{constOf("x", "help", prometheus.UntypedValue, nil), gaugeOf("x", 1)}, "x 1\n",
			`collected metric x gauge:{value:1} should be Untyped`},
		"not a summary": {[]prometheus.Metric{summaryOf("x"), gaugeOf("x", 1)}, "x_sum 1\nx_count 1\n",
			`collected metric x gauge:{value:1} should be a Summary`},
		"not a histogram": {[]prometheus.Metric{histogramOf("x"), gaugeOf("x", 1)}, "x_bucket{le=\"+Inf\"} 1\nx_sum 1\nx_count 1\n",
			`collected metric x gauge:{value:1} should be a Histogram`},
		"empty":   {[]prometheus.Metric{metricFunc{plain, func(*dto.Metric) error { return nil }}}, "", `empty metric collected: `},
		"invalid": {[]prometheus.Metric{prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(errTest), nil)}, "", "broken"},
		"a label twice": {[]prometheus.Metric{withLabels("x", "a", "1", "a", "2")}, "",
			`collected metric "x" { label:{name:"a" value:"1"} label:{name:"a" value:"2"} gauge:{value:1}} has two or more labels with the same name: a`},
		// client_golang does not see this one: it looks only at neighbours before it sorts.
		"a label twice, apart": {[]prometheus.Metric{withLabels("x", "b", "1", "a", "2", "b", "3")}, "",
			`collected metric "x" { label:{name:"a" value:"2"} label:{name:"b" value:"1"} label:{name:"b" value:"3"} gauge:{value:1}} has two or more labels with the same name: b`},
		"labels to be sorted": {[]prometheus.Metric{withLabels("x", "b", "1", "a", "2")}, "x{a=\"2\",b=\"1\"} 1\n", ""},
		"a label without a name": {[]prometheus.Metric{withLabels("x", "", "1")}, "",
			`collected metric "x" { label:{name:"" value:"1"} gauge:{value:1}} has two or more labels with the same name: `},
		"a label's name": {[]prometheus.Metric{withLabels("x", "__a", "1")}, "",
			`collected metric "x" { label:{name:"__a" value:"1"} gauge:{value:1}} has a label with an invalid name: __a`},
		"a label's value": {[]prometheus.Metric{withLabels("x", "a", "\xff")}, "",
			`collected metric "x" { label:{name:"a" value:"\xff"} gauge:{value:1}} has a label named "a" whose value is not utf8: "\xff"`},
		"a quantile": {[]prometheus.Metric{quantile}, "",
			`collected metric "x" { label:{name:"quantile" value:"0.5"} summary:{}} must not have an explicit "quantile" label`},
	} {
		got, err := gather(t, unchecked(c.metrics...))
		if got != c.want {
			t.Errorf("%s: %s\n want %s", name, got, c.want)
		}
		if said := message(err); said != c.says {
			t.Errorf("%s: says %s\n want %s", name, said, c.says)
		}
	}
}

// A family must not have the name of another's samples, whichever comes first.
func TestGatherSuffixes(t *testing.T) {
	const taken = "collected metric named %q collides with previously collected %s named %q"
	const takes = "collected %s named %q collides with previously collected metric named %q"
	for _, c := range []struct {
		first, second prometheus.Metric
		says          string
	}{
		{summaryOf("x"), gaugeOf("x_count", 1), fmt.Sprintf(taken, "x_count", "summary", "x")},
		{summaryOf("x"), gaugeOf("x_sum", 1), fmt.Sprintf(taken, "x_sum", "summary", "x")},
		{summaryOf("x"), gaugeOf("x_bucket", 1), ""},
		{histogramOf("x"), gaugeOf("x_count", 1), fmt.Sprintf(taken, "x_count", "histogram", "x")},
		{histogramOf("x"), gaugeOf("x_sum", 1), fmt.Sprintf(taken, "x_sum", "histogram", "x")},
		{histogramOf("x"), gaugeOf("x_bucket", 1), fmt.Sprintf(taken, "x_bucket", "histogram", "x")},
		{gaugeOf("x", 1), gaugeOf("x_count", 1), ""},
		{gaugeOf("x_count", 1), summaryOf("x"), fmt.Sprintf(takes, "histogram or summary", "x", "x_count")},
		{gaugeOf("x_sum", 1), histogramOf("x"), fmt.Sprintf(takes, "histogram or summary", "x", "x_sum")},
		{gaugeOf("x_bucket", 1), histogramOf("x"), fmt.Sprintf(takes, "histogram", "x", "x_bucket")},
		{gaugeOf("x_bucket", 1), summaryOf("x"), ""},
		{gaugeOf("_count", 1), summaryOf("x"), ""},
	} {
		_, err := gather(t, unchecked(c.first, c.second))
		wantError(t, err, c.says)
	}
}

// Whatever the order in which metrics come, families and metrics go out in the same one.
func TestGatherOrder(t *testing.T) {
	const want = "a 1\nx{a=\"\"} 1\nx{a=\"!0IC=VloaY\"} 1\nx{a=\"77kepQFQ8Kl\"} 1\nx{a=\"b\"} 1\nx{a=\"\",b=\"z\"} 1\nx{a=\"a\",b=\"a\"} 1\nx{a=\"a\",b=\"b\"} 1\nz 1\n"
	metrics := []prometheus.Metric{
		gaugeOf("z", 1), gaugeOf("a", 1), gaugeOf("x", 1, "a", "b"), gaugeOf("x", 1, "a", "a"), gaugeOf("x", 1, "", "z"), gaugeOf("x", 1, "b"), gaugeOf("x", 1, ""),
		gaugeOf("x", 1, "77kepQFQ8Kl"), gaugeOf("x", 1, "!0IC=VloaY"), // FNV-1a takes these for the same
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		r.Shuffle(len(metrics), func(i, j int) { metrics[i], metrics[j] = metrics[j], metrics[i] })
		cut := r.IntN(len(metrics) + 1)
		got, err := gather(t, unchecked(metrics[:cut]...), unchecked(metrics[cut:]...))
		if err != nil || got != want {
			t.Fatalf("%s %v", got, err)
		}
	}
}

func TestGatherFamily(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(of(constOf("x_seconds", "what\nit is", prometheus.CounterValue, nil)))
	if got := text(t, reg.MustGather()); got != "# HELP x_seconds what\\nit is\n# TYPE x_seconds counter\nx_seconds 1\n" {
		t.Error(got)
	}
	reg = prometheus.NewRegistry()
	desc := prometheus.V2.NewDesc("x_seconds", "", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit("seconds"))
	reg.MustRegister(of(prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1)))
	f := reg.MustGather()[0]
	if f.GetUnit() != "seconds" || f.Help == nil || f.GetType() != dto.MetricType_GAUGE {
		t.Error(f)
	}
}

func TestPedantic(t *testing.T) {
	described := prometheus.NewDesc("x", "help", []string{"v"}, prometheus.Labels{"c": "1"})
	write := func(pairs ...string) prometheus.Metric {
		return metricFunc{described, withLabels("x", pairs...).Write}
	}
	text := func(labels string) string {
		return "labels in collected metric x " + labels + " gauge:{value:1} are inconsistent with descriptor " + described.String()
	}
	for name, c := range map[string]struct {
		metric prometheus.Metric
		want   string
	}{
		"as described":     {write("c", "1", "v", "w"), ""},
		"in another order": {write("v", "w", "c", "1"), ""},
		"another value":    {write("c", "2", "v", "w"), text(`label:{name:"c" value:"2"} label:{name:"v" value:"w"}`)},
		"another name":     {write("c", "1", "w", "w"), text(`label:{name:"c" value:"1"} label:{name:"w" value:"w"}`)},
		"one label less":   {write("c", "1"), text(`label:{name:"c" value:"1"}`)},
		"not described": {gaugeOf("y", 1), "collected metric y gauge:{value:1} with unregistered descriptor " +
			`Desc{fqName: "y", help: "help", unit: "", constLabels: {}, variableLabels: {}}`},
	} {
		reg := prometheus.NewPedanticRegistry()
		reg.MustRegister(&foreign{[]*prometheus.Desc{described}, []prometheus.Metric{c.metric}}, unchecked(gaugeOf("unchecked", 1)))
		families, err := reg.Gather()
		if message(err) != c.want {
			t.Errorf("%s: %s\n want %s", name, message(err), c.want)
		}
		if got := samples(t, families); !strings.Contains(got, "unchecked 1") || (c.want == "") != strings.Contains(got, "x{") {
			t.Errorf("%s: %s", name, got)
		}
		reg2 := prometheus.NewRegistry() // which does not look
		reg2.MustRegister(&foreign{[]*prometheus.Desc{described}, []prometheus.Metric{c.metric}})
		if _, err := reg2.Gather(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// In client_golang a panic in Write, or in the goroutine of a wrapped collector, ends the
// process.
func TestGatherPanics(t *testing.T) {
	writes := metricFunc{prometheus.NewDesc("bad", "help", nil, nil), func(*dto.Metric) error { panic("in Write") }}
	noDesc := metricFunc{}
	for name, c := range map[string]struct {
		collector prometheus.Collector
		names     string
	}{
		"Collect":                {panicking{}, "prometheus collector panic recovered: type=prometheus_test.panicking: error=broken\nstack trace="},
		"Collect, wrapped":       {prometheus.WrapCollectorWith(prometheus.Labels{"a": "b"}, panicking{}), "prometheus collector panic recovered: type=prometheus_test.panicking: error=broken\nstack trace="},
		"Collect, wrapped twice": {prometheus.WrapCollectorWithPrefix("a", prometheus.WrapCollectorWithPrefix("b", panicking{})), "type=prometheus_test.panicking: error=broken"},
		"Write":                  {unchecked(writes), `error collecting metric Desc{fqName: "bad", help: "help", unit: "", constLabels: {}, variableLabels: {}}: prometheus metric panic recovered: type=prometheus_test.metricFunc: error=in Write`},
		"Write, wrapped":         {prometheus.WrapCollectorWithPrefix("a_", unchecked(writes)), `error collecting metric Desc{fqName: "a_bad"`},
		"a nil metric":           {unchecked(nil), "nil pointer"},
		"a nil metric, wrapped":  {prometheus.WrapCollectorWithPrefix("a_", unchecked(nil)), "nil pointer"},
		"a nil descriptor":       {unchecked(noDesc), "nil pointer"},
	} {
		for range 2 { // and again
			got, err := gather(t, of(gaugeOf("good", 1)), c.collector)
			if got != "good 1\n" {
				t.Errorf("%s: %s", name, got)
			}
			if !strings.Contains(message(err), c.names) {
				t.Errorf("%s: %v\n want %s", name, err, c.names)
			}
			if strings.HasPrefix(name, "Collect") && !errors.Is(err, errTest) {
				t.Errorf("%s: the error is not what the collector panicked with", name)
			}
		}
	}
}

// What a collector sent before it panicked stays.
func TestGatherBeforePanic(t *testing.T) {
	c := prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { ch <- gaugeOf("x", 1); panic("later") })
	got, err := gather(t, struct{ *foreign }{unchecked()}, overridden{unchecked(), c})
	if got != "x 1\n" || err == nil {
		t.Error(got, err)
	}
}

// overridden collects something else than what it describes.
type overridden struct {
	*foreign
	collect prometheus.CollectorFunc
}

func (o overridden) Collect(ch chan<- prometheus.Metric) { o.collect(ch) }

// Collectors of others are collected at once: these wait for each other.
func TestGatherAtOnce(t *testing.T) {
	var all sync.WaitGroup
	var cs []prometheus.Collector
	for i := range 20 {
		all.Add(1)
		cs = append(cs, overridden{unchecked(), func(ch chan<- prometheus.Metric) {
			all.Done()
			all.Wait()
			for v := range 400 { // more than the channel has room for
				ch <- gaugeOf(fmt.Sprintf("x%02d", i), 1, fmt.Sprint(v))
			}
		}})
	}
	got, err := gather(t, cs...)
	if n := strings.Count(got, "\n"); n != 20*400 || err != nil {
		t.Error(n, err)
	}
}
