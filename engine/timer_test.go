package engine

import (
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestTimer(t *testing.T) {
	h := MustHistogram(NewRegistry(), buckets("h", 60))
	timer := h.Start()
	if h.Snapshot().Count != 0 {
		t.Error("Start observes")
	}
	d := timer.Stop()
	s := h.Snapshot()
	if d < 0 || s.Count != 1 || s.Sum != d.Seconds() {
		t.Errorf("stopped after %v: %+v", d, s)
	}
	if timer.Stop() < d || h.Snapshot().Count != 2 {
		t.Error("each Stop observes, from the same start")
	}
	func() { defer h.Start().Stop() }()
	if h.Snapshot().Count != 3 {
		t.Error("a deferred Stop does not observe")
	}
}

func TestZeroTimer(t *testing.T) {
	if d := (Timer{}).Stop(); d != 0 {
		t.Errorf("the zero Timer measures %v", d)
	}
}

func TestObserveDuration(t *testing.T) {
	h := MustHistogram(NewRegistry(), buckets("h", 0, 1, 2))
	for _, d := range []time.Duration{1500 * time.Millisecond, -time.Second, time.Nanosecond, 1 << 62} {
		h.ObserveDuration(d)
	}
	if s := h.Snapshot(); s.Sum != 0.5+1e-9+time.Duration(1<<62).Seconds() || s.Buckets[0] != 1 || s.Buckets[1] != 1 || s.Buckets[2] != 1 || s.Buckets[3] != 1 {
		t.Errorf("%+v", s)
	}
}

// Errors, panics and ends of the goroutine count once; a success does not.
func TestCountErrors(t *testing.T) {
	c := MustCounter(NewRegistry(), named("failures_total"))
	broken := errors.New("broken")
	if err := c.CountErrors(func() error { return nil }); err != nil || c.Value() != 0 {
		t.Errorf("a success: %v, %v", err, c.Value())
	}
	if err := c.CountErrors(func() error { return broken }); err != broken || c.Value() != 1 {
		t.Errorf("an error: %v, %v", err, c.Value())
	}
	func() {
		defer func() {
			if p := recover(); p != "boom" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = c.CountErrors(func() error { panic("boom") })
	}()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.CountErrors(func() error { runtime.Goexit(); return nil })
	}()
	<-done
	if c.Value() != 3 {
		t.Errorf("counted %v, want 3", c.Value())
	}
}

// A gauge's timer sets it.
func TestGaugeTimer(t *testing.T) {
	g := MustGauge(NewRegistry(), named("last_run_seconds"))
	g.Set(-1)
	if d := g.Start().Stop(); g.Value() != d.Seconds() {
		t.Errorf("%v, want %v", g.Value(), d.Seconds())
	}
}
