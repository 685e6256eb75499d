package engine

import (
	"strings"
	"testing"
	"unsafe"
)

type route struct {
	Method string
	Path   string
	Status int `label:"code"`
}

// lend returns a string in memory of the caller's, and what scribbles over it.
func lend(s string) (lent string, scribble func()) {
	buf := []byte(s)
	return unsafe.String(unsafe.SliceData(buf), len(buf)), func() {
		for i := range buf {
			buf[i] = '#'
		}
	}
}

// hostile are label values that are hard on rendering, hashing or ordering.
var hostile = []string{"", "a", "ab", "b", `"`, `\`, "\n", `\n`, `\\n`, "\\\n", `"} 1`, "} # EOF", "a\"b\\c\nd", `\"`, "é", "\u2028",
	"\x00", "\r\n", "!", "#", "a,b=\"c\"", "\uFFFD", "\xff", "\xff\xfe", "a\xff\xfeb", "abcdefg", "abcdefgh", "abcdefghi",
	"abcdefghijklmnop", "abcdefghijklmnopq", strings.Repeat("long ", 1000), "77kepQFQ8Kl", "!0IC=VloaY"}

func TestVecClonesStrings(t *testing.T) {
	for _, value := range hostile {
		r := NewRegistry()
		v := MustCounterVec[route](r, named("c"))
		lent, scribble := lend(value)
		c := v.With(route{lent, lent, 7})
		before := exposure(r)
		scribble()
		if exposure(r) != before {
			t.Errorf("%.20q: exposed after the caller's memory changed:\n%s", value, exposure(r))
		}
		if v.With(route{value, value, 7}) != c || v.Len() != 1 {
			t.Errorf("%.20q is not found after the caller's memory changed", value)
		}
		if !v.Delete(route{value, value, 7}) || v.Len() != 0 {
			t.Errorf("%.20q is not deleted after the caller's memory changed", value)
		}
	}
}

// Where fields have String methods, the key and the text are copied apart. The
// hash is one that leaves it all to the comparison of keys.
func TestVecClonesMethodStrings(t *testing.T) {
	type key struct {
		M method
		B backed
	}
	r := NewRegistry()
	v := MustCounterVec[key](r, named("c"))
	hashes["none"](&v.hasher)
	lent, scribble := lend("get")
	c := v.With(key{method(lent), "b"})
	before := exposure(r)
	scribble()
	copy(backing, "###")
	if exposure(r) != before || !strings.Contains(before, `c{b="GET",m="GET"} 0`) {
		t.Errorf("exposed first:\n%safter the caller's memory changed:\n%s", before, exposure(r))
	}
	copy(backing, "GET")
	if v.With(key{"get", "b"}) != c || v.With(key{"Get", "x"}) != c || v.Len() != 1 {
		t.Error("not found after the caller's memory changed")
	}
	if v.With(key{"###", "b"}) == c {
		t.Error("the key changed with the caller's memory")
	}
}

// Each hostile value is a series of its own, is found again, and reads back from
// the exposition.
func TestVecHostileValues(t *testing.T) {
	r := NewRegistry()
	v := MustGaugeVec[route](r, named("g"))
	want := map[[2]string]bool{}
	for i, a := range hostile {
		for _, b := range hostile {
			v.With(route{a, b, i}).Set(float64(i))
			if v.With(route{strings.Clone(a), strings.Clone(b), i}).Value() != float64(i) {
				t.Fatalf("%q, %q is not found again", a, b)
			}
			want[[2]string{cleanValue(a), cleanValue(b)}] = true
		}
	}
	got := map[[2]string]bool{}
	for _, s := range scrape(t, r)[0].samples {
		got[[2]string{s.label("method"), s.label("path")}] = true
	}
	if len(got) != len(want) {
		t.Errorf("%d series, want %d", len(got), len(want))
	}
	for k := range want {
		if !got[k] {
			t.Errorf("%q is not exposed", k)
		}
	}
}

