package promhttp

import (
	"net/http"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// counting counts requests in a vec. Handles are not kept: the vec may be reset.
type counting struct {
	*partition
	vec *prometheus.CounterVec
}

func newCounting(vec *prometheus.CounterVec, opts []Option) counting {
	o := collect(opts)
	curried := vec.MustCurryWith(o.dummies())
	curry := func(l prometheus.Labels) error { _, err := curried.CurryWith(l); return err }
	return counting{newPartition(curried, curry, o), vec}
}

// count counts a request, answered with a status. Labels from functions are asked of from.
func (c *counting) count(r *http.Request, status int, from *http.Request) {
	var room [usualLabels]string
	values := c.values(room[:0], r.Method, status, from)
	counter, err := c.vec.GetMetricWithLabelValues(values...)
	if err != nil {
		counter = c.vec.With(c.named(values)) // panics: the words are With's
	}
	addWithExemplar(counter, c.exemplarOf(r))
}

func addWithExemplar(c prometheus.Counter, exemplar prometheus.Labels) {
	if exemplar != nil {
		if a, ok := c.(prometheus.ExemplarAdder); ok {
			a.AddWithExemplar(1, exemplar)
			return
		}
	}
	c.Inc()
}

// observing observes requests in a vec.
type observing struct {
	*partition
	vec prometheus.ObserverVec
}

func newObserving(vec prometheus.ObserverVec, opts []Option) observing {
	o := collect(opts)
	curried := vec.MustCurryWith(o.dummies())
	curry := func(l prometheus.Labels) error { _, err := curried.CurryWith(l); return err }
	return observing{newPartition(curried, curry, o), vec}
}

// observe observes a value of a request, answered with a status. Labels from functions
// are asked of from.
func (o *observing) observe(v float64, r *http.Request, status int, from *http.Request) {
	var room [usualLabels]string
	observeWithExemplar(o.observer(o.values(room[:0], r.Method, status, from)), v, o.exemplarOf(r))
}

// observer returns the series with these values. The vecs of package prometheus get them as
// they are, which takes no map; others, and errors, which panic, go through With.
func (o *observing) observer(values []string) prometheus.Observer {
	switch v := o.vec.(type) {
	case *prometheus.HistogramVec:
		if obs, err := v.GetMetricWithLabelValues(values...); err == nil {
			return obs
		}
	case *prometheus.SummaryVec:
		if obs, err := v.GetMetricWithLabelValues(values...); err == nil {
			return obs
		}
	}
	return o.vec.With(o.named(values))
}

func observeWithExemplar(o prometheus.Observer, v float64, exemplar prometheus.Labels) {
	if exemplar != nil {
		if e, ok := o.(prometheus.ExemplarObserver); ok {
			e.ObserveWithExemplar(v, exemplar)
			return
		}
	}
	o.Observe(v)
}
