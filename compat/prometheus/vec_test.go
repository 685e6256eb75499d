package prometheus

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// A vecCase is one kind of vec, its lookups without their types.
type vecCase struct {
	Collector
	values func(...string) (Metric, error)
	labels func(Labels) (Metric, error)
	must   func(...string) Metric
	with   func(Labels) Metric
	curry  func(Labels) (vecCase, error)
	*MetricVec
}

func (c vecCase) Describe(ch chan<- *Desc) { c.Collector.Describe(ch) }
func (c vecCase) Collect(ch chan<- Metric) { c.Collector.Collect(ch) }

func metricOf[T any](v T, err error) (Metric, error) {
	if err != nil {
		return nil, err
	}
	return any(v).(Metric), nil
}

func counterCase(v *CounterVec) vecCase {
	return vecCase{v,
		func(s ...string) (Metric, error) { return metricOf(v.GetMetricWithLabelValues(s...)) },
		func(l Labels) (Metric, error) { return metricOf(v.GetMetricWith(l)) },
		func(s ...string) Metric { return v.WithLabelValues(s...) },
		func(l Labels) Metric { return v.With(l) },
		func(l Labels) (c vecCase, err error) {
			if v, err := v.CurryWith(l); err == nil {
				return counterCase(v), nil
			} else {
				return c, err
			}
		}, v.MetricVec}
}

func gaugeCase(v *GaugeVec) vecCase {
	return vecCase{v,
		func(s ...string) (Metric, error) { return metricOf(v.GetMetricWithLabelValues(s...)) },
		func(l Labels) (Metric, error) { return metricOf(v.GetMetricWith(l)) },
		func(s ...string) Metric { return v.WithLabelValues(s...) },
		func(l Labels) Metric { return v.With(l) },
		func(l Labels) (c vecCase, err error) {
			if v, err := v.CurryWith(l); err == nil {
				return gaugeCase(v), nil
			} else {
				return c, err
			}
		}, v.MetricVec}
}

func observerCase(v ObserverVec, m *MetricVec) vecCase {
	return vecCase{v,
		func(s ...string) (Metric, error) { return metricOf(v.GetMetricWithLabelValues(s...)) },
		func(l Labels) (Metric, error) { return metricOf(v.GetMetricWith(l)) },
		func(s ...string) Metric { return v.WithLabelValues(s...).(Metric) },
		func(l Labels) Metric { return v.With(l).(Metric) },
		func(l Labels) (c vecCase, err error) {
			v, err := v.CurryWith(l)
			switch v := v.(type) {
			case *HistogramVec:
				return observerCase(v, v.MetricVec), nil
			case *SummaryVec:
				return observerCase(v, v.MetricVec), nil
			}
			return c, err
		}, m}
}

func ownCase(v *MetricVec) vecCase {
	return vecCase{v, v.GetMetricWithLabelValues, v.GetMetricWith,
		func(s ...string) Metric { return mustMetric(v.GetMetricWithLabelValues(s...)) },
		func(l Labels) Metric { return mustMetric(v.GetMetricWith(l)) },
		func(l Labels) (c vecCase, err error) {
			if v, err := v.CurryWith(l); err == nil {
				return ownCase(v), nil
			} else {
				return c, err
			}
		}, v}
}

// infoMetric is a user's metric.
type infoMetric struct {
	desc   *Desc
	labels []*dto.LabelPair
}

func (m *infoMetric) Desc() *Desc { return m.desc }
func (m *infoMetric) Write(out *dto.Metric) error {
	out.Label, out.Gauge = m.labels, &dto.Gauge{Value: new(1.0)}
	return nil
}

func infoVec(labels ConstrainableLabels) *MetricVec {
	desc := V2.NewDesc("v", "help", labels, Labels{"const": "0"})
	return NewMetricVec(desc, func(lvs ...string) Metric { return &infoMetric{desc, MakeLabelPairs(desc, lvs)} })
}

