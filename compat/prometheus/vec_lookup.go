package prometheus

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/engine"
)

// This file is lookups. A hit has to find the series and nothing else: values were checked when the
// series was made, so none are checked again, and nothing leaves the caller's stack,
// neither its slice of values nor its map of labels. All else, errors included, is the business of a miss.
//
//	WithLabelValues -- direct ----------------> StringVec.Find --> a hit
//	              \-- curried, constrained --> fill --/      \
//	With(Labels) ----------------------------> pick -/        \--> a miss: check, make

// valueRoom is room on the stack for as many values as nearly all vecs have labels.
type valueRoom [8]string

func (r *valueRoom) take(n int) []string {
	if n > len(r) {
		return make([]string, n)
	}
	return r[:n]
}

// open is how many labels a lookup has to give.
func (v *MetricVec) open() int { return len(v.names) - len(v.curry) }

// fill returns the values of all labels, given those that are not curried, of which there must be
// as many as open says.
func (v *MetricVec) fill(room *valueRoom, lvs []string) []string {
	curry, values := v.curry, room.take(len(v.names))
	for i := range values {
		if len(curry) > 0 && curry[0].index == i {
			values[i], curry = curry[0].value, curry[1:]
			continue
		}
		values[i], lvs = v.constrained(v.names[i], lvs[0]), lvs[1:]
	}
	return values
}

// pick is fill for labels by name. ok is false when they are not the vec's.
func (v *MetricVec) pick(room *valueRoom, labels Labels) (values []string, ok bool) {
	if len(labels) != v.open() {
		return nil, false
	}
	curry, values := v.curry, room.take(len(v.names))
	for i, name := range v.names {
		if len(curry) > 0 && curry[0].index == i {
			values[i], curry = curry[0].value, curry[1:]
			continue
		}
		value, given := labels[name]
		if !given {
			return nil, false
		}
		values[i] = v.constrained(name, value)
	}
	return values, true
}

// values checks the values of a lookup and returns those of all labels, in memory of
// their own.
func (v *MetricVec) values(lvs []string) ([]string, error) {
	if len(lvs) != v.open() {
		return nil, checkLabelValues(v.constrainedValues(lvs), v.open())
	}
	var room valueRoom
	values := v.fill(&room, lvs)
	if err := v.checkOpen(values); err != nil {
		return nil, err
	}
	return slices.Clone(values), nil
}

// checkOpen checks the values that the lookup gave. (What a vec is curried with, upstream
// does not check either; the engine repairs it.)
func (v *MetricVec) checkOpen(values []string) error {
	for i, value := range values {
		if !utf8.ValidString(value) && !v.isCurried(i) {
			return checkLabelValues([]string{value}, 1)
		}
	}
	return nil
}

// constrainedValues applies the constraints to a perhaps wrong number of values, for an error to show.
func (v *MetricVec) constrainedValues(lvs []string) []string {
	own := slices.Clone(lvs)
	next := 0
	for i, name := range v.names {
		if next < len(own) && !v.isCurried(i) {
			own[next] = v.constrained(name, own[next])
			next++
		}
	}
	return own
}

// labelled is values for labels by name.
func (v *MetricVec) labelled(labels Labels) ([]string, error) {
	var room valueRoom
	values, ok := v.pick(&room, labels)
	if !ok || v.checkOpen(values) != nil {
		return nil, v.labelsError(labels)
	}
	return slices.Clone(values), nil
}

// labelsError says what is wrong with labels. Without a copy, every caller's would have to be on
// the heap.
func (v *MetricVec) labelsError(labels Labels) error {
	var own Labels // nil when labels is, for the sake of the error's text
	if labels != nil {
		own = make(Labels, len(labels))
	}
	for name, value := range labels {
		own[name] = v.constrained(name, value)
	}
	if err := checkLabels(own, v.open()); err != nil {
		return err
	}
	for i, name := range v.names {
		_, given := own[name]
		switch {
		case v.isCurried(i) && given:
			return errCurried(name)
		case !v.isCurried(i) && !given:
			return fmt.Errorf("label name %q missing in label map", name)
		}
	}
	return nil
}

