package upstream

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

func counterNamed(name, help string, labels prometheus.Labels) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels})
}

func gaugeNamed(name, help string, labels prometheus.Labels) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: labels})
}

func registering(l *record.Log) {
	r := prometheus.NewRegistry()
	gather(l, "empty", r)
	a := counterNamed("a", "h", nil)
	l.Err("first", r.Register(a))
	for _, c := range []prometheus.Collector{a, counterNamed("a", "h", nil), gaugeNamed("a", "h", nil)} {
		err := r.Register(c)
		l.Err("again", err)
		var already prometheus.AlreadyRegisteredError
		l.Printf("%t, existing %t, new %t", errors.As(err, &already), already.ExistingCollector == a, already.NewCollector == c)
		l.Try("must", func() { r.MustRegister(c) })
	}
	l.Err("another help", r.Register(counterNamed("a", "other", nil)))
	l.Err("a const label", r.Register(counterNamed("a", "h", prometheus.Labels{"x": "1"})))
	l.Err("b with a const label", r.Register(counterNamed("b", "h", prometheus.Labels{"x": "1"})))
	l.Err("b with another value", r.Register(counterNamed("b", "h", prometheus.Labels{"x": "2"})))
	l.Err("b with another label", r.Register(counterNamed("b", "h", prometheus.Labels{"y": "2"})))
	l.Err("b with another unit", r.Register(prometheus.NewGauge(prometheus.GaugeOpts{Name: "b", Help: "h", Unit: "b", ConstLabels: prometheus.Labels{"x": "4"}})))
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h"}, []string{"x", "y"})
	l.Err("vec", r.Register(vec))
	l.Err("vec again", r.Register(vec))
	l.Err("vec in another order", r.Register(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h"}, []string{"y", "x"})))
	l.Err("vec of other labels", r.Register(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h"}, []string{"x"})))
	l.Err("no vec", r.Register(counterNamed("v", "h", nil)))
	l.Err("const where it was variable", r.Register(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h", ConstLabels: prometheus.Labels{"x": "1"}}, []string{"y"})))
	vec.WithLabelValues("1", "2").Inc()
	gather(l, "filled", r)
	l.Try("must, several", func() {
		r.MustRegister(counterNamed("m", "h", nil), counterNamed("m", "h", nil), counterNamed("n", "h", nil))
	})
	gather(l, "the first stays", r)
	l.Try("must gather", func() { l.Printf("%d families", len(r.MustGather())) })
}

func unregistering(l *record.Log) {
	r := prometheus.NewRegistry()
	a, b := counterNamed("a", "h", nil), counterNamed("a", "h", prometheus.Labels{"x": "1"})
	r.MustRegister(a)
	l.Printf("%t", r.Unregister(b))
	l.Printf("%t", r.Unregister(a))
	l.Printf("%t", r.Unregister(a))
	gather(l, "empty", r)
	l.Err("again", r.Register(a))
	l.Printf("an equal one goes too: %t", r.Unregister(counterNamed("a", "h", nil)))
	l.Err("an equal one", r.Register(counterNamed("a", "h", nil)))
	l.Printf("a gauge of that name: %t", r.Unregister(gaugeNamed("a", "h", nil)))
	u := prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { ch <- a })
	l.Err("unchecked", r.Register(u))
	l.Printf("unchecked stays: %t", r.Unregister(u))
	gather(l, "unchecked", r)
}

// several describes and collects whatever it was given.
type several struct {
	descs   []*prometheus.Desc
	metrics []prometheus.Metric
}

func (s several) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range s.descs {
		ch <- d
	}
}

func (s several) Collect(ch chan<- prometheus.Metric) {
	for _, m := range s.metrics {
		ch <- m
	}
}

func registerMisuse(l *record.Log) {
	r := prometheus.NewRegistry()
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	l.Err("invalid", r.Register(several{descs: []*prometheus.Desc{invalid}}))
	l.Err("the same twice", r.Register(&several{descs: []*prometheus.Desc{desc("a", "h"), desc("a", "h")}}))
	l.Err("two helps", r.Register(&several{descs: []*prometheus.Desc{desc("b", "h"), desc("b", "i")}}))
	l.Err("two label sets", r.Register(&several{descs: []*prometheus.Desc{desc("c", "h"), desc("c", "h", "x")}}))
	l.Err("two", r.Register(&several{descs: []*prometheus.Desc{desc("d", "h"), desc("e", "h")}}))
	l.Err("overlap", r.Register(&several{descs: []*prometheus.Desc{desc("d", "h")}}))
	l.Err("overlap", r.Register(&several{descs: []*prometheus.Desc{desc("d", "h"), desc("f", "h")}}))
	l.Err("in another order", r.Register(&several{descs: []*prometheus.Desc{desc("e", "h"), desc("d", "h")}}))
	l.Err("none", r.Register(&several{}))
	l.Err("none again", r.Register(&several{}))
	l.Printf("%t", r.Unregister(&several{descs: []*prometheus.Desc{desc("e", "h"), desc("d", "h")}}))
}

// gatherErrors: what collectors may send that no exposition can hold.
func gatherErrors(l *record.Log) {
	mk := func(name, help string, t prometheus.ValueType, labels prometheus.Labels) prometheus.Metric {
		return prometheus.MustNewConstMetric(prometheus.NewDesc(name, help, nil, labels), t, 1)
	}
	g := prometheus.GaugeValue
	for what, metrics := range map[string][]prometheus.Metric{
		"duplicate":      {mk("a", "h", g, nil), mk("a", "h", g, nil)},
		"other help":     {mk("a", "h", g, nil), mk("a", "i", g, prometheus.Labels{"x": "1"})},
		"other type":     {mk("a", "h", g, nil), mk("a", "h", prometheus.CounterValue, prometheus.Labels{"x": "1"})},
		"invalid metric": {prometheus.NewInvalidMetric(plain, errors.New("no value")), mk("a", "h", g, nil)},
		"bad descriptor": {prometheus.NewInvalidMetric(invalid, errors.New("no value"))},
		"suffix count":   {mk("a_count", "h", g, nil), prometheus.MustNewConstSummary(prometheus.NewDesc("a", "h", nil, nil), 1, 1, nil)},
		"suffix sum":     {prometheus.MustNewConstHistogram(prometheus.NewDesc("a", "h", nil, nil), 1, 1, nil), mk("a_sum", "h", g, nil)},
		"suffix bucket":  {prometheus.MustNewConstHistogram(prometheus.NewDesc("a", "h", nil, nil), 1, 1, nil), mk("a_bucket", "h", g, nil)},
		"two summaries":  {prometheus.MustNewConstSummary(prometheus.NewDesc("a", "h", nil, nil), 1, 1, nil), prometheus.MustNewConstSummary(prometheus.NewDesc("a", "h", nil, nil), 1, 1, nil)},
		"quantile label": {prometheus.MustNewConstSummary(prometheus.NewDesc("a", "h", nil, prometheus.Labels{"quantile": "1"}), 1, 1, nil)},
		"le label":       {prometheus.MustNewConstHistogram(prometheus.NewDesc("a", "h", nil, prometheus.Labels{"le": "1"}), 1, 1, nil)},
		"gauge with le":  {mk("a", "h", g, prometheus.Labels{"le": "1"})},
		"other labels":   {mk("a", "h", g, nil), mk("a", "h", g, prometheus.Labels{"x": "1"}), mk("a", "h", g, prometheus.Labels{"y": "1"})},
		"all three":      {mk("a", "h", g, nil), mk("a", "h", g, nil), mk("b", "h", g, nil), mk("b", "h", g, nil), mk("c", "h", g, nil)},
		"raw":            {raw{plain, &dto.Metric{}}, raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, Label: []*dto.LabelPair{pair("b", "1"), pair("a", "1")}}}},
		"raw twice":      {raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, Label: []*dto.LabelPair{pair("a", "1"), pair("a", "2")}}}},
		"raw UTF-8":      {raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, Label: []*dto.LabelPair{pair("a", "\xff")}}}},
		"raw name":       {raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, Label: []*dto.LabelPair{pair("", "1")}}}},
		"raw timestamps": {raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, TimestampMs: new(int64(5))}}, raw{plain, &dto.Metric{Gauge: &dto.Gauge{}, TimestampMs: new(int64(6))}}},
	} {
		sub := new(record.Log)
		for kind, c := range map[string]prometheus.Collector{"unchecked": several{metrics: metrics}, "checked": several{descs: []*prometheus.Desc{plain}, metrics: metrics}} {
			subsub := new(record.Log)
			r := prometheus.NewRegistry()
			subsub.Err(what+" "+kind, r.Register(c))
			gather(subsub, what+" "+kind, r)
			sub.Add(kind, subsub)
		}
		l.Add(what, sub)
	}
}

