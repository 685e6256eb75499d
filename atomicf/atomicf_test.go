package atomicf

import (
	"math"
	"sync"
	"testing"
)

func TestFloat64AddIsExact(t *testing.T) {
	const writers, each = 8, 20_000
	var f Float64
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				f.Add(0.5)
				f.Add(1)
				f.Add(-0.25)
			}
		})
	}
	wg.Wait()
	if got, want := f.Load(), writers*each*1.25; got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// A reader beside a setter sees one of the values that were set, never bits of
// two of them.
func TestFloat64SetDoesNotTear(t *testing.T) {
	values := []float64{0, math.Float64frombits(^uint64(0) >> 12), math.Float64frombits(1 << 62), math.MaxFloat64}
	legal := map[uint64]bool{}
	for _, v := range values {
		legal[math.Float64bits(v)] = true
	}
	var f Float64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 200_000 {
			f.Set(values[i%len(values)])
		}
	}()
	for {
		if b := math.Float64bits(f.Load()); !legal[b] {
			t.Fatalf("read %x, which nobody set", b)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func TestFloat64SpecialValues(t *testing.T) {
	var f Float64
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, 5e-324} {
		f.Set(v)
		if math.Float64bits(f.Load()) != math.Float64bits(v) {
			t.Errorf("set %v, read %v", v, f.Load())
		}
	}
}

func TestOwnedWord(t *testing.T) {
	var w, x uint64
	for range 1000 {
		Add(&w, 3)
		AddFloat(&x, 0.25)
	}
	if Load(&w) != 3000 {
		t.Errorf("integer word is %d, want 3000", Load(&w))
	}
	if got := math.Float64frombits(Load(&x)); got != 250 {
		t.Errorf("float word is %v, want 250", got)
	}
	Store(&w, 7)
	if Load(&w) != 7 {
		t.Errorf("stored 7, read %d", Load(&w))
	}
}
