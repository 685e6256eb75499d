package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// vecUnderTest is a vec of either kind, with keys of one shape.
type vecUnderTest struct {
	with   func(k route) *Counter
	delete func(k route) bool
	reset  func()
	len    func() int
}

// A struct with an integer, a struct of strings, and a slice of strings are three
// ways through hash and comparison.
var vecKinds = map[string]func(*Registry, func(*hasher)) vecUnderTest{
	"mixed": func(r *Registry, tamper func(*hasher)) vecUnderTest {
		v := MustCounterVec[route](r, named("c"))
		tamper(&v.hasher)
		return vecUnderTest{v.With, v.Delete, v.Reset, v.Len}
	},
	"structs": func(r *Registry, tamper func(*hasher)) vecUnderTest {
		type words struct{ Method, Path, Code string }
		v := MustCounterVec[words](r, named("c"))
		tamper(&v.hasher)
		key := func(k route) words { return words{k.Method, k.Path, strconv.Itoa(k.Status)} }
		return vecUnderTest{
			func(k route) *Counter { return v.With(key(k)) },
			func(k route) bool { return v.Delete(key(k)) },
			v.Reset, v.Len,
		}
	},
	"slices": func(r *Registry, tamper func(*hasher)) vecUnderTest {
		v := MustStringCounterVec(r, named("c"), "method", "path", "code")
		tamper(&v.hasher)
		return vecUnderTest{
			func(k route) *Counter { return v.With(k.Method, k.Path, strconv.Itoa(k.Status)) },
			func(k route) bool { return v.Delete(k.Method, k.Path, strconv.Itoa(k.Status)) },
			v.Reset, v.Len,
		}
	},
}

// hashes are a good one, one that sees the first label only, and one that is the
// same for all keys.
var hashes = map[string]func(*hasher){
	"seeded": func(*hasher) {},
	"first":  func(h *hasher) { h.secrets, h.fields = h.secrets[:1], h.fields[:min(1, len(h.fields))] },
	"none":   func(h *hasher) { h.secrets, h.fields = nil, h.fields[:0] },
}

func vecs(t *testing.T, test func(t *testing.T, r *Registry, v vecUnderTest)) {
	for kind, make := range vecKinds {
		for hash, tamper := range hashes {
			t.Run(kind+"/"+hash, func(t *testing.T) {
				r := NewRegistry()
				test(t, r, make(r, tamper))
			})
		}
	}
}