func pair(name, value string) *dto.LabelPair { return &dto.LabelPair{Name: &name, Value: &value} }

// raw is a metric that says whatever it was told to.
type raw struct {
	d *prometheus.Desc
	m *dto.Metric
}

func (r raw) Desc() *prometheus.Desc { return r.d }
func (r raw) Write(m *dto.Metric) error {
	m.Label, m.Gauge, m.TimestampMs = r.m.Label, r.m.Gauge, r.m.TimestampMs
	return nil
}

func pedantic(l *record.Log) {
	r := prometheus.NewPedanticRegistry()
	gauge := prometheus.MustNewConstMetric(prometheus.NewDesc("other", "h", nil, nil), prometheus.GaugeValue, 1)
	l.Err("lies", r.Register(several{[]*prometheus.Desc{plain}, []prometheus.Metric{gauge}}))
	gather(l, "lies", r)
	r = prometheus.NewPedanticRegistry()
	r.MustRegister(several{nil, []prometheus.Metric{gauge}})
	gather(l, "says nothing", r)
	r = prometheus.NewPedanticRegistry()
	d := prometheus.NewDesc("m", "h", []string{"a"}, nil)
	wrong := raw{d, &dto.Metric{Gauge: &dto.Gauge{}, Label: []*dto.LabelPair{pair("b", "1")}}}
	r.MustRegister(several{[]*prometheus.Desc{d}, []prometheus.Metric{wrong}})
	gather(l, "other labels", r)
	r = prometheus.NewPedanticRegistry()
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h", ConstLabels: constLabels}, []string{"a"})
	nat := prometheus.NewHistogram(native(1.1))
	r.MustRegister(vec, nat, gaugeNamed("g", "h", constLabels), prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "f"}, func() float64 { return 1 }))
	vec.WithLabelValues("1").Inc()
	nat.Observe(1)
	gather(l, "honest", r)
}

