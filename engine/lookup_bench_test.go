package engine

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// The lookup designs that were tried for With, doing the same work: three string
// labels, looked up by strings whose bytes are not those in the table, as a
// request's own are. The kept one is impl=table, and impl=strings for slices.
//
//	go test ./engine -run xxx -bench LookupDesigns -count 6
//
// Least of eight to fifteen short runs on one machine, in ns, the loop and an
// interface call included:
//
//	series   gomap   syncmap   maphash   strings   table
//	100      40      62        56        35        30
//	10000    58      80        72        53        49

type lookupKey struct{ Method, Path, Code string }

// design is a way to find a counter: fill it, then look up.
type design interface {
	add(k lookupKey, c *Counter)
	find(k lookupKey) *Counter
}

// mapDesign is a read-only Go map behind an atomic pointer.
type mapDesign struct {
	m atomic.Pointer[map[lookupKey]*Counter]
}

func (d *mapDesign) add(k lookupKey, c *Counter) { (*d.m.Load())[k] = c }
func (d *mapDesign) find(k lookupKey) *Counter   { return (*d.m.Load())[k] }

// syncMapDesign is the standard library's concurrent map.
type syncMapDesign struct{ m sync.Map }

func (d *syncMapDesign) add(k lookupKey, c *Counter) { d.m.Store(k, c) }
func (d *syncMapDesign) find(k lookupKey) *Counter {
	c, _ := d.m.Load(k)
	return c.(*Counter)
}

// maphashDesign is our table with the standard library's hash of the struct.
type maphashDesign struct {
	seed maphash.Seed
	t    *table[lookupKey, Counter]
}

func (d *maphashDesign) add(k lookupKey, c *Counter) {
	if d.t.full() {
		d.t = d.t.grown()
	}
	d.t.insert(maphash.Comparable(d.seed, k)|live, &entry[lookupKey, Counter]{key: k})
}

func (d *maphashDesign) find(k lookupKey) *Counter {
	return &find(d.t, maphash.Comparable(d.seed, k)|live, &k, 0).inst
}

// tableDesign is what Vec does.
type tableDesign struct{ v *CounterVec[lookupKey] }

func (d *tableDesign) add(k lookupKey, c *Counter) { d.v.With(k) }
func (d *tableDesign) find(k lookupKey) *Counter   { return d.v.With(k) }

// valuesDesign is what StringVec does.
type valuesDesign struct{ v *StringVec[Counter] }

func (d *valuesDesign) add(k lookupKey, c *Counter) { d.v.With(k.Method, k.Path, k.Code) }
func (d *valuesDesign) find(k lookupKey) *Counter   { return d.v.With(k.Method, k.Path, k.Code) }

func designs() map[string]design {
	m := &mapDesign{}
	m.m.Store(&map[lookupKey]*Counter{})
	reg := NewRegistry()
	return map[string]design{
		"gomap":   m,
		"syncmap": &syncMapDesign{},
		"maphash": &maphashDesign{seed: maphash.MakeSeed(), t: newTable[lookupKey, Counter](minSlots)},
		"table":   &tableDesign{MustCounterVec[lookupKey](reg, Opts{Name: "a"})},
		"strings": &valuesDesign{MustStringCounterVec(reg, Opts{Name: "b"}, "method", "path", "code")},
	}
}

func lookupKeys(n int) []lookupKey {
	keys := make([]lookupKey, n)
	for i := range keys {
		keys[i] = lookupKey{[]string{"GET", "POST", "DELETE"}[i%3], fmt.Sprintf("/api/v1/users/%d", i), []string{"200", "404"}[i%2]}
	}
	return keys
}

func fresh(keys []lookupKey) []lookupKey {
	out := make([]lookupKey, len(keys))
	for i, k := range keys {
		out[i] = lookupKey{strings.Clone(k.Method), strings.Clone(k.Path), strings.Clone(k.Code)}
	}
	return out
}

func BenchmarkLookupDesigns(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		keys := lookupKeys(n)
		for _, name := range []string{"gomap", "syncmap", "maphash", "strings", "table"} {
			d := designs()[name]
			for _, k := range keys {
				d.add(k, new(Counter))
			}
			mine := fresh(keys)
			b.Run(fmt.Sprintf("impl=%s/series=%d", name, n), func(b *testing.B) {
				i := 0
				for b.Loop() {
					if d.find(mine[i]) == nil {
						b.Fatal("lost")
					}
					if i++; i == n {
						i = 0
					}
				}
			})
		}
	}
}

// A lookup at the limit of the family, with label values that have no series: what a
// flood costs.
func BenchmarkLookupAtTheLimit(b *testing.B) {
	r := NewRegistry()
	typed := MustCounterVec[lookupKey](r, Opts{Name: "a", MaxSeries: 1000})
	words := MustStringCounterVec(r, Opts{Name: "b", MaxSeries: 1000}, "method", "path", "code")
	keys := lookupKeys(2000)
	for _, k := range keys {
		typed.With(k)
		words.With(k.Method, k.Path, k.Code)
	}
	missing := fresh(keys[1000:])
	for name, find := range map[string]func(lookupKey) *Counter{
		"table":   typed.With,
		"strings": func(k lookupKey) *Counter { return words.With(k.Method, k.Path, k.Code) },
	} {
		b.Run("impl="+name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				find(missing[i])
				if i++; i == len(missing) {
					i = 0
				}
			}
		})
	}
}

// Every design finds what was put in, and finds it by fresh strings.
func TestLookupDesignsAgree(t *testing.T) {
	keys := lookupKeys(1000)
	for name, d := range designs() {
		found := map[*Counter]bool{}
		for _, k := range keys {
			d.add(k, new(Counter))
		}
		for _, k := range fresh(keys) {
			c := d.find(k)
			if c == nil || found[c] {
				t.Fatalf("%s: %v is %p, known %v", name, k, c, found[c])
			}
			found[c] = true
		}
	}
}