// everyVec calls f with a vec of each kind, labelled l1 and l2.
func everyVec(t *testing.T, labels ConstrainableLabels, f func(t *testing.T, v vecCase)) {
	o, consts := Opts{Name: "v", Help: "help"}, Labels{"const": "0"}
	o.ConstLabels = consts
	for name, make := range map[string]func() vecCase{
		"counter": func() vecCase { return counterCase(V2.NewCounterVec(CounterVecOpts{CounterOpts(o), labels})) },
		"gauge":   func() vecCase { return gaugeCase(V2.NewGaugeVec(GaugeVecOpts{GaugeOpts(o), labels})) },
		"histogram": func() vecCase {
			v := V2.NewHistogramVec(HistogramVecOpts{HistogramOpts{Name: "v", Help: "help", ConstLabels: consts}, labels})
			return observerCase(v, v.MetricVec)
		},
		"summary": func() vecCase {
			v := V2.NewSummaryVec(SummaryVecOpts{SummaryOpts{Name: "v", Help: "help", ConstLabels: consts}, labels})
			return observerCase(v, v.MetricVec)
		},
		"hidden": func() vecCase { // of which the engine does not take the unit
			return gaugeCase(V2.NewGaugeVec(GaugeVecOpts{GaugeOpts{Name: "v", Unit: "x y", ConstLabels: consts}, labels}))
		},
		"user's": func() vecCase { return ownCase(infoVec(labels)) },
	} {
		t.Run(name, func(t *testing.T) { f(t, make()) })
	}
}

var twoLabels = UnconstrainedLabels{"l2", "l1"} // not in the order of their names

func labelText(t *testing.T, m Metric) string {
	var b strings.Builder
	for _, p := range written(t, m).Label {
		fmt.Fprintf(&b, "%s=%q ", p.GetName(), p.GetValue())
	}
	return strings.TrimSuffix(b.String(), " ")
}

func labelTexts(t *testing.T, v Collector) []string {
	list := []string{}
	for _, m := range collected(v) {
		list = append(list, labelText(t, m))
	}
	slices.Sort(list)
	return list
}

func TestVecLookups(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		m := v.must("a", "b")
		if got, want := labelText(t, m), `const="0" l1="b" l2="a"`; got != want {
			t.Errorf("labels %s, want %s", got, want)
		}
		labels := Labels{"l1": "b", "l2": "a"}
		byValues, err1 := v.values("a", "b")
		byLabels, err2 := v.labels(labels)
		base, err3 := v.MetricVec.GetMetricWith(labels)
		if err := errors.Join(err1, err2, err3); err != nil || byValues != m || byLabels != m || base != m || v.with(labels) != m {
			t.Errorf("not found again: %v", err)
		}
		if v.must("b", "a") == m || v.must("ab", "") == m || v.must("", "ab") == v.must("ab", "") {
			t.Error("values of other labels find the same metric")
		}
		if m.Desc() != descsOf(v)[0] || len(descsOf(v)) != 1 {
			t.Error("descriptors differ")
		}
		if n := len(collected(v)); n != 4 {
			t.Errorf("%d collected", n)
		}
	})
}

// Errors have upstream's words.
func TestVecLookupErrors(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		for text, values := range map[string][]string{
			`inconsistent label cardinality: expected 2 label values but got 1 in []string{"a"}`:           {"a"},
			`inconsistent label cardinality: expected 2 label values but got 3 in []string{"a", "b", "c"}`: {"a", "b", "c"},
			`label value "\xff" is not valid UTF-8`:                                                        {"a", "\xff"},
		} {
			_, err := v.values(values...)
			wantError(t, err, text)
			wantPanic(t, text, func() { v.must(values...) })
		}
		for text, labels := range map[string]Labels{
			`inconsistent label cardinality: expected 2 label values but got 1 in prometheus.Labels{"l1":"a"}`: {"l1": "a"},
			`label l1: value "\xff" is not valid UTF-8`:                                                        {"l1": "\xff", "l2": "a"},
			`label name "l2" missing in label map`:                                                             {"l1": "a", "l3": "a"},
		} {
			_, err := v.labels(labels)
			wantError(t, err, text)
			wantPanic(t, text, func() { v.with(labels) })
		}
		if _, err := v.values(); !errors.Is(err, errInconsistentCardinality) {
			t.Errorf("%v is another error", err)
		}
		if list := collected(v); len(list) != 0 {
			t.Errorf("failed lookups made %v", list)
		}
	})
}

