package engine

import "testing"

func TestStringVecClonesStrings(t *testing.T) {
	for _, value := range hostile {
		r := NewRegistry()
		v := MustStringCounterVec(r, named("c"), "a", "b")
		lent, scribble := lend(value)
		values := []string{lent, lent}
		c := v.With(values...)
		before := exposure(r)
		scribble()
		values[0], values[1] = "other", "other"
		if exposure(r) != before {
			t.Errorf("%.20q: exposed after the caller's memory changed:\n%s", value, exposure(r))
		}
		if v.With(value, value) != c || v.Len() != 1 {
			t.Errorf("%.20q is not found after the caller's memory changed", value)
		}
		if !v.Delete(value, value) || v.Len() != 0 {
			t.Errorf("%.20q is not deleted after the caller's memory changed", value)
		}
	}
}

// Each value stands at its own label, in name order, whatever the order of
// registration.
func TestStringVecOrderOfLabels(t *testing.T) {
	r := NewRegistry()
	v := MustStringCounterVec(r, Opts{Name: "c", ConstLabels: map[string]string{"m": "const"}}, "z", "a", "n")
	v.With("1", "2", "3").Inc()
	v.With("1", `"2"`, "3").Inc()
	wantExposure(t, r, "# TYPE c counter",
		`c{a="\"2\"",m="const",n="3",z="1"} 1`,
		`c{a="2",m="const",n="3",z="1"} 1`)
	if v.With("1", "2", "3").Value() != 1 || v.With("1", `"2"`, "3").Value() != 1 || v.Len() != 2 {
		t.Error("not found again")
	}
}

func TestStringVecWithoutLabels(t *testing.T) {
	r := NewRegistry()
	v := MustStringCounterVec(r, named("c"))
	wantExposure(t, r)
	v.With().Inc()
	v.With().Inc()
	wantExposure(t, r, "# TYPE c counter", "c 2")
	if !v.Delete() || v.Delete() || v.Delete("x") {
		t.Error("Delete")
	}
	wantExposure(t, r)
}

func TestStringVecLookup(t *testing.T) {
	r := NewRegistry()
	v := MustStringGaugeVec(r, named("g"), "method", "path")
	for _, values := range [][]string{nil, {"GET"}, {"GET", "/", "x"}} {
		g, err := v.Lookup(values...)
		if g != nil {
			t.Error("an instrument for a wrong number of values")
		}
		wantRefused(t, err, ErrLabelCount, "g", "method, path")
		if len(values) > 0 {
			wantRefused(t, err, ErrLabelCount, "g", `"GET"`)
		}
	}
	g, err := v.Lookup("GET", "/")
	if err != nil || g != v.With("GET", "/") || v.Len() != 1 {
		t.Errorf("Lookup gives %p, %v", g, err)
	}
	wantDrops(t, r, "") // nothing was recorded
}

// A wrong count finds and deletes nothing, though the values begin as a series'
// do.
func TestStringVecWrongCount(t *testing.T) {
	r := NewRegistry()
	v := MustStringCounterVec(r, named("c"), "a", "b")
	v.With("x", "y").Inc()
	for _, values := range [][]string{nil, {"x"}, {"x", "y", ""}, {"x", "y", "z"}} {
		c := v.With(values...)
		c.Inc()
		if c == v.With("x", "y") || v.Delete(values...) {
			t.Errorf("%q found a series", values)
		}
	}
	wantExposure(t, r, "# TYPE c counter", `c{a="x",b="y"} 1`)
	wantDrops(t, r, "labels=4")
}
