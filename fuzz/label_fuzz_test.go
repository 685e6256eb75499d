package fuzz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
)

// FuzzLabels runs lookups, deletions and resets on a vec of counters and on a plain
// map: FuzzText's registries have few series, and this is about many.
func FuzzLabels(f *testing.F) {
	f.Add([]byte{})
	for shape := range byte(len(tables)) {
		f.Add([]byte{shape, 2, 0, 255, 2, 0, 255, 3, 0, 255, 2, 0, 255})                       // fill, empty, fill
		f.Add([]byte{shape, 0, 1, 1, 1, 0, 1, 4, 0, 1, 1, 1, 0, 1})                            // one key again and again
		f.Add([]byte{shape, 2, 0, 40, 3, 10, 20, 2, 0, 60, 3, 0, 255, 2, 5, 9, 4, 2, 1, 1, 5}) // holes
		p := &program{bytes: []byte{shape}}
		for _, t := range texts { // what is not UTF-8, and what it becomes
			p.put(0, 0xff).text(t).text(t).text(t).put(1, 0xff).text(t).text(t).text("a")
		}
		f.Add(p.bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) { runShrunk(t, data, checkLabels, nil) })
}

func checkLabels(data []byte) error { return newTable(NewSource(data)).run() }

// table is a vec of counters beside a map from the labels to what must be found.
type table struct {
	reg    *engine.Registry
	vec    counters
	src    *Source
	want   map[string]*found
	orphan []*engine.Counter
	budget int // of operations, so that no input takes long
}

// counters is a vec of counters with any kind of labels.
type counters interface {
	labels() []string
	with(values []string) *engine.Counter
	delete(values []string) bool
	reset()
	len() int
}

type found struct {
	inst  *engine.Counter
	set   map[string]string
	count uint64
}

// tables makes vecs of one to four labels, and of structs.
var tables = []func(*engine.Registry) counters{
	stringTable("a"), stringTable("b", "a"), stringTable("a", "b", "c", "d"), structTable, mixedTable,
}

func newTable(src *Source) *table {
	reg := engine.NewRegistry()
	return &table{reg: reg, vec: tables[src.Pick(len(tables))](reg), src: src, want: make(map[string]*found), budget: 2000}
}

func (t *table) run() error {
	for ; t.budget > 0 && !t.src.Done(); t.budget-- {
		if err := t.step(); err != nil {
			return err
		}
		if got, want := t.vec.len(), len(t.want); got != want {
			return fmt.Errorf("Len() = %d, want %d", got, want)
		}
	}
	return t.compare()
}

func (t *table) step() error {
	switch op := t.src.Pick(5); op {
	case 0:
		return t.with(t.key())
	case 1:
		return t.delete(t.key())
	case 2, 3:
		first, n := t.src.Pick(256), t.src.Pick(256)
		t.budget -= n
		for k := first; k < first+n; k++ {
			if err := t.withOrDelete(op == 2, t.numbered(k)); err != nil {
				return err
			}
		}
		return nil
	default:
		return t.reset()
	}
}

func (t *table) withOrDelete(with bool, values []string) error {
	if with {
		return t.with(values)
	}
	return t.delete(values)
}

// with must find the counter that it returned before, or make one that is 0.
func (t *table) with(values []string) error {
	set := t.set(values)
	c, f := t.vec.with(values), t.want[key(set)]
	switch {
	case f == nil:
		f = &found{inst: c, set: set}
		t.want[key(set)] = f
	case f.inst != c:
		return fmt.Errorf("With(%q) did not find the series", values)
	}
	if got := c.Value(); got != float64(f.count) {
		return fmt.Errorf("With(%q) has the value %v, want %d", values, got, f.count)
	}
	c.Inc()
	f.count++
	return nil
}

func (t *table) delete(values []string) error {
	k := key(t.set(values))
	f := t.want[k]
	if got := t.vec.delete(values); got != (f != nil) {
		return fmt.Errorf("Delete(%q) = %v", values, got)
	}
	delete(t.want, k)
	if f != nil {
		t.orphan = append(t.orphan, f.inst)
	}
	return nil
}

