package prometheus

import (
	"math"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
)

func TestSummaryWithoutObjectives(t *testing.T) {
	s := NewSummary(SummaryOpts{Name: "s", ConstLabels: Labels{"a": "1"}})
	s.Observe(1)
	s.Observe(-3)
	wantWritten(t, s, &dto.Metric{Label: labelled("a", "1"), Summary: &dto.Summary{SampleCount: new(uint64(2)), SampleSum: new(-2.0), CreatedTimestamp: now()}})
	if _, ok := s.(ExemplarObserver); ok {
		t.Error("a summary takes exemplars")
	}
}

func quantilesOf(t *testing.T, s any) map[float64]float64 {
	list := make(map[float64]float64)
	last := math.Inf(-1)
	for _, q := range written(t, s).Summary.Quantile {
		if !(q.GetQuantile() > last) {
			t.Errorf("quantile %v after %v", q.GetQuantile(), last)
		}
		last = q.GetQuantile()
		list[last] = q.GetValue()
	}
	return list
}

func TestSummaryObjectives(t *testing.T) {
	s := NewSummary(SummaryOpts{Name: "s", Objectives: map[float64]float64{0.99: 0.001, 0.5: 0.05, 0.9: 0.01}})
	for _, v := range quantilesOf(t, s) {
		if !math.IsNaN(v) {
			t.Errorf("%v of an empty window", v)
		}
	}
	for i := range 1000 {
		s.Observe(float64(i + 1))
	}
	got := quantilesOf(t, s)
	for q, want := range map[float64]float64{0.5: 500, 0.9: 900, 0.99: 990} {
		if math.Abs(got[q]/want-1) > leastError {
			t.Errorf("quantile %v is %v, want %v", q, got[q], want)
		}
	}
}

// The least of the allowed errors, within the engine's bounds, is that of all quantiles.
func TestSummaryError(t *testing.T) {
	for _, tt := range []struct {
		objectives map[float64]float64
		want       float64
	}{
		{map[float64]float64{0.5: 0.05}, 0.01},
		{map[float64]float64{0.5: 0.05, 0.9: 0.005}, 0.005},
		{map[float64]float64{0.5: 0.05, 0.99: 0.001}, 0.0028},
		{map[float64]float64{0.5: 0}, 0.0028},
	} {
		o := SummaryOpts{Objectives: tt.objectives}
		if got := o.engine(newFamily(Opts{Name: "s"}.desc(nil))).Error; got != tt.want {
			t.Errorf("%v: error %v, want %v", tt.objectives, got, tt.want)
		}
	}
}

// Odd options are taken, as upstream does.
func TestSummaryTakesOddOptions(t *testing.T) {
	s := NewSummary(SummaryOpts{Name: "s", Objectives: map[float64]float64{-1: 0.1, 0: 0.1, 1: 0.1, 2: 0.1, math.NaN(): 0.1}, MaxAge: 1, AgeBuckets: 1})
	s.Observe(1)
	s.Observe(3)
	got := quantilesOf(t, s)
	if len(got) != 4 || got[-1] != got[0] || got[2] != got[1] || math.Abs(got[2]/3-1) > 0.01 {
		t.Error(got)
	}
}

func TestSummaryPanics(t *testing.T) {
	reserved := `"quantile" is not allowed as label name in summaries`
	wantPanic(t, reserved, func() { NewSummary(SummaryOpts{Name: "s", ConstLabels: Labels{"quantile": "1"}}) })
	wantPanic(t, reserved, func() { NewSummaryVec(SummaryOpts{Name: "s"}, []string{"quantile"}) })
	wantPanic(t, "illegal max age MaxAge=-1s", func() { NewSummary(SummaryOpts{Name: "s", MaxAge: -time.Second}) })
	v := NewSummaryVec(SummaryOpts{Name: "s", MaxAge: -time.Second}, []string{"a"})
	wantPanic(t, "illegal max age MaxAge=-1s", func() { v.WithLabelValues("1") })
}