// foreign mixes our collectors with those of others.
func foreign(l *record.Log) {
	r := prometheus.NewRegistry()
	a, z := counterNamed("a", "h", nil), gaugeNamed("z", "h", nil)
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h"}, []string{"x"})
	r.MustRegister(z, a, vec)
	vec.WithLabelValues("2").Inc()
	vec.WithLabelValues("1").Inc()
	d := prometheus.NewDesc("foreign", "h", []string{"x"}, nil)
	r.MustRegister(several{[]*prometheus.Desc{d}, []prometheus.Metric{
		prometheus.MustNewConstMetric(d, prometheus.GaugeValue, 2, "2"), prometheus.MustNewConstMetric(d, prometheus.GaugeValue, 1, "1")}})
	gather(l, "mixed", r)
	// A foreign collector that adds to a family of ours.
	dv := prometheus.NewDesc("v", "h", []string{"x"}, nil)
	r.MustRegister(several{nil, []prometheus.Metric{prometheus.MustNewConstMetric(dv, prometheus.CounterValue, 7, "11")}})
	gather(l, "one family of two", r)
	l.Ask("mixed", handler(r), get("application/openmetrics-text; version=1.0.0"))
	r.MustRegister(several{nil, []prometheus.Metric{prometheus.MustNewConstMetric(dv, prometheus.CounterValue, 7, "1")}})
	_, err := r.Gather()
	l.Printf("a series of ours again: an error %t", err != nil) // about either of the two
	// Metrics of ours, sent by another collector.
	r = prometheus.NewRegistry()
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1}})
	h.Observe(2)
	r.MustRegister(prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) { h.Collect(ch); vec.Collect(ch); ch <- a }))
	gather(l, "carried", r)
}

func collectorHelpers(l *record.Log) {
	f := prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) {
		ch <- prometheus.MustNewConstMetric(labelled, prometheus.GaugeValue, 1, "1", "2")
		ch <- prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 1)
		ch <- prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 1)
	})
	collect(l, "function", f)
	ch := make(chan *prometheus.Desc, 10)
	prometheus.DescribeByCollect(f, ch)
	close(ch)
	for d := range ch {
		l.Printf("by collecting: %v", d)
	}
}