func TestVecDelete(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		fill := func() {
			for _, a := range []string{"1", "2", "3"} {
				v.must(a, "x")
				v.must(a, "y")
			}
		}
		fill()
		kept := v.must("1", "x")
		if !v.DeleteLabelValues("1", "x") || v.DeleteLabelValues("1", "x") || v.DeleteLabelValues("1") || v.DeleteLabelValues("1", "\xff") {
			t.Error("DeleteLabelValues")
		}
		if !v.Delete(Labels{"l1": "y", "l2": "1"}) || v.Delete(Labels{"l1": "y", "l2": "1"}) || v.Delete(Labels{"l1": "y"}) || v.Delete(nil) {
			t.Error("Delete")
		}
		if n := len(collected(v)); n != 4 {
			t.Errorf("%d left", n)
		}
		if labelText(t, kept) != `const="0" l1="x" l2="1"` || v.must("1", "x") == kept {
			t.Error("a deleted metric is not what it was, or came back")
		}
		for _, tt := range []struct {
			labels Labels
			want   int
		}{
			{Labels{"l3": "x"}, 0}, {Labels{"l1": "z"}, 0}, {Labels{"l1": "\xff"}, 0}, {Labels{"l1": "x", "l3": "x"}, 0}, {Labels{"const": "0"}, 0},
			{Labels{"l1": "x"}, 3}, {Labels{"l1": "x"}, 0}, {Labels{"l2": "2", "l1": "y"}, 1}, {nil, 1}, {nil, 0},
		} {
			if n := v.DeletePartialMatch(tt.labels); n != tt.want {
				t.Errorf("DeletePartialMatch(%v) = %d, want %d", tt.labels, n, tt.want)
			}
		}
		fill()
		v.Reset()
		if list := collected(v); len(list) != 0 {
			t.Errorf("after Reset: %v", list)
		}
		fill()
		if n := len(collected(v)); n != 6 {
			t.Errorf("%d after Reset and new lookups", n)
		}
	})
}

func TestVecCurry(t *testing.T) {
	three := UnconstrainedLabels{"a", "b", "c"}
	everyVec(t, three, func(t *testing.T, v vecCase) {
		b, err := v.curry(Labels{"b": "2"})
		if err != nil {
			t.Fatal(err)
		}
		m := v.must("1", "2", "3")
		if b.must("1", "3") != m || b.with(Labels{"a": "1", "c": "3"}) != m {
			t.Error("a curried lookup finds another metric")
		}
		ab, err := b.curry(Labels{"a": "1"})
		if err != nil || ab.must("3") != m || ab.with(Labels{"c": "3"}) != m {
			t.Error("curried twice", err)
		}
		abc, err := ab.curry(Labels{"c": "3"})
		if err != nil || abc.must() != m || abc.with(nil) != m {
			t.Error("curried wholly", err)
		}
		if n := len(collected(v)); n != 1 {
			t.Errorf("%d metrics", n)
		}
		b.must("8", "9")
		if got := labelTexts(t, b); !slices.Equal(got, labelTexts(t, v)) || len(got) != 2 || got[1] != `a="8" b="2" c="9" const="0"` {
			t.Error(got)
		}

		_, err = b.curry(Labels{"b": "3"})
		wantError(t, err, `label name "b" is already curried`)
		_, err = b.curry(Labels{"d": "3", "a": "1"})
		wantError(t, err, "1 unknown label(s) found during currying")
		_, err = b.values("1")
		wantError(t, err, `inconsistent label cardinality: expected 2 label values but got 1 in []string{"1"}`)
		_, err = b.labels(Labels{"a": "1", "b": "2"})
		wantError(t, err, `label name "b" is already curried`)
		_, err = b.labels(Labels{"a": "1", "d": "2"})
		wantError(t, err, `label name "c" missing in label map`)

		if b.DeletePartialMatch(Labels{"b": "2"}) != 0 || b.DeletePartialMatch(Labels{"a": "8"}) != 1 || v.DeletePartialMatch(Labels{"b": "2"}) != 1 {
			t.Error("DeletePartialMatch")
		}
		b.must("1", "3")
		if !b.DeleteLabelValues("1", "3") || b.Delete(Labels{"a": "1", "c": "3"}) || len(collected(v)) != 0 {
			t.Error("Delete")
		}
		v.must("1", "2", "3")
		v.must("1", "0", "3")
		b.Reset() // also what it cannot reach
		if n := len(collected(v)); n != 0 {
			t.Errorf("%d after Reset", n)
		}
	})
}

func TestMustCurryWithPanics(t *testing.T) {
	text := "1 unknown label(s) found during currying"
	wantPanic(t, text, func() { NewCounterVec(CounterOpts{Name: "v"}, nil).MustCurryWith(Labels{"a": "1"}) })
	wantPanic(t, text, func() { NewGaugeVec(GaugeOpts{Name: "v"}, nil).MustCurryWith(Labels{"a": "1"}) })
	wantPanic(t, text, func() { NewHistogramVec(HistogramOpts{Name: "v"}, nil).MustCurryWith(Labels{"a": "1"}) })
	wantPanic(t, text, func() { NewSummaryVec(SummaryOpts{Name: "v"}, nil).MustCurryWith(Labels{"a": "1"}) })
}

