package engine

import (
	"sync"
	"testing"
	"time"
)

func TestGauge(t *testing.T) {
	g := MustGauge(NewRegistry(), named("g"))
	for _, c := range []struct {
		do   func()
		want float64
	}{
		{func() { g.Set(2.5) }, 2.5},
		{g.Inc, 3.5},
		{g.Dec, 2.5},
		{func() { g.Add(-10) }, -7.5},
		{func() { g.Sub(-10) }, 2.5},
		{func() { g.Set(0) }, 0},
	} {
		if c.do(); g.Value() != c.want {
			t.Errorf("value %v, want %v", g.Value(), c.want)
		}
	}
}

func TestGaugeSetToCurrentTime(t *testing.T) {
	g := MustGauge(NewRegistry(), named("g"))
	before := float64(time.Now().UnixNano()) / 1e9
	g.SetToCurrentTime()
	after := float64(time.Now().UnixNano()) / 1e9
	if v := g.Value(); v < before || v > after {
		t.Errorf("the time is %v, not from %v to %v", v, before, after)
	}
}

// No Add is lost to another, and halves are exact.
func TestGaugeAddsAreExact(t *testing.T) {
	const writers, each = 8, 5000
	g := MustStringGaugeVec(NewRegistry(), named("g"), "a").With("x")
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				g.Add(1.5)
				g.Dec()
			}
		})
	}
	wg.Wait()
	if got, want := g.Value(), writers*each*0.5; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}
