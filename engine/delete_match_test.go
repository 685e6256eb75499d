package engine

import (
	"maps"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"testing"
)

// Matching series go, others stay, against a model; and what went comes back from
// zero.
func TestDeleteMatch(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	r := NewRegistry()
	typed := MustCounterVec[route](r, named("typed"))
	words := MustStringCounterVec(r, named("words"), "method", "path", "code")
	model := map[route]bool{}
	for range 200 {
		for range 10 {
			k := route{[]string{"GET", "PUT", "\xff"}[rng.IntN(3)], strconv.Itoa(rng.IntN(5)), rng.IntN(4)}
			typed.With(k).Inc()
			words.With(k.Method, k.Path, strconv.Itoa(k.Status)).Inc()
			k.Method = cleanValue(k.Method)
			model[k] = true
		}
		want := len(model)
		path, code := strconv.Itoa(rng.IntN(5)), rng.IntN(4)
		matches := func(k route) bool { return k.Path == path && k.Status == code }
		partial := map[string]string{"path": path, "code": strconv.Itoa(code)}
		if rng.IntN(2) == 0 {
			matches = func(k route) bool { return k.Method == "\uFFFD" }
			partial = map[string]string{"method": "\xfe"}
		}
		maps.DeleteFunc(model, func(k route, _ bool) bool { return matches(k) })
		want -= len(model)
		if got := typed.DeleteMatch(matches); got != want || typed.Len() != len(model) {
			t.Fatalf("DeleteMatch dropped %d of %d, left %d of %d", got, want, typed.Len(), len(model))
		}
		if got, err := words.DeletePartial(partial); err != nil || got != want || words.Len() != len(model) {
			t.Fatalf("DeletePartial(%q) dropped %d of %d (%v), left %d of %d", partial, got, want, err, words.Len(), len(model))
		}
	}
	for k := range model {
		if typed.With(k).Value() == 0 || words.With(k.Method, k.Path, strconv.Itoa(k.Status)).Value() == 0 {
			t.Errorf("%v is gone", k)
		}
	}
	if typed.DeleteMatch(func(route) bool { return true }) != len(model) || typed.Len() != 0 {
		t.Error("not all are dropped")
	}
}

func TestDeletePartialRefusals(t *testing.T) {
	v := MustStringCounterVec(NewRegistry(), Opts{Name: "c", ConstLabels: map[string]string{"env": "prod"}}, "a", "b")
	v.With("1", "2")
	for _, labels := range []map[string]string{{"c": "1"}, {"a": "1", "A": "1"}, {"env": "prod"}, {"": ""}} {
		n, err := v.DeletePartial(labels)
		wantRefused(t, err, ErrLabelName, "c", "a, b")
		if n != 0 || v.Len() != 1 {
			t.Errorf("%v: %d dropped", labels, n)
		}
	}
	for _, labels := range []map[string]string{nil, {}, {"a": "2"}, {"a": "1", "b": "1"}, {"b": ""}} {
		if n, err := v.DeletePartial(labels); n != 0 || err != nil || v.Len() != 1 {
			t.Errorf("%v: %d dropped, %v", labels, n, err)
		}
	}
	if n, err := v.DeletePartial(map[string]string{"b": "2"}); n != 1 || err != nil || v.Len() != 0 {
		t.Errorf("%d dropped, %v", n, err)
	}
}

// The overflow series has not the labels that are asked for, makes room only for
// others, and is left alone.
func TestDeleteMatchLeavesTheOverflow(t *testing.T) {
	r := NewRegistry()
	typed := MustCounterVec[mixedLabels](r, Opts{Name: "typed", MaxSeries: 2})
	words := MustStringCounterVec(r, Opts{Name: "words", MaxSeries: 2}, "a")
	for i := range 5 {
		typed.With(mixedLabels{strconv.Itoa(i), 1, true}).Inc()
		words.With(strconv.Itoa(i)).Inc()
	}
	if n := typed.DeleteMatch(func(l mixedLabels) bool { return true }); n != 2 || typed.Len() != 1 {
		t.Errorf("%d dropped, %d left", n, typed.Len())
	}
	if n, err := words.DeletePartial(map[string]string{"a": OverflowValue}); n != 0 || err != nil || words.Len() != 3 {
		t.Errorf("%d dropped, %d left, %v", n, words.Len(), err)
	}
	wantValue(t, r, `words{a="__overflow__"}`, "3")
	wantValue(t, r, `typed{cached="__overflow__",client="__overflow__",code="__overflow__"}`, "3")
}

// Series with String methods go by their labels, whichever of them the text came from.
func TestDeleteMatchOfMethods(t *testing.T) {
	v := MustCounterVec[methodLabels](NewRegistry(), named("c"))
	first := v.With(methodLabels{"get", 1})
	if v.With(methodLabels{"GET", 1}) != first {
		t.Fatal("one text, two series")
	}
	if v.DeleteMatch(func(l methodLabels) bool { return l.Client == "GET" }) != 0 || v.DeleteMatch(func(l methodLabels) bool { return l.Client == "get" }) != 1 {
		t.Error("the series has not the labels that it was made with")
	}
	if v.With(methodLabels{"GET", 1}) == first || v.Len() != 1 {
		t.Error("the text still leads to the series")
	}
}

// match may use the vec, and others may at the same time: those that stay lose
// nothing.
func TestStressDeleteMatch(t *testing.T) {
	r := NewRegistry()
	v := MustCounterVec[route](r, named("c"))
	stay := [4]*Counter{}
	for i := range stay {
		stay[i] = v.With(route{"stay", "", i})
	}
	var done, dropped atomic.Int64
	concurrently(4, scaled(2000), func(rng *rand.Rand) {
		if rng.IntN(20) == 0 {
			dropped.Add(int64(v.DeleteMatch(func(l route) bool {
				if v.With(route{"stay", "", 0}) != stay[0] {
					t.Error("a series that stays is gone")
				}
				return l.Method == "go" && l.Status%2 == 0
			})))
			return
		}
		v.With(route{"go", "", rng.IntN(100)}).Inc()
		v.With(route{"stay", "", rng.IntN(len(stay))}).Inc()
		done.Add(1)
	}, func() { wantOrdered(t, r) })
	var total uint64
	for _, c := range stay {
		total += c.whole()
	}
	if total != uint64(done.Load()) {
		t.Errorf("%d of %d increments", total, done.Load())
	}
	left := v.DeleteMatch(func(l route) bool { return l.Method == "go" })
	if v.Len() != len(stay) || left > 100 {
		t.Errorf("%d series left after %d were dropped", v.Len(), left)
	}
	if dropped.Load() == 0 {
		t.Error("nothing was dropped while it ran")
	}
}
