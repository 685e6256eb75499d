package engine

import (
	"runtime"
	"strconv"
	"testing"
)

func TestUpDownTrack(t *testing.T) {
	u := MustUpDown(NewRegistry(), named("u"))
	func() {
		defer u.Track()()
		done := u.Track()
		if u.Value() != 2 {
			t.Errorf("two under way, shown as %d", u.Value())
		}
		done()
	}()
	if u.Value() != 0 {
		t.Errorf("none under way, shown as %d", u.Value())
	}
}

// Each writer goes up and comes down by turns, some by one, some by much, often on
// another P: every value that ever existed is in range and even.
func TestStressUpDownShowsOnlyWhatExisted(t *testing.T) {
	const writers, step = 6, 1 << 20
	r := NewRegistry()
	u := MustUpDown(r, named("u"))
	v := MustUpDownVec[pathLabel](r, named("v"))
	check := func(n int64) {
		if n < 0 || n > writers*step || n%2 != 0 {
			t.Fatalf("read %d, which never existed", n)
		}
	}
	stress(writers, func(_ int, stop <-chan struct{}) {
		w := v.With(pathLabel{"/"})
		for !closed(stop) {
			for range 20 {
				u.Add(step)
				w.Add(2)
				runtime.Gosched()
				u.Add(-step)
				w.Add(-2)
			}
		}
	}, func() {
		check(u.Value())
		for _, f := range scrape(t, r) {
			for _, s := range f.samples {
				n, err := strconv.ParseInt(s.value, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				check(n)
			}
		}
	})
	wantExposure(t, r, "# TYPE u gauge", "u 0", "# TYPE v gauge", `v{path="/"} 0`)
}