func wrapped(l *record.Log) {
	r := prometheus.NewRegistry()
	lab := prometheus.WrapRegistererWith(prometheus.Labels{"zone": "eu", "app": "x"}, r)
	pre := prometheus.WrapRegistererWithPrefix("pre_", lab)
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h", ConstLabels: prometheus.Labels{"az": "1"}}, []string{"method"})
	nat := prometheus.NewHistogram(native(1.1))
	timed := prometheus.CollectorFunc(func(ch chan<- prometheus.Metric) {
		ch <- prometheus.NewMetricWithTimestamp(then, prometheus.MustNewConstMetric(labelled, prometheus.GaugeValue, 1, "1", "2"))
	})
	unit := prometheus.NewGauge(prometheus.GaugeOpts{Name: "u_bytes", Help: "h", Unit: "bytes"})
	exemplar := counterNamed("e_total", "h", nil)
	exemplar.(prometheus.ExemplarAdder).AddWithExemplar(1, prometheus.Labels{"id": "1"})
	lab.MustRegister(vec)
	pre.MustRegister(vec, nat, unit, exemplar)
	l.Err("unchecked", prometheus.WrapRegistererWithPrefix("u_", r).Register(timed))
	vec.WithLabelValues("GET").Inc()
	nat.Observe(4)
	gather(l, "wrapped", r)
	l.Ask("wrapped", handler(r), get("application/openmetrics-text; version=1.0.0"))
	err := pre.Register(vec)
	l.Err("again", err)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		l.Printf("existing %t new %t", already.ExistingCollector == prometheus.Collector(vec), already.NewCollector == prometheus.Collector(vec))
	}
	l.Try("must", func() { pre.MustRegister(vec) })
	l.Printf("%t %t %t", pre.Unregister(vec), pre.Unregister(vec), r.Unregister(vec))
	gather(l, "unwrapped", r)
	none := prometheus.WrapRegistererWith(nil, nil)
	l.Err("nothing", none.Register(vec))
	none.MustRegister(vec, vec)
	l.Printf("%t", none.Unregister(vec))
	c := prometheus.WrapCollectorWithPrefix("p_", prometheus.WrapCollectorWith(prometheus.Labels{"q": "1"}, vec))
	collect(l, "collector", c)
	r = prometheus.NewPedanticRegistry()
	l.Err("collector", r.Register(c))
	l.Err("collector again", r.Register(c))
	gather(l, "collector", r)
	l.Printf("%t", r.Unregister(prometheus.WrapCollectorWithPrefix("p_", prometheus.WrapCollectorWith(prometheus.Labels{"q": "1"}, vec))))
}

func wrappedMisuse(l *record.Log) {
	r := prometheus.NewRegistry()
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h", ConstLabels: prometheus.Labels{"az": "1"}}, []string{"method"})
	vec.WithLabelValues("1").Inc()
	for _, labels := range []prometheus.Labels{{"az": "2"}, {"method": "x"}, {"__x": "y"}, {"x": "\xff"}, {"a b": "y"}, {"": "y"}} {
		w := prometheus.WrapRegistererWith(labels, r)
		l.Err("wrapped", w.Register(vec))
		l.Try("must", func() { w.MustRegister(vec) })
		l.Printf("%t", w.Unregister(vec))
		collect(l, "wrapped", prometheus.WrapCollectorWith(labels, vec))
	}
	for _, prefix := range []string{"", "1", "a b ", "\xff", "ünï_"} {
		l.Err("prefix", prometheus.WrapRegistererWithPrefix(prefix, prometheus.NewRegistry()).Register(vec))
	}
	bad := several{[]*prometheus.Desc{invalid}, nil}
	l.Err("invalid", prometheus.WrapRegistererWith(prometheus.Labels{"x": "1"}, r).Register(bad))
	gather(l, "nothing", r)
}

func gatherers(l *record.Log) {
	a, b := prometheus.NewRegistry(), prometheus.NewRegistry()
	a.MustRegister(counterNamed("c", "h", prometheus.Labels{"x": "1"}), gaugeNamed("only_a", "h", nil))
	b.MustRegister(counterNamed("c", "h", prometheus.Labels{"x": "2"}), gaugeNamed("only_b", "h", nil))
	gather(l, "two", prometheus.Gatherers{a, b})
	gather(l, "two in another order", prometheus.Gatherers{b, a})
	gather(l, "none", prometheus.Gatherers{})
	gather(l, "twice", prometheus.Gatherers{a, a})
	other := prometheus.NewRegistry()
	other.MustRegister(gaugeNamed("c", "h", nil), counterNamed("only_a", "other help", nil))
	gather(l, "inconsistent", prometheus.Gatherers{a, other})
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("broken") })
	gather(l, "broken", prometheus.Gatherers{broken, a, broken})
	many := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return nil, prometheus.MultiError{errors.New("first"), errors.New("second")}
	})
	gather(l, "several errors", prometheus.Gatherers{a, many})
	suffix := prometheus.NewRegistry()
	suffix.MustRegister(prometheus.NewSummary(prometheus.SummaryOpts{Name: "only", Help: "h"}), gaugeNamed("h_bucket", "h", nil))
	hist := prometheus.NewRegistry()
	hist.MustRegister(prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1}}), gaugeNamed("only_count", "h", nil))
	gather(l, "suffixes", prometheus.Gatherers{suffix, hist})
	l.Ask("handler", handler(prometheus.Gatherers{a, b}), get(""))
	l.Ask("handler", handler(prometheus.Gatherers{a, other}), get(""))
}