func TestConstrainedVec(t *testing.T) {
	lower := ConstrainedLabels{{Name: "l2", Constraint: strings.ToLower}, {Name: "l1"}}
	everyVec(t, lower, func(t *testing.T, v vecCase) {
		m := v.must("GET", "A")
		if got, want := labelText(t, m), `const="0" l1="A" l2="get"`; got != want {
			t.Errorf("labels %s, want %s", got, want)
		}
		if v.must("Get", "A") != m || v.with(Labels{"l2": "gEt", "l1": "A"}) != m || v.must("get", "a") == m {
			t.Error("values that are made alike find other metrics")
		}
		c, err := v.curry(Labels{"l2": "GET"})
		if err != nil || c.must("A") != m {
			t.Error("curried values are not constrained", err)
		}
		_, err = v.values("A")
		wantError(t, err, `inconsistent label cardinality: expected 2 label values but got 1 in []string{"a"}`)
		_, err = v.values("A", "B", "C")
		wantError(t, err, `inconsistent label cardinality: expected 2 label values but got 3 in []string{"a", "B", "C"}`)
		if v.DeletePartialMatch(Labels{"l2": "GEt"}) != 2 || v.must("GET", "A") == m || !v.DeleteLabelValues("GEt", "A") {
			t.Error("deletions are not constrained")
		}
	})
}

// What a constraint makes is what is checked: it may repair a value.
func TestConstraintRepairs(t *testing.T) {
	clean := func(s string) string { return strings.ToValidUTF8(s, "?") }
	everyVec(t, ConstrainedLabels{{Name: "l2", Constraint: clean}, {Name: "l1"}}, func(t *testing.T, v vecCase) {
		if m := v.must("\xff", "x"); m != v.must("?", "x") || m != v.with(Labels{"l2": "\xfe", "l1": "x"}) {
			t.Error("not repaired")
		}
		_, err := v.values("a", "\xff")
		wantError(t, err, `label value "\xff" is not valid UTF-8`)
	})
}

func TestVecWithoutLabels(t *testing.T) {
	everyVec(t, nil, func(t *testing.T, v vecCase) {
		if v.must() != v.with(nil) || v.must() != v.with(Labels{}) || labelText(t, v.must()) != `const="0"` {
			t.Error("no labels")
		}
		_, err := v.values("x")
		wantError(t, err, `inconsistent label cardinality: expected 0 label values but got 1 in []string{"x"}`)
	})
}

// Of labels with one name, which a registry would refuse, a deletion looks at the first.
func TestVecOfEqualNames(t *testing.T) {
	everyVec(t, UnconstrainedLabels{"a", "a"}, func(t *testing.T, v vecCase) {
		v.must("1", "2")
		if v.DeletePartialMatch(Labels{"a": "2"}) != 0 || v.DeletePartialMatch(Labels{"a": "1", "b": "2"}) != 0 || v.DeletePartialMatch(Labels{"a": "1"}) != 1 {
			t.Error("DeletePartialMatch")
		}
	})
}

// More labels than a lookup has room for on the stack.
func TestVecOfManyLabels(t *testing.T) {
	names, values, labels := make(UnconstrainedLabels, 40), make([]string, 40), make(Labels)
	for i := range names {
		names[i], values[i] = fmt.Sprintf("l%02d", i), fmt.Sprint(i)
		labels[names[i]] = values[i]
	}
	everyVec(t, names, func(t *testing.T, v vecCase) {
		m := v.must(values...)
		if v.with(labels) != m || len(written(t, m).Label) != 41 || !v.Delete(labels) {
			t.Error("40 labels")
		}
	})
}

// Strings that FNV-1a cannot tell apart, which once were one metric.
func TestVecCollision(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		if v.must("x", "77kepQFQ8Kl") == v.must("x", "!0IC=VloaY") {
			t.Error("one metric for two values")
		}
		if !v.DeleteLabelValues("x", "77kepQFQ8Kl") || len(collected(v)) != 1 || v.DeletePartialMatch(Labels{"l2": "x"}) != 1 {
			t.Error("deletion")
		}
	})
}

// The map and the slice of a lookup are the caller's, and may change afterwards.
func TestVecKeepsNothingOfTheCallers(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		values, labels := []string{"a", "b"}, Labels{"l1": "d", "l2": "c"}
		m, n := v.must(values...), v.with(labels)
		values[0], labels["l1"] = "changed", "changed"
		if v.must("a", "b") != m || v.must("c", "d") != n || labelText(t, n) != `const="0" l1="d" l2="c"` {
			t.Error("changed")
		}
	})
	names := []string{"a"}
	v := NewGaugeVec(GaugeOpts{Name: "v"}, names)
	names[0] = "b"
	if got := labelText(t, v.WithLabelValues("1")); got != `a="1"` {
		t.Error(got)
	}
}