// Values that differ only in invalid bytes are one series, and it has the key of
// the clean value.
func TestVecInvalidUTF8(t *testing.T) {
	r := NewRegistry()
	v := MustCounterVec[pathLabel](r, named("c"))
	c := v.With(pathLabel{"a\xff\xfeb"})
	for _, p := range []string{"a\xfeb", "a\xc3b", "a\xed\xa0\x80b", "a\uFFFDb", "a\xff\xfeb"} {
		if v.With(pathLabel{p}) != c {
			t.Errorf("%q is another series", p)
		}
	}
	wantExposure(t, r, "# TYPE c counter", "c{path=\"a\uFFFDb\"} 0")
	if !v.Delete(pathLabel{"a\x80\x80b"}) || v.Len() != 0 {
		t.Error("not deleted by another invalid value")
	}
}

// Values whose concatenation is equal, and a pair that collides under FNV-1a, are
// different series.
func TestVecLookalikes(t *testing.T) {
	v := MustCounterVec[route](NewRegistry(), named("c"))
	s := MustStringCounterVec(NewRegistry(), named("c"), "a", "b")
	for i, k := range [][2]string{{"ab", "c"}, {"a", "bc"}, {"abc", ""}, {"", "abc"}, {"77kepQFQ8Kl", ""}, {"!0IC=VloaY", ""},
		{"", "77kepQFQ8Kl"}, {"", "!0IC=VloaY"}, {"\x00", ""}, {"", "\x00"}, {"\x00\x00", ""}, {"", ""}, {"a\"", ""}, {`a\"`, ""}} {
		v.With(route{k[0], k[1], 0}).Inc()
		s.With(k[0], k[1]).Inc()
		if v.Len() != i+1 || s.Len() != i+1 || v.With(route{k[0], k[1], 0}).Value() != 1 || s.With(k[0], k[1]).Value() != 1 {
			t.Errorf("%q fell together with another", k)
		}
	}
}

func TestVecVeryLongValues(t *testing.T) {
	const mib = 1 << 20
	r := NewRegistry()
	v := MustCounterVec[route](r, named("c"))
	long := strings.Repeat("x", mib)
	for i, k := range []route{{long, "", 1}, {long + "y", "", 1}, {"y" + long[1:], "", 1}, {long[:mib/2] + "y" + long[mib/2+1:], "", 1},
		{strings.Repeat("\n", mib), long, 1}, {"", strings.Repeat("\xff\"", mib/2), 1}} {
		v.With(k).Inc()
		if k.Method = strings.Clone(k.Method); v.With(k).Value() != 1 || v.Len() != i+1 {
			t.Errorf("long value %d fell together with another", i)
		}
	}
	if n := strings.Count(exposure(r), "\nc{"); n != 6 {
		t.Errorf("%d samples, want 6", n)
	}
}

// A deleted series is gone for lookups and scrapes; its handle records on, unseen,
// and With makes another, from zero.
func TestVecDeleteAndReset(t *testing.T) {
	for _, reset := range []bool{false, true} {
		r := NewRegistry()
		v := MustHistogramVec[pathLabel](r, buckets("h", 1))
		drop := func(k pathLabel) {
			if reset {
				v.Reset()
			} else if !v.Delete(k) {
				t.Error("there was nothing to delete")
			}
		}
		k := pathLabel{"/"}
		old := v.With(k)
		old.Observe(1)
		drop(k)
		old.Observe(1)
		wantExposure(t, r)
		if s := old.Snapshot(); s.Count != 2 {
			t.Errorf("the old handle has %d observations, want 2", s.Count)
		}
		fresh := v.With(k)
		if fresh == old || fresh.Snapshot().Count != 0 {
			t.Error("the new series is the old one")
		}
		old.Observe(1)
		drop(k)
		fresh = v.With(k) // without a scrape since the drop
		fresh.Observe(0.5)
		old.Observe(1)
		wantExposure(t, r, "# TYPE h histogram", `h_bucket{path="/",le="1"} 1`, `h_bucket{path="/",le="+Inf"} 1`,
			`h_sum{path="/"} 0.5`, `h_count{path="/"} 1`)
		if v.Len() != 1 {
			t.Errorf("%d series, want 1", v.Len())
		}
	}
}
