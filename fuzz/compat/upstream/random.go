package upstream

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/pawl-metrics/pawl/fuzz"
	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// Random runs the program that the bytes behind s are.
func Random(l *record.Log, s *fuzz.Source) {
	w := newWorld(l, s)
	for range 300 {
		if s.Done() {
			break
		}
		w.step()
	}
	gather(l, "at the end", w.reg)
}

// world is a registry on which a program works.
type world struct {
	*record.Log
	s       *fuzz.Source
	reg     *prometheus.Registry
	to      []prometheus.Registerer // the registry, and it wrapped
	all     []collector
	forgets bool // collectors are unregistered: then a name always has the same shape
}

// collector is something that was made, and how to use it.
type collector struct {
	prometheus.Collector
	what   string
	labels int
	touch  func(w *world, values []string) // records something
	drop   func(values []string) bool      // nil for a scalar
	some   func(prometheus.Labels) int     // DeletePartialMatch
	reset  func()                          // of all series
}

func newWorld(l *record.Log, s *fuzz.Source) *world {
	w := &world{Log: l, s: s, reg: prometheus.NewRegistry()}
	flags := s.Byte()
	if flags&1 != 0 {
		w.reg = prometheus.NewPedanticRegistry()
	}
	w.forgets = flags&2 != 0
	w.to = []prometheus.Registerer{w.reg}
	if flags&4 != 0 {
		w.to = append(w.to, prometheus.WrapRegistererWithPrefix("p_", w.reg))
	}
	if flags&4 != 0 && !w.forgets {
		w.to = append(w.to, prometheus.WrapRegistererWith(prometheus.Labels{"w": "1"}, w.reg))
	}
	return w
}

func (w *world) step() {
	switch op := w.s.Pick(16); {
	case op < 3 || len(w.all) == 0:
		w.create()
	case op < 11:
		c := w.any()
		w.Try(c.what, func() { c.touch(w, w.values(c.labels)) })
	case op == 11:
		if c := w.any(); c.drop != nil {
			w.Printf("%s dropped %t", c.what, c.drop(w.values(c.labels)))
		}
	case op == 12:
		w.remove(w.any())
	case op == 13:
		gather(w.Log, "gather", w.reg)
	default:
		w.scrape()
	}
}

func (w *world) any() collector { return w.all[w.s.Pick(len(w.all))] }

func (w *world) remove(c collector) {
	switch {
	case c.reset != nil && w.s.Pick(4) == 0:
		c.reset()
	case c.some != nil && w.s.Pick(2) == 0:
		w.Printf("%s dropped %d", c.what, c.some(prometheus.Labels{labelNames[w.s.Pick(len(labelNames))]: w.value()}))
	case w.forgets:
		w.Printf("%s unregistered %t", c.what, w.to[w.s.Pick(len(w.to))].Unregister(c))
	default:
		collect(w.Log, c.what, c)
	}
}

func (w *world) scrape() {
	accept := accepts[w.s.Pick(len(accepts)-5)]
	opts := promhttp.HandlerOpts{EnableOpenMetrics: w.s.Pick(2) == 0, EnableOpenMetricsTextCreatedSamples: w.s.Pick(4) == 0,
		ErrorHandling: []promhttp.HandlerErrorHandling{promhttp.HTTPErrorOnError, promhttp.ContinueOnError}[w.s.Pick(2)]}
	w.Ask(accept, promhttp.HandlerFor(w.reg, opts), get(accept, "Accept-Encoding", []string{"", "gzip", "zstd"}[w.s.Pick(3)]))
}

var (
	familyNames = []string{"a", "b", "c_total", "g_count", "h_bucket", "d_seconds", "ünï", "e", "f", "not\xff"}
	labelNames  = []string{"x", "y", "z", "le", "__x", "ü"} // the last is not for exemplars: see Differences
	labelValues = []string{"1", "2", "", "é", "a\"b\\\n", "\xff", "long long long long long long long long"}
	// The amounts are such that sums are exact in any order.
	amounts = []float64{1, 0, 0.5, 2, 3, 0.25, 100, 1024, 7.75, 1 << 20, -1, -0.5, -1024, 0.125}
)

func (w *world) value() string { return labelValues[w.s.Pick(len(labelValues))] }