// Handles say all that upstream's do.
func TestHandlesOfVecs(t *testing.T) {
	o := NewHistogramVec(HistogramOpts{Name: "v"}, []string{"a"}).WithLabelValues("1")
	o.(ExemplarObserver).ObserveWithExemplar(1, Labels{"id": "x"})
	o.(Histogram).Observe(1)
	if list := collected(o.(Collector)); len(list) != 1 || list[0] != o.(Metric) || written(t, o).Histogram.GetSampleCount() != 2 {
		t.Error(list)
	}
	s := NewSummaryVec(SummaryOpts{Name: "v"}, []string{"a"}).WithLabelValues("1")
	s.(Summary).Observe(1)
	c := NewCounterVec(CounterOpts{Name: "v"}, []string{"a"}).WithLabelValues("1")
	c.(ExemplarAdder).AddWithExemplar(1, Labels{"id": "x"})
	for _, c := range []any{o, s, c} {
		// One series of a vec is not the vec: a scrape of it alone goes by Write.
		if ours := asOurs(c.(Collector)); ours.source() != nil || ours.family() != c.(Metric).Desc() {
			t.Errorf("%T has a source", c)
		}
	}
	c.Inc()
	wantWritten(t, c, &dto.Metric{Label: labelled("a", "1"), Counter: &dto.Counter{Value: new(2.0), CreatedTimestamp: now(), Exemplar: exemplarAt(1, "id", "x")}})
}

// A user's function is called once for each metric, though many ask for it at once.
func TestNewMetricIsCalledOnce(t *testing.T) {
	desc, calls := NewDesc("v", "", []string{"a"}, nil), make(map[string]int) // guarded by the vec
	v := NewMetricVec(desc, func(lvs ...string) Metric {
		calls[lvs[0]]++
		value := lvs[0]
		lvs[0] = "changed"
		return &infoMetric{desc, labelled("a", value)}
	})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 100 {
				if m, err := v.GetMetricWithLabelValues(fmt.Sprint(i)); err != nil || m.(*infoMetric).labels[0].GetValue() != fmt.Sprint(i) {
					t.Error(m, err)
				}
			}
		})
	}
	all.Wait()
	for value, n := range calls {
		if n != 1 {
			t.Errorf("%s was made %d times", value, n)
		}
	}
	if n := len(collected(v)); n != 100 {
		t.Errorf("%d metrics", n)
	}
}

// A vec of ours may be built on a user's function, and then its metrics are the user's.
func TestCounterVecOnUsersFunction(t *testing.T) {
	desc := NewDesc("v", "", []string{"a"}, nil)
	c := NewCounter(CounterOpts{Name: "v"})
	v := &CounterVec{MetricVec: NewMetricVec(desc, func(...string) Metric { return c })}
	if v.WithLabelValues("1") != c || v.With(Labels{"a": "1"}) != c || v.MustCurryWith(Labels{"a": "1"}).WithLabelValues() != c {
		t.Error("another counter")
	}
	if asOurs(v).source() != nil || len(collected(v)) != 1 {
		t.Error("it has a source")
	}
}

// Lookups, deletions and collections at once: for the race detector, and the rule that a
// handle is of the values that were asked for.
func TestVecConcurrently(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				for i := range 300 {
					a := fmt.Sprint((i + g) % 20)
					switch i % 10 {
					case 3:
						v.DeleteLabelValues(a, "x")
					case 5:
						v.DeletePartialMatch(Labels{"l2": a})
					case 7:
						collected(v)
					case 9:
						if i == 299 {
							v.Reset()
						}
					default:
						if got, want := labelText(t, v.must(a, "x")), fmt.Sprintf(`const="0" l1="x" l2=%q`, a); got != want {
							t.Errorf("labels %s, want %s", got, want)
						}
					}
				}
			})
		}
		all.Wait()
		v.Reset()
		if n := len(collected(v)); n != 0 {
			t.Errorf("%d after Reset", n)
		}
	})
}

// Collect holds no lock: a new metric, and lookups while it is made, do not wait for a
// scrape that has stopped half-way.
func TestCollectHindersNobody(t *testing.T) {
	everyVec(t, twoLabels, func(t *testing.T, v vecCase) {
		v.must("1", "x")
		v.must("2", "x")
		ch := make(chan Metric)
		done := make(chan struct{})
		go func() { defer close(done); v.Collect(ch) }()
		<-ch // the second is on its way
		v.must("3", "x")
		v.must("1", "x")
		v.DeleteLabelValues("1", "x")
		go func() {
			for range ch {
			}
		}()
		<-done
		close(ch)
	})
}
