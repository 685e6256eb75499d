package prometheus_test

import (
	"errors"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func TestWrap(t *testing.T) {
	labels := prometheus.Labels{"z": "26", "b": "2"}
	reg := prometheus.NewRegistry()
	wrapped := prometheus.WrapRegistererWithPrefix("p_", prometheus.WrapRegistererWith(labels, reg))
	labels["b"], labels["c"] = "changed", "new" // they were copied
	c := of(gaugeOf("x", 1, "v"), gaugeOf("x", 2, "w"), gaugeOf("y", 3))
	wrapped.MustRegister(c)
	want := "p_x{a=\"v\",b=\"2\",z=\"26\"} 1\np_x{a=\"w\",b=\"2\",z=\"26\"} 2\np_y{b=\"2\",z=\"26\"} 3\n"
	for range 2 { // nothing is added to what the metrics share
		if got := samples(t, reg.MustGather()); got != want {
			t.Errorf("%s\n want %s", got, want)
		}
	}

	err := wrapped.Register(of(gaugeOf("x", 1, "v"), gaugeOf("y", 3)))
	var already prometheus.AlreadyRegisteredError
	if !errors.As(err, &already) || already.ExistingCollector != prometheus.Collector(c) {
		t.Errorf("%v: %v", err, already.ExistingCollector)
	}
	reg.MustRegister(c) // as it is it is another
	if !wrapped.Unregister(of(gaugeOf("y", 3), gaugeOf("x", 1, "v"))) || wrapped.Unregister(c) {
		t.Error("an equal collector is unregistered once")
	}
	if got := samples(t, reg.MustGather()); !strings.HasPrefix(got, "x{a=\"v\"} 1\n") {
		t.Error(got)
	}
}

func TestWrapErrors(t *testing.T) {
	reg := prometheus.NewRegistry()
	with := prometheus.WrapRegistererWith(prometheus.Labels{"a": "1"}, reg)
	constant := prometheus.NewDesc("x", "h", nil, prometheus.Labels{"a": "2"})
	variable := prometheus.NewDesc("x", "h", []string{"a"}, nil)
	for _, c := range []struct {
		desc *prometheus.Desc
		want string
	}{
		{constant, "descriptor " + constant.String() + ` is invalid: attempted wrapping with already existing label name "a"`},
		{variable, `descriptor Desc{fqName: "x", help: "h", unit: "", constLabels: {}, variableLabels: {a}} is invalid: duplicate label names in constant and variable labels for metric "x"`},
		{prometheus.NewInvalidDesc(errTest), `descriptor Desc{fqName: "", help: "", unit: "", constLabels: {}, variableLabels: {}} is invalid: broken`},
	} {
		wantError(t, with.Register(describing(c.desc)), c.want)
	}
	bad := prometheus.WrapRegistererWith(prometheus.Labels{"__a": "1"}, reg)
	wantError(t, bad.Register(describing(plain)), `descriptor Desc{fqName: "x", help: "", unit: "", constLabels: {}, variableLabels: {}} is invalid: "__a" is not a valid label name for metric "x"`)
	wantError(t, prometheus.WrapRegistererWithPrefix("p_", reg).Register(describing(prometheus.NewInvalidDesc(errTest))),
		`descriptor Desc{fqName: "p_", help: "", unit: "", constLabels: {}, variableLabels: {}} is invalid: broken`)
	mustPanic(t, func() { with.MustRegister(describing(constant)) })
	if families, err := reg.Gather(); families != nil || err != nil {
		t.Error(families, err)
	}
	_, err := gather(t, prometheus.WrapCollectorWithPrefix("p_", unchecked(prometheus.NewInvalidMetric(plain, errTest))))
	wantError(t, err, `error collecting metric Desc{fqName: "p_x", help: "", unit: "", constLabels: {}, variableLabels: {}}: broken`)
}

func TestWrapNil(t *testing.T) {
	for _, r := range []prometheus.Registerer{
		prometheus.WrapRegistererWith(prometheus.Labels{"a": "b"}, nil),
		prometheus.WrapRegistererWithPrefix("a", prometheus.WrapRegistererWithPrefix("b", nil)),
	} {
		c := describing(prometheus.NewInvalidDesc(errTest))
		r.MustRegister(c)
		if r.Register(c) != nil || r.Unregister(c) {
			t.Error("it should do nothing")
		}
	}
}

// Wrapping keeps the unit, and constraints of labels.
func TestWrapKeeps(t *testing.T) {
	desc := prometheus.V2.NewDesc("x", "", prometheus.ConstrainedLabels{{Name: "a", Constraint: strings.ToLower}}, nil, prometheus.WithUnit("u"))
	ch := make(chan *prometheus.Desc, 1)
	prometheus.WrapCollectorWith(prometheus.Labels{"b": "1"}, describing(desc)).Describe(ch)
	if got := (<-ch).String(); got != `Desc{fqName: "x", help: "", unit: "u", constLabels: {b="1"}, variableLabels: {c(a)}}` {
		t.Error(got)
	}
}

// Labels that a metric shares with others, with room behind them, are not touched.
func TestWrapShared(t *testing.T) {
	shared := make([]*dto.LabelPair, 1, 4)
	shared[0] = &dto.LabelPair{Name: new("m"), Value: new("1")}
	m := metricFunc{plain, func(out *dto.Metric) error {
		out.Label, out.Gauge = shared, &dto.Gauge{Value: new(1.0)}
		return nil
	}}
	reg := prometheus.NewRegistry()
	for _, v := range []string{"1", "2"} {
		prometheus.WrapRegistererWith(prometheus.Labels{"a": v}, reg).MustRegister(unchecked(m))
	}
	if got := samples(t, reg.MustGather()); got != "x{a=\"1\",m=\"1\"} 1\nx{a=\"2\",m=\"1\"} 1\n" {
		t.Error(got)
	}
	if shared[0].GetName() != "m" || shared[:2][1] != nil {
		t.Error(shared[:2])
	}
}
