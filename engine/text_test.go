package engine

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

func TestTemplate(t *testing.T) {
	env, zone := encode.Label{Name: "env", Value: "a\"b"}, encode.Label{Name: "zone", Value: ""}
	for _, c := range []struct {
		names  []string
		consts []encode.Label
		values []string
		want   string
		inner  string
	}{
		{nil, nil, nil, ` `, ``},
		{nil, []encode.Label{env}, nil, `{env="a\"b"} `, `env="a\"b"`},
		{[]string{"a"}, nil, []string{""}, `{a=""} `, `a=""`},
		{[]string{"z", "a"}, nil, []string{"1", "2"}, `{a="2",z="1"} `, `a="2",z="1"`},
		{[]string{"f", "a"}, []encode.Label{env, zone}, []string{"\n", `\`}, `{a="\\",env="a\"b",f="\n",zone=""} `,
			`a="\\",env="a\"b",f="\n",zone=""`},
	} {
		tmpl := newTemplate(c.names, c.consts)
		spans := make([]span, len(c.values))
		var text seriesText
		text.set(tmpl.render(c.values, spans))
		if text.String() != c.want || text.inner() != c.inner {
			t.Errorf("%v: %q inside %q, want %q", c.values, text.String(), text.inner(), c.want)
		}
		for i, s := range spans {
			if got := s.in(text.String(), c.values[i]); got != c.values[i] {
				t.Errorf("value %d of %q is found as %q", i, text.String(), got)
			}
		}
	}
}

func TestVoidText(t *testing.T) {
	for why := range drops {
		var s seriesText
		s.setVoid(why)
		if got, ok := s.void(); got != why || !ok || s.is(dead) {
			t.Errorf("void %d is read as %d, %v; dead %v", why, got, ok, s.is(dead))
		}
	}
	var s seriesText
	s.flags.Or(dead)
	if _, ok := s.void(); ok || !s.is(dead) {
		t.Error("a dead series is taken for a void one")
	}
}

func sign(n int) int { return cmp.Compare(n, 0) }

// checkOrder compares the order of two rendered label sets with that of the raw
// values.
func checkOrder(t *testing.T, tmpl template, a, b []string) {
	t.Helper()
	render := func(values []string) string { return tmpl.render(values, make([]span, len(values))).String() }
	if got, want := sign(compareText(render(a), render(b))), slices.Compare(a, b); got != want {
		t.Fatalf("%q against %q: %d, want %d", a, b, got, want)
	}
}

func TestCompareText(t *testing.T) {
	one, three := newTemplate([]string{"a"}, nil), newTemplate([]string{"a", "m", "z"}, []encode.Label{{Name: "b", Value: `"\`}})
	for _, a := range hostile {
		for _, b := range hostile {
			a, b := cleanValue(a), cleanValue(b)
			checkOrder(t, one, []string{a}, []string{b})
			checkOrder(t, three, []string{a, b, a}, []string{b, a, b})
			checkOrder(t, three, []string{"x", a, b}, []string{"x", a, a})
		}
	}
	rng := rand.New(rand.NewPCG(8, 9))
	for range scaled(200_000) {
		stem := randomValue(rng, 3)
		v := func() string { return stem + randomValue(rng, 3) }
		checkOrder(t, one, []string{v()}, []string{v()})
		checkOrder(t, three, []string{stem, v(), v()}, []string{stem, v(), v()})
	}
}

// Every byte against every byte, after an even and an odd number of backslashes,
// and against the value's end.
func TestCompareTextBytes(t *testing.T) {
	tmpl := newTemplate([]string{"a", "b"}, nil)
	for a := range 128 {
		for b := range 128 {
			for slashes := range 4 {
				stem := strings.Repeat(`\`, slashes)
				checkOrder(t, tmpl, []string{stem + string(rune(a)), ""}, []string{stem + string(rune(b)), "x"})
				checkOrder(t, tmpl, []string{stem, string(rune(a))}, []string{stem + string(rune(b)), ""})
			}
		}
	}
}

func FuzzCompareText(f *testing.F) {
	f.Add("a", "b", "c", "d")
	f.Add(`\`, "\n", `\n`, `"`)
	tmpl := newTemplate([]string{"a", "b"}, nil)
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		checkOrder(t, tmpl, []string{cleanValue(a), cleanValue(b)}, []string{cleanValue(c), cleanValue(d)})
	})
}
