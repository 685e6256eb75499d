package prometheus

import (
	"fmt"
	"math"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// now stands for a moment in what wantWritten wants.
var now = timestamppb.Now

// written returns what a metric writes.
func written(t testing.TB, m any) *dto.Metric {
	t.Helper()
	out := new(dto.Metric)
	if err := m.(Metric).Write(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// wantWritten compares what a metric writes. Moments must be there where want has any, and
// not before the tests began.
func wantWritten(t testing.TB, m any, want *dto.Metric) {
	t.Helper()
	got, want := written(t, m), proto.Clone(want).(*dto.Metric)
	have, should := momentsIn(got), momentsIn(want)
	for i := range min(len(have), len(should)) {
		if *have[i] != nil && *should[i] != nil && (*have[i]).AsTime().After(begun) {
			*have[i], *should[i] = nil, nil
		}
	}
	if !proto.Equal(got, want) {
		t.Errorf("wrote\n%v\nwant\n%v", got, want)
	}
}

var begun = time.Now().Add(-time.Second)

// momentsIn returns where a message has timestamps.
func momentsIn(m *dto.Metric) (at []**timestamppb.Timestamp) {
	exemplars := m.GetHistogram().GetExemplars()
	if m.Counter != nil {
		at = append(at, &m.Counter.CreatedTimestamp)
		exemplars = append(exemplars, m.Counter.Exemplar)
	}
	if m.Summary != nil {
		at = append(at, &m.Summary.CreatedTimestamp)
	}
	if m.Histogram != nil {
		at = append(at, &m.Histogram.CreatedTimestamp)
	}
	for _, b := range m.GetHistogram().GetBucket() {
		exemplars = append(exemplars, b.Exemplar)
	}
	for _, e := range exemplars {
		if e != nil {
			at = append(at, &e.Timestamp)
		}
	}
	return at
}

// labelled makes label pairs of names and values in turn.
func labelled(pairs ...string) (list []*dto.LabelPair) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, &dto.LabelPair{Name: new(pairs[i]), Value: new(pairs[i+1])})
	}
	return list
}

func exemplarAt(v float64, pairs ...string) *dto.Exemplar {
	return &dto.Exemplar{Value: new(v), Label: labelled(pairs...), Timestamp: now()}
}

// wantPanic wants f to panic with an error, or a string, of this text.
func wantPanic(t testing.TB, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); fmt.Sprint(r) != text {
			t.Errorf("panic %v, want %q", r, text)
		}
	}()
	f()
}

// wantError compares an error's text.
func wantError(t testing.TB, err error, text string) {
	t.Helper()
	if err == nil || err.Error() != text {
		t.Errorf("error %v, want %q", err, text)
	}
}

// collected returns what a collector sends.
func collected(c Collector) (list []Metric) {
	ch := make(chan Metric)
	go func() { defer close(ch); c.Collect(ch) }()
	for m := range ch {
		list = append(list, m)
	}
	return list
}

// descsOf returns what a collector describes.
func descsOf(c Collector) (list []*Desc) {
	ch := make(chan *Desc)
	go func() { defer close(ch); c.Describe(ch) }()
	for d := range ch {
		list = append(list, d)
	}
	return list
}

// Every instrument is a metric that collects itself, and is known as ours.
func TestInstrumentsCollectThemselves(t *testing.T) {
	for name, c := range map[string]interface {
		Metric
		Collector
	}{
		"counter":      NewCounter(CounterOpts{Name: "c"}),
		"gauge":        NewGauge(GaugeOpts{Name: "c"}),
		"histogram":    NewHistogram(HistogramOpts{Name: "c"}),
		"summary":      NewSummary(SummaryOpts{Name: "c"}),
		"counter func": NewCounterFunc(CounterOpts{Name: "c"}, func() float64 { return 1 }),
		"gauge func":   NewGaugeFunc(GaugeOpts{Name: "c"}, func() float64 { return 1 }),
		"untyped func": NewUntypedFunc(UntypedOpts{Name: "c"}, func() float64 { return 1 }),
	} {
		if list := collected(c); len(list) != 1 || list[0] != Metric(c) {
			t.Errorf("%s collects %v", name, list)
		}
		if list := descsOf(c); len(list) != 1 || list[0] != c.Desc() || c.Desc().fqName != "c" {
			t.Errorf("%s describes %v", name, list)
		}
		if o := asOurs(c); o != nil && (o.source() == nil || o.family() != c.Desc() || len(o.source().Families()) != 1) {
			t.Errorf("%s: source %v", name, o.source())
		}
	}
}