func transactions(l *record.Log) {
	a, b := prometheus.NewRegistry(), prometheus.NewRegistry()
	a.MustRegister(gaugeNamed("a", "h", nil))
	b.MustRegister(gaugeNamed("b", "h", nil))
	for _, g := range []prometheus.TransactionalGatherer{prometheus.ToTransactionalGatherer(a), prometheus.NewMultiTRegistry(),
		prometheus.NewMultiTRegistry(prometheus.ToTransactionalGatherer(a), prometheus.ToTransactionalGatherer(b)),
		prometheus.NewMultiTRegistry(prometheus.ToTransactionalGatherer(a), prometheus.ToTransactionalGatherer(a))} {
		list, done, err := g.Gather()
		l.Families("transaction", list, err)
		done()
	}
	ended := 0
	t := &transaction{ended: &ended}
	list, done, err := prometheus.NewMultiTRegistry(t, t).Gather()
	l.Families("ours", list, err)
	done()
	l.Printf("ended %d", ended)
	t.err = errors.New("broken")
	list, done, err = prometheus.NewMultiTRegistry(t, prometheus.ToTransactionalGatherer(a)).Gather()
	l.Families("broken", list, err)
	done()
	l.Printf("ended %d", ended)
}

type transaction struct {
	ended *int
	err   error
	mu    sync.Mutex
}

func (t *transaction) Gather() ([]*dto.MetricFamily, func(), error) {
	return nil, func() { t.mu.Lock(); *t.ended++; t.mu.Unlock() }, t.err
}

func nested(l *record.Log) {
	inner, outer := prometheus.NewRegistry(), prometheus.NewRegistry()
	inner.MustRegister(gaugeNamed("g", "h", nil), counterNamed("c", "h", constLabels))
	collect(l, "inner", inner)
	l.Err("register", outer.Register(inner))
	gather(l, "outer", outer)
	l.Err("prefixed", prometheus.WrapRegistererWithPrefix("p_", outer).Register(inner))
	gather(l, "outer", outer)
}

func textFiles(l *record.Log) {
	dir, err := os.MkdirTemp("", "parity")
	l.Err("dir", err)
	defer os.RemoveAll(dir)
	r := prometheus.NewRegistry()
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v_total", Help: "h\\ \n\""}, []string{"x"})
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "h", Buckets: []float64{1, 2}})
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Help: "h"})
	r.MustRegister(vec, h, s, gaugeNamed("g", "h", constLabels))
	vec.WithLabelValues("\"\\\n é").Add(1.5)
	h.Observe(1.5)
	s.Observe(2.5)
	path := filepath.Join(dir, "m.prom")
	l.Err("write", prometheus.WriteToTextfile(path, r))
	text, err := os.ReadFile(path)
	l.Err("read", err)
	l.Printf("%s", text)
	if info, err := os.Stat(path); err == nil {
		l.Printf("mode %v", info.Mode())
	}
	files, _ := os.ReadDir(dir)
	l.Printf("%d file", len(files))
	err = prometheus.WriteToTextfile(filepath.Join(dir, "no", "such"), r)
	l.Printf("no such directory: %t", err != nil && strings.Contains(err.Error(), "no such file"))
	r.MustRegister(several{metrics: []prometheus.Metric{prometheus.NewInvalidMetric(plain, errors.New("no value"))}})
	l.Err("broken", prometheus.WriteToTextfile(path, r))
}

func errorTypes(l *record.Log) {
	var errs prometheus.MultiError
	l.Printf("%v %q", errs.MaybeUnwrap(), errs.Error())
	errs.Append(nil)
	l.Printf("%d", len(errs))
	first := errors.New("first")
	errs.Append(first)
	l.Printf("%v %t %q", errs.MaybeUnwrap(), errs.MaybeUnwrap() == first, errs.Error())
	errs.Append(errors.New("second"))
	l.Printf("%v %q", errs.MaybeUnwrap(), errs.Error())
	l.Printf("%T", errs.MaybeUnwrap())
	var safe prometheus.SafeMultiError
	safe.Append(first)
	safe.Append(nil)
	l.Err("already", prometheus.AlreadyRegisteredError{})
	l.Printf("%v", prometheus.AlreadyRegisteredError{} == prometheus.AlreadyRegisteredError{})
	l.Try("a broken gatherer", func() {
		r := prometheus.NewRegistry()
		r.MustRegister(several{metrics: []prometheus.Metric{prometheus.NewInvalidMetric(plain, first)}})
		r.MustGather()
	})
}
