package prometheus_test

import (
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// observed is an observer with exemplars that keeps what it got.
type observed struct {
	values []float64
	labels []prometheus.Labels
}

func (o *observed) Observe(v float64) { o.values = append(o.values, v) }

func (o *observed) ObserveWithExemplar(v float64, l prometheus.Labels) {
	o.Observe(v)
	o.labels = append(o.labels, l)
}

func TestTimer(t *testing.T) {
	o := new(observed)
	timer := prometheus.NewTimer(o)
	first := timer.ObserveDuration()
	second := timer.ObserveDurationWithExemplar(nil) // no exemplar, so plain
	third := timer.ObserveDurationWithExemplar(prometheus.Labels{"id": "1"})
	if len(o.values) != 3 || len(o.labels) != 1 || o.labels[0]["id"] != "1" {
		t.Errorf("%+v", o)
	}
	if first < 0 || second < first || third < second || o.values[2] != third.Seconds() {
		t.Errorf("%v %v %v: %v", first, second, third, o.values)
	}

	var got float64
	d := prometheus.NewTimer(prometheus.ObserverFunc(func(v float64) { got = v })).ObserveDurationWithExemplar(prometheus.Labels{"id": "1"})
	if got != d.Seconds() {
		t.Errorf("a function got %v of %v", got, d)
	}
	prometheus.NewTimer(nil).ObserveDuration()
	prometheus.NewTimer(nil).ObserveDurationWithExemplar(prometheus.Labels{})
}