func TestCounter(t *testing.T) {
	c := NewCounter(CounterOpts{Namespace: "a", Subsystem: "b", Name: "c", ConstLabels: Labels{"z": "1", "y": "2"}})
	c.Inc()
	c.Add(41)
	wantWritten(t, c, &dto.Metric{Label: labelled("y", "2", "z", "1"), Counter: &dto.Counter{Value: new(42.0), CreatedTimestamp: now()}})
	c.Add(0.5)
	c.Add(0)
	wantWritten(t, c, &dto.Metric{Label: labelled("y", "2", "z", "1"), Counter: &dto.Counter{Value: new(42.5), CreatedTimestamp: now()}})
	if name := c.Desc().fqName; name != "a_b_c" {
		t.Error(name)
	}
	wantPanic(t, "counter cannot decrease in value", func() { c.Add(-1) })
	wantPanic(t, "counter cannot decrease in value", func() { c.(ExemplarAdder).AddWithExemplar(-1, nil) })
}

// Whole numbers are exact beyond 2^53, where a float64 stands still.
func TestCounterIsExact(t *testing.T) {
	c := NewCounter(CounterOpts{Name: "c"})
	c.Add(1 << 53)
	c.Inc()
	c.Inc()
	if got := written(t, c).Counter.GetValue(); got != 1<<53+2 {
		t.Errorf("%f", got)
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 0.25, 1, 1 << 53, 1 << 62, math.Nextafter(1<<63, 0), 1 << 63, 1e300} {
		c := NewCounter(CounterOpts{Name: "c"})
		c.Add(v)
		if got := written(t, c).Counter.GetValue(); got != v {
			t.Errorf("added %v, reads %v", v, got)
		}
	}
}

func TestCounterExemplar(t *testing.T) {
	c := NewCounter(CounterOpts{Name: "c"})
	add := c.(ExemplarAdder).AddWithExemplar
	add(1, Labels{"b": "2", "a": "1"})
	want := &dto.Metric{Counter: &dto.Counter{Value: new(1.0), CreatedTimestamp: now(), Exemplar: exemplarAt(1, "a", "1", "b", "2")}}
	wantWritten(t, c, want)
	add(2, nil) // leaves the exemplar
	want.Counter.Value = new(3.0)
	wantWritten(t, c, want)
	add(0.5, Labels{}) // one without labels
	want.Counter.Value, want.Counter.Exemplar = new(3.5), exemplarAt(0.5)
	wantWritten(t, c, want)
}

// What has a wrong exemplar has been recorded all the same when it panics.
func TestExemplarPanics(t *testing.T) {
	long := make([]byte, 65)
	for i := range long {
		long[i] = 'x'
	}
	h := NewHistogram(HistogramOpts{Name: "h"})
	c := NewCounter(CounterOpts{Name: "c"})
	for i, tt := range []struct {
		labels Labels
		text   string
	}{
		{Labels{"__a": "1"}, `exemplar label name "__a" is invalid`},
		{Labels{"": "1"}, `exemplar label name "" is invalid`},
		{Labels{"a": "\xff"}, `exemplar label value "\xff" is not valid UTF-8`},
		{Labels{string(long): string(long)}, "exemplar labels have 130 runes, exceeding the limit of 128"},
	} {
		wantPanic(t, tt.text, func() { c.(ExemplarAdder).AddWithExemplar(1, tt.labels) })
		wantPanic(t, tt.text, func() { h.(ExemplarObserver).ObserveWithExemplar(1, tt.labels) })
		if n, m := written(t, c).Counter.GetValue(), written(t, h).Histogram.GetSampleCount(); n != float64(i+1) || m != uint64(i+1) {
			t.Errorf("%q: %v and %v recorded", tt.text, n, m)
		}
	}
	c.(ExemplarAdder).AddWithExemplar(1, Labels{"a": string(long) + string(long[:62])}) // 128 are allowed
	if written(t, c).Counter.Exemplar == nil {
		t.Error("no exemplar of 128 runes")
	}
}

func TestGauge(t *testing.T) {
	g := NewGauge(GaugeOpts{Name: "g", ConstLabels: Labels{"a": "1"}})
	want := func(v float64) {
		t.Helper()
		wantWritten(t, g, &dto.Metric{Label: labelled("a", "1"), Gauge: &dto.Gauge{Value: new(v)}})
	}
	want(0)
	g.Set(10)
	g.Inc()
	want(11)
	g.Dec()
	g.Dec()
	g.Add(-2.5)
	g.Sub(1)
	want(5.5)
	g.SetToCurrentTime()
	if v := written(t, g).Gauge.GetValue(); v < float64(begun.Unix()) {
		t.Error(v)
	}
}

func TestFuncs(t *testing.T) {
	f := func() float64 { return -1.5 }
	wantWritten(t, NewCounterFunc(CounterOpts{Name: "c", ConstLabels: Labels{"a": "1"}}, f), &dto.Metric{Label: labelled("a", "1"), Counter: &dto.Counter{Value: new(-1.5)}})
	wantWritten(t, NewGaugeFunc(GaugeOpts{Name: "c"}, f), &dto.Metric{Gauge: &dto.Gauge{Value: new(-1.5)}})
	wantWritten(t, NewUntypedFunc(UntypedOpts{Name: "c"}, f), &dto.Metric{Untyped: &dto.Untyped{Value: new(-1.5)}})
}