// values are label values, now and then too few or too many.
func (w *world) values(n int) []string {
	if b := w.s.Byte(); b > 250 {
		n = int(b - 251)
	}
	list := make([]string, n)
	for i := range list {
		list[i] = w.value()
	}
	return list
}

func (w *world) amount() float64 { return amounts[w.s.Pick(len(amounts))] }

// create makes a collector and registers it.
func (w *world) create() {
	i := w.s.Pick(len(familyNames))
	shape := fuzz.NewSource([]byte{byte(i), byte(i * 7), byte(i * 13), byte(i * 29), byte(i * 3), byte(i * 5)})
	if !w.forgets {
		shape = w.s
	}
	opts := prometheus.Opts{Name: familyNames[i], Help: []string{"h", "other", ""}[shape.Pick(3)]}
	if shape.Pick(4) == 0 {
		opts.ConstLabels = prometheus.Labels{labelNames[shape.Pick(len(labelNames))]: "const"}
	}
	var labels []string
	for range shape.Pick(4) {
		labels = append(labels, labelNames[shape.Pick(len(labelNames))])
	}
	kind := w.s.Pick(len(makers))
	if w.forgets {
		kind = (kind - kind%2 + i%2) % 10
	}
	w.Try("make", func() {
		c := makers[kind](w, opts, labels)
		c.what = fmt.Sprintf("%s %q %q", c.what, opts.Name, labels)
		w.Err(c.what, w.to[w.s.Pick(len(w.to))].Register(c))
		w.all = append(w.all, c)
	})
}

// makers are one for a scalar and one for a vec, by turns, and what is left.
var makers = []func(w *world, opts prometheus.Opts, labels []string) collector{
	scalarCounter, vecOfCounters, scalarGauge, vecOfGauges, scalarHistogram, vecOfHistograms, scalarSummary, vecOfSummaries,
	scalarHistogram, vecOfHistograms, curriedCounters,
}

func scalarCounter(w *world, opts prometheus.Opts, _ []string) collector {
	c := prometheus.NewCounter(prometheus.CounterOpts(opts))
	return collector{Collector: c, what: "counter", touch: func(w *world, _ []string) { w.add(c) }}
}

// add does something to a counter.
func (w *world) add(c prometheus.Counter) {
	switch w.s.Pick(4) {
	case 0:
		c.Add(w.amount())
	case 1:
		c.(prometheus.ExemplarAdder).AddWithExemplar(w.amount(), w.exemplar())
	default:
		c.Inc()
	}
}

func (w *world) exemplar() prometheus.Labels {
	if w.s.Pick(8) == 0 {
		return nil
	}
	return prometheus.Labels{labelNames[w.s.Pick(len(labelNames)-1)]: w.value()}
}

func scalarGauge(w *world, opts prometheus.Opts, _ []string) collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts(opts))
	return collector{Collector: g, what: "gauge", touch: func(w *world, _ []string) { w.move(g) }}
}

// move does something to a gauge.
func (w *world) move(g prometheus.Gauge) {
	switch w.s.Pick(6) {
	case 0:
		g.Inc()
	case 1:
		g.Dec()
	case 2:
		g.Add(w.amount())
	case 3:
		g.Sub(w.amount())
	case 4:
		g.Set(w.s.Float())
	default:
		g.Set(w.amount())
	}
}

func (w *world) histogramOpts(opts prometheus.Opts) prometheus.HistogramOpts {
	h := prometheus.HistogramOpts{Name: opts.Name, Help: opts.Help, ConstLabels: opts.ConstLabels}
	h.Buckets = [][]float64{nil, {1, 2, 4}, {0}, {-1, 0.5, math.Inf(1)}, {0.25, 100, 1e6}}[w.s.Pick(5)]
	if w.s.Pick(2) == 0 {
		h.NativeHistogramBucketFactor = []float64{1.1, 2, 1.003, 100}[w.s.Pick(4)]
		h.NativeHistogramMaxBucketNumber = []uint32{0, 1, 3, 8}[w.s.Pick(4)]
		h.NativeHistogramMaxZeroThreshold = []float64{0, 1, 4}[w.s.Pick(3)]
		h.NativeHistogramZeroThreshold = []float64{0, prometheus.NativeHistogramZeroThresholdZero, 0.5}[w.s.Pick(3)]
		// Which native exemplars are kept, and what of them is shown without classic
		// buckets, is what other programs are about.
		h.NativeHistogramMaxExemplars = -1
		h.Buckets = append([]float64{-1 << 20}, h.Buckets...)
	}
	return h
}