func (t *table) reset() error {
	t.vec.reset()
	for _, f := range t.want {
		t.orphan = append(t.orphan, f.inst)
	}
	clear(t.want)
	return nil
}

// compare reads the exposition, after everything that kept handles may do.
func (t *table) compare() error {
	for _, c := range t.orphan {
		c.Add(1_000_000)
	}
	families, err := ReadStrict(t.reg.AppendText(nil))
	if err != nil {
		return err
	}
	seen := 0
	for _, f := range families {
		if f.Name != "x" {
			continue
		}
		for _, s := range f.Samples {
			want := t.want[key(asMap(s.Labels))]
			if want == nil || s.Value != float64(want.count) {
				return fmt.Errorf("exposed is %v; the map has %+v", &s, want)
			}
			seen++
		}
	}
	if seen != len(t.want) {
		return fmt.Errorf("%d series are exposed, want %d", seen, len(t.want))
	}
	return nil
}

func asMap(labels []Label) map[string]string {
	set := make(map[string]string)
	for _, l := range labels {
		set[l.Name] = l.Value
	}
	return set
}

func (t *table) set(values []string) map[string]string {
	set := make(map[string]string)
	for i, n := range t.vec.labels() {
		set[n] = clean(values[i])
	}
	return set
}

// key draws label values: of one in 240 numbered keys, or any.
func (t *table) key() []string {
	b := t.src.Byte()
	if b < 0xf0 {
		return t.numbered(int(b))
	}
	values := make([]string, len(t.vec.labels()))
	for i := range values {
		values[i] = t.src.Text()
	}
	return values
}

// numbered returns key k: strings of every length up to 40, many of which differ in
// one byte somewhere, or in how they are split between labels.
func (t *table) numbered(k int) []string {
	text := []byte(strings.Repeat("k", k%41))
	if len(text) > 0 {
		text[k*7%len(text)] = byte('a' + k/41)
	}
	values := make([]string, len(t.vec.labels()))
	for i := range values {
		n := len(text) / (len(values) - i)
		if k%3 == 0 && i == 0 {
			n = len(text)
		}
		values[i], text = string(text[:n]), text[n:]
	}
	return values
}

func stringTable(labels ...string) func(*engine.Registry) counters {
	return func(reg *engine.Registry) counters {
		return &strs{labels, engine.MustStringCounterVec(reg, engine.Opts{Name: "x"}, labels...)}
	}
}

type strs struct {
	names []string
	*engine.StringVec[engine.Counter]
}

func (v *strs) labels() []string { return v.names }
func (v *strs) reset()           { v.Reset() }
func (v *strs) len() int         { return v.Len() }

func (v *strs) with(values []string) *engine.Counter {
	lent, spoil := lend(values)
	defer spoil()
	return v.With(lent...)
}

func (v *strs) delete(values []string) bool {
	lent, spoil := lend(values)
	defer spoil()
	return v.Delete(lent...)
}

// of is a vec of structs; make fills one.
type of[L comparable] struct {
	names []string
	make  func([]string) L
	*engine.CounterVec[L]
}

func (v *of[L]) labels() []string { return v.names }
func (v *of[L]) reset()           { v.Reset() }
func (v *of[L]) len() int         { return v.Len() }

func (v *of[L]) with(values []string) *engine.Counter {
	lent, spoil := lend(values)
	defer spoil()
	return v.With(v.make(lent))
}

func (v *of[L]) delete(values []string) bool {
	lent, spoil := lend(values)
	defer spoil()
	return v.Delete(v.make(lent))
}

func structTable(reg *engine.Registry) counters {
	return &of[triple]{[]string{"a", "b", "c"}, func(v []string) triple { return triple{v[0], v[1], v[2]} },
		engine.MustCounterVec[triple](reg, engine.Opts{Name: "x"})}
}

// alike is a string kind whose String method changes nothing: its series are found
// by their text.
type alike string

func (a alike) String() string { return string(a) }

type mixed struct {
	A string
	B alike
}

func mixedTable(reg *engine.Registry) counters {
	return &of[mixed]{[]string{"a", "b"}, func(v []string) mixed { return mixed{v[0], alike(v[1])} },
		engine.MustCounterVec[mixed](reg, engine.Opts{Name: "x"})}
}