// keys are few enough that a random stream meets each of them often.
func keys() []route {
	var list []route
	for _, a := range []string{"", "a", "q", "aaaa", "qaaa", "aaaaaaaa", "aaaaaaaq", "\n", "77kepQFQ8Kl", "a value of more than sixteen bytes"} {
		for _, b := range []string{"", "c", "bc", `\`, "!0IC=VloaY", "aaaaaaaa", "qqqqqqqq", "a value of more than sixteen byteS"} {
			for _, c := range []int{0, 1, -1, 200} {
				list = append(list, route{a, b, c})
			}
		}
	}
	return list
}

// The vec is a map: under a random stream of lookups, removals and resets, a key
// keeps its series while it lives, and the exposition has the living ones with
// their values.
func TestVecIsAMap(t *testing.T) {
	vecs(t, func(t *testing.T, r *Registry, v vecUnderTest) {
		rng := rand.New(rand.NewPCG(3, 4))
		keys, model, counts := keys(), map[route]*Counter{}, map[route]int{}
		for step := range scaled(20_000) {
			k := keys[rng.IntN(len(keys))]
			switch op := rng.IntN(1000); {
			case op < 1:
				v.reset()
				clear(model)
				clear(counts)
			case op < 300+200*(step/1000%2): // grows, shrinks, grows, shrinks
				if v.delete(k) != (model[k] != nil) {
					t.Fatalf("step %d: delete of %v, model has it: %v", step, k, model[k] != nil)
				}
				delete(model, k)
				delete(counts, k)
			default:
				c := v.with(k)
				if was := model[k]; was != nil && was != c {
					t.Fatalf("step %d: %v has another handle", step, k)
				}
				c.Inc()
				model[k] = c
				counts[k]++
			}
			if v.len() != len(model) {
				t.Fatalf("step %d: %d series, model has %d", step, v.len(), len(model))
			}
			if step%2000 == 0 {
				wantSeries(t, r, counts)
			}
		}
		wantSeries(t, r, counts)
		for _, k := range keys {
			if c := model[k]; c != nil && v.with(k) != c {
				t.Errorf("at the end %v has another handle", k)
			}
		}
	})
}

// wantSeries checks that exactly these series are exposed, in order.
func wantSeries(t *testing.T, r *Registry, counts map[route]int) {
	t.Helper()
	var got, want []string
	line := func(code, method, path, value string) string {
		return fmt.Sprintf("%q %q %q %s", code, method, path, value)
	}
	for _, f := range scrape(t, r) {
		for _, s := range f.samples {
			got = append(got, line(s.label("code"), s.label("method"), s.label("path"), s.value))
		}
	}
	list := make([]route, 0, len(counts))
	for k := range counts {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b route) int {
		return slices.Compare([]string{strconv.Itoa(a.Status), a.Method, a.Path}, []string{strconv.Itoa(b.Status), b.Method, b.Path})
	})
	for _, k := range list {
		want = append(want, line(strconv.Itoa(k.Status), k.Method, k.Path, strconv.Itoa(counts[k])))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("exposed:\n%q\nwant:\n%q", got, want)
	}
}

// Where all hashes are equal, equality decides; a lookup that misses ends.
func TestTableWithOneHash(t *testing.T) {
	const hash = live | 5
	tab := newTable[string, int](minSlots)
	model := map[string]*entry[string, int]{}
	look := func(key string) *entry[string, int] { return find(tab, hash, &key, 1) }
	for i := range 100 {
		key := strconv.Itoa(i)
		if look(key) != nil {
			t.Fatalf("%q is found before it is there", key)
		}
		e := &entry[string, int]{key: key}
		if tab.full() {
			tab = tab.grown()
		}
		tab.insert(hash, e)
		model[key] = e
		if i%3 == 2 {
			gone := strconv.Itoa(i - 1)
			tab.remove(hash, model[gone])
			delete(model, gone)
		}
		for j := range 101 {
			if key := strconv.Itoa(j); look(key) != model[key] {
				t.Fatalf("after %d: wrong entry for %q", i, key)
			}
		}
	}
	if tab.live != len(model) {
		t.Errorf("%d live, want %d", tab.live, len(model))
	}
}

// A table never fills, so that every probe ends, and does not grow by churn alone.
func TestTableSizeFollowsItsSeries(t *testing.T) {
	v := MustStringCounterVec(NewRegistry(), named("c"), "a")
	for i := range 10_000 {
		k := strconv.Itoa(i)
		v.With(k)
		v.Delete(k)
	}
	if n := len(v.table.Load().slots); n > 4*minSlots {
		t.Errorf("%d slots for no series", n)
	}
	for i := range 10_000 {
		v.With(strconv.Itoa(i))
		tab := v.table.Load()
		if tab.used >= len(tab.slots) {
			t.Fatal("the table is full")
		}
	}
	if n := len(v.table.Load().slots); n > 8*10_000 {
		t.Errorf("%d slots for 10000 series", n)
	}
	v.Reset()
	if n := len(v.table.Load().slots); n != minSlots || v.Len() != 0 {
		t.Errorf("%d slots after a reset", n)
	}
}

// A reader that holds a table over which others grow and delete still finds what
// lives, or what lived when it began.
func TestOldTableStaysReadable(t *testing.T) {
	v := MustStringCounterVec(NewRegistry(), named("c"), "a")
	first := v.With("first")
	old := v.table.Load()
	for i := range 100 {
		v.With(strconv.Itoa(i))
	}
	key := []string{"first"}
	hash := v.hash(key)
	if e := findValues(old, hash, key); e == nil || &e.inst != first {
		t.Error("the old table lost its series")
	}
	if e := findValues(old, v.hash([]string{"nowhere"}), []string{"nowhere"}); e != nil {
		t.Error("the old table invents series")
	}
}

// The steps of a removal and an insertion, as a reader may see them: between the
// two stores a slot has its hash and no entry. The search goes on behind it.
func TestHalfRemovedEntry(t *testing.T) {
	const hash = live | 5
	words, values := newTable[string, int](minSlots), newTable[[]string, int](minSlots)
	for _, k := range []string{"a", "b", "c"} {
		words.insert(hash, &entry[string, int]{key: k})
		values.insert(hash, &entry[[]string, int]{key: []string{k}})
	}
	words.slots[words.start(hash)].entry.Store(nil)
	values.slots[values.start(hash)].entry.Store(nil)
	for k, there := range map[string]bool{"a": false, "b": true, "c": true, "d": false} {
		for n := range 2 { // as strings, and by ==
			if e := find(words, hash, &k, n); (e != nil) != there || there && e.key != k {
				t.Errorf("%q is found as %v", k, e)
			}
		}
		if e := findValues(values, hash, []string{k}); (e != nil) != there || there && e.key[0] != k {
			t.Errorf("[%q] is found as %v", k, e)
		}
	}
}