// observe does something to a histogram or a summary.
func (w *world) observe(o prometheus.Observer) {
	e, ok := o.(prometheus.ExemplarObserver)
	if w.s.Pick(4) == 0 && ok {
		e.ObserveWithExemplar(w.amount(), w.exemplar())
		return
	}
	o.Observe(w.amount())
}

func scalarHistogram(w *world, opts prometheus.Opts, _ []string) collector {
	h := prometheus.NewHistogram(w.histogramOpts(opts))
	return collector{Collector: h, what: "histogram", touch: func(w *world, _ []string) { w.observe(h) }}
}

func (w *world) summaryOpts(opts prometheus.Opts) prometheus.SummaryOpts {
	return prometheus.SummaryOpts{Name: opts.Name, Help: opts.Help, ConstLabels: opts.ConstLabels,
		Objectives: []map[float64]float64{nil, {0.5: 0.05}, {0.5: 0.05, 0.99: 0.001}}[w.s.Pick(3)]}
}

func scalarSummary(w *world, opts prometheus.Opts, _ []string) collector {
	s := prometheus.NewSummary(w.summaryOpts(opts))
	return collector{Collector: s, what: "summary", touch: func(w *world, _ []string) { w.observe(s) }}
}

func vecOfCounters(w *world, opts prometheus.Opts, labels []string) collector {
	v := prometheus.NewCounterVec(prometheus.CounterOpts(opts), labels)
	return vecCollector("counters", v.MetricVec, labels, func(w *world, values []string) {
		if m, ok := w.asMap(labels, values); ok {
			w.add(v.With(m))
			return
		}
		w.add(v.WithLabelValues(values...))
	})
}

// asMap makes labels of values, one time in two, where there is one for each.
func (w *world) asMap(labels, values []string) (prometheus.Labels, bool) {
	// Of several bad values any may be complained about first.
	if w.s.Pick(2) == 0 || len(values) != len(labels) || slices.Contains(values, "\xff") {
		return nil, false
	}
	m := make(prometheus.Labels)
	for i, name := range labels {
		m[name] = values[i]
	}
	return m, true
}

func vecCollector(what string, v *prometheus.MetricVec, labels []string, touch func(*world, []string)) collector {
	return collector{Collector: v, what: what, labels: len(labels), touch: touch,
		drop: func(values []string) bool { return v.DeleteLabelValues(values...) }, some: v.DeletePartialMatch, reset: v.Reset}
}

// curriedCounters fix the first label.
func curriedCounters(w *world, opts prometheus.Opts, labels []string) collector {
	all := prometheus.NewCounterVec(prometheus.CounterOpts(opts), labels)
	if len(labels) == 0 || slices.Contains(labels[1:], labels[0]) {
		return vecOfCounters(w, opts, labels)
	}
	// Of a value that is no UTF-8 the program about currying tells.
	v := all.MustCurryWith(prometheus.Labels{labels[0]: strings.ToValidUTF8(w.value(), "?")})
	return vecCollector("curried counters", v.MetricVec, labels[1:], func(w *world, values []string) { w.add(v.WithLabelValues(values...)) })
}

func vecOfGauges(w *world, opts prometheus.Opts, labels []string) collector {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts(opts), labels)
	return vecCollector("gauges", v.MetricVec, labels, func(w *world, values []string) { w.move(v.WithLabelValues(values...)) })
}

func vecOfHistograms(w *world, opts prometheus.Opts, labels []string) collector {
	v := prometheus.NewHistogramVec(w.histogramOpts(opts), labels)
	return vecCollector("histograms", v.MetricVec, labels, func(w *world, values []string) { w.observe(v.WithLabelValues(values...)) })
}

func vecOfSummaries(w *world, opts prometheus.Opts, labels []string) collector {
	v := prometheus.NewSummaryVec(w.summaryOpts(opts), labels)
	return vecCollector("summaries", v.MetricVec, labels, func(w *world, values []string) { w.observe(v.WithLabelValues(values...)) })
}