// GetMetricWithLabelValues returns the metric with these values, in the order of the
// labels, which is made at the first call. It may be kept, and hot code should: a
// metric that has been deleted in the meantime can still be used, but is exposed no more.
//
// It is an error when there are not as many values as labels (those curried not counted), or
// one is not UTF-8. With several labels it is easy to give values in a wrong order;
// [MetricVec.GetMetricWith] takes names, and is slower.
func (v *MetricVec) GetMetricWithLabelValues(lvs ...string) (Metric, error) {
	if c, ok := v.series.(*children); ok && len(lvs) == v.open() {
		var room valueRoom
		if m := c.find(v.fill(&room, lvs)); m != nil {
			return m, nil
		}
	}
	return v.makeByValues(lvs)
}

// makeByValues is the slow path of a lookup: it keeps no hold of lvs.
func (v *MetricVec) makeByValues(lvs []string) (Metric, error) {
	values, err := v.values(lvs)
	if err != nil {
		return nil, err
	}
	return v.series.metric(values), nil
}

// GetMetricWith returns the metric with these labels, which is made at the first call. See
// [MetricVec.GetMetricWithLabelValues]. It is an error when the labels are not exactly those of
// the vec (those curried not counted), or a value is not UTF-8. The map is not kept.
func (v *MetricVec) GetMetricWith(labels Labels) (Metric, error) {
	if c, ok := v.series.(*children); ok {
		var room valueRoom
		if values, ok := v.pick(&room, labels); ok {
			if m := c.find(values); m != nil {
				return m, nil
			}
		}
	}
	return v.makeByLabels(labels)
}

// makeByLabels is the slow path of a lookup: it keeps no hold of labels.
func (v *MetricVec) makeByLabels(labels Labels) (Metric, error) {
	values, err := v.labelled(labels)
	if err != nil {
		return nil, err
	}
	return v.series.metric(values), nil
}

// findValues looks for a series of the engine by values; nil is none.
func findValues[S any](v *MetricVec, lvs []string) *S {
	s, ok := v.series.(*engineSeries[S])
	switch {
	case !ok || len(lvs) != v.open():
		return nil
	case v.direct != nil:
		return s.vec.Find(lvs...)
	}
	var room valueRoom
	return s.vec.Find(v.fill(&room, lvs)...)
}

// findLabels is findValues for labels by name.
func findLabels[S any](v *MetricVec, labels Labels) *S {
	s, ok := v.series.(*engineSeries[S])
	if !ok {
		return nil
	}
	var room valueRoom
	values, ok := v.pick(&room, labels)
	if !ok {
		return nil
	}
	return s.vec.Find(values...)
}

// as gives the result of a lookup its type. A user's vec in one of our types may have
// metrics of another, which is a panic.
func as[T any](m Metric, err error) (t T, _ error) {
	if err != nil {
		return t, err
	}
	return m.(T), nil
}

// mustMetric panics with the error of a lookup.
func mustMetric[T any](m T, err error) T {
	if err != nil {
		panic(err)
	}
	return m
}

// engineSeries are series that the engine has.
//
// Model. Immutable; the vec has its own.
type engineSeries[S any] struct {
	vec    *engine.StringVec[S]
	fam    *family
	handle func(*S) Metric
}

func (s *engineSeries[S]) metric(values []string) Metric {
	if s.fam.misuse != nil {
		panic(s.fam.misuse)
	}
	return s.handle(s.vec.With(values...))
}

func (s *engineSeries[S]) remove(values []string) bool { return s.vec.Delete(values...) }

func (s *engineSeries[S]) removeMatching(values []*string) int {
	wanted := make(map[string]string)
	for i, value := range values {
		switch {
		case value == nil:
		case !utf8.ValidString(*value):
			return 0 // the engine would look for what it makes of it
		default:
			wanted[s.fam.label(i)] = *value
		}
	}
	if len(wanted) == 0 { // all match, which to the engine is none
		n := s.vec.Len()
		s.vec.Reset()
		return n
	}
	n, _ := s.vec.DeletePartial(wanted) // an error would be an unknown label
	return n
}

func (s *engineSeries[S]) reset() { s.vec.Reset() }

func (s *engineSeries[S]) each(f func(Metric)) {
	for handle := range s.vec.All() {
		f(s.handle(handle))
	}
}

func (s *engineSeries[S]) source() *engine.Registry { return s.fam.source() }
