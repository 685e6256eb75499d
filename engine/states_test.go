package engine

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

func statesOf(name string, states ...string) StatesOpts {
	return StatesOpts{Opts: named(name), States: states}
}

func TestEnum(t *testing.T) {
	r := NewRegistry()
	e := MustEnum(r, statesOf("conn", "opening", "open", "closed"))
	if e.Value() != "opening" || e.Index() != 0 {
		t.Errorf("begins as %q", e.Value())
	}
	e.Set("open")
	wantExposure(t, r, "# TYPE conn gauge", `conn{conn="opening"} 0`, `conn{conn="open"} 1`, `conn{conn="closed"} 0`)
	e.SetIndex(2)
	e.Set("no such")
	e.SetIndex(-1)
	e.SetIndex(3)
	if e.Value() != "closed" {
		t.Errorf("is %q", e.Value())
	}
	wantDrops(t, r, "state=3")
	text := string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}}))
	if !strings.Contains(text, "# TYPE conn stateset\nconn{conn=\"opening\"} 0.0\n") {
		t.Errorf("OpenMetrics:\n%s", text)
	}
}

// The states' order is that of the declaration, odd names and quotes included.
func TestEnumVecs(t *testing.T) {
	r := NewRegistry()
	v := MustEnumVec[route](r, statesOf("job.state", `a"b`, "\n", "é"))
	v.With(route{"GET", "/", 1}).Set("é")
	s := MustStringEnumVec(r, statesOf("s", "x", "y"), "a.b")
	s.With(`q"\`).Set("y")
	s.With("a", "b").Set("y")
	wantExposure(t, r,
		"# TYPE job_state gauge",
		`job_state{code="1",method="GET",path="/",job_state="a\"b"} 0`,
		`job_state{code="1",method="GET",path="/",job_state="\n"} 0`,
		`job_state{code="1",method="GET",path="/",job_state="é"} 1`,
		"# TYPE s gauge",
		`s{a_b="q\"\\",s="x"} 0`, `s{a_b="q\"\\",s="y"} 1`)
	wantDrops(t, r, "labels=1")
}

func TestStateSet(t *testing.T) {
	names := make([]string, 70)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	r := NewRegistry()
	s := MustStateSet(r, statesOf("flags", names...))
	for _, i := range []int{0, 63, 64, 69} {
		s.Set(fmt.Sprint(i), true)
	}
	s.SetIndex(63, false)
	s.SetIndex(70, true)
	s.Set("none", false)
	on := ""
	for line := range strings.Lines(string(r.AppendText(nil))) {
		if strings.HasPrefix(line, "flags{") && strings.HasSuffix(line, " 1\n") {
			on += strings.TrimSuffix(strings.TrimPrefix(line, "flags{flags="), "} 1\n")
		}
	}
	if on != `"0""64""69"` {
		t.Errorf("on: %s", on)
	}
	if !s.On("64") || s.On("63") || s.On("none") {
		t.Error("On is wrong")
	}
	wantDrops(t, r, "state=2")
	MustStateSetVec[route](r, statesOf("v", "a")).With(route{}).Set("a", true)
	MustStringStateSetVec(r, statesOf("sv", "a"), "x").With("1", "2").Set("a", true)
	wantDrops(t, r, "labels=1 state=2")
}

func TestStatesAreChecked(t *testing.T) {
	r := NewRegistry()
	many := make([]string, maxStates+1)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, states := range [][]string{nil, {""}, {"a", "a"}, {"\xff"}, many} {
		if _, err := NewEnum(r, statesOf("e", states...)); !errors.Is(err, ErrStates) {
			t.Errorf("%d states: %v", len(states), err)
		}
		if _, err := NewStateSet(r, statesOf("e", states...)); !errors.Is(err, ErrStates) {
			t.Errorf("%d states: %v", len(states), err)
		}
	}
	if _, err := NewStringEnumVec(r, statesOf("e", "a"), "e"); !errors.Is(err, ErrReserved) {
		t.Errorf("a label of the family's name: %v", err)
	}
	if _, err := NewStringEnumVec(r, statesOf("e.f", "a"), "e_f"); !errors.Is(err, ErrDuplicateLabel) {
		t.Errorf("a label that some format spells as the family's name: %v", err)
	}
	if _, err := NewStringEnumVec(r.With("p_", nil), statesOf("e", "a"), "p_e"); !errors.Is(err, ErrReserved) {
		t.Errorf("a label of the family's whole name: %v", err)
	}
	if _, err := NewEnum(r, StatesOpts{Opts: Opts{Name: "e_seconds", Unit: "seconds"}, States: []string{"a"}}); !errors.Is(err, ErrUnit) {
		t.Errorf("a unit: %v", err)
	}
	if _, err := NewEnum(r, StatesOpts{Opts: Opts{Name: "e", Mode: GaugeSum}, States: []string{"a"}}); !errors.Is(err, ErrMode) {
		t.Errorf("a sum of states: %v", err)
	}
	with := func(value string, states ...string) StatesOpts {
		o := statesOf("twice", states...)
		o.ConstLabels = map[string]string{"a": value}
		return o
	}
	MustEnum(r, with("1", "a", "b"))
	MustEnum(r, with("2", "a", "b"))
	if _, err := NewEnum(r, with("3", "b", "a")); !errors.Is(err, ErrConflict) {
		t.Errorf("other states: %v", err)
	}
	if _, err := NewStateSet(r, with("3", "a", "b")); !errors.Is(err, ErrConflict) {
		t.Errorf("a stateset beside enums: %v", err)
	}
}

// However it is set, a scrape never shows an enum in no state or in two.
func TestStressEnumIsInOneState(t *testing.T) {
	r := NewRegistry()
	e := MustEnum(r, statesOf("e", "a", "b", "c"))
	stress(3, func(w int, stop <-chan struct{}) {
		for i := w; !closed(stop); i++ {
			e.SetIndex(i % 3)
		}
	}, func() {
		if n := strings.Count(string(r.AppendText(nil)), "\"} 1\n"); n != 1 {
			t.Errorf("in %d states", n)
		}
	})
}

// No switch of one state loses another's.
func TestStressStateSet(t *testing.T) {
	r := NewRegistry()
	s := MustStateSet(r, statesOf("s", "a", "b", "c", "d"))
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 10001 {
				s.SetIndex(i, n%2 == 0)
			}
		})
	}
	all.Wait()
	if n := strings.Count(string(r.AppendText(nil)), "\"} 1\n"); n != 4 {
		t.Errorf("%d of 4 states are on", n)
	}
}

func TestInfo(t *testing.T) {
	r := NewRegistry()
	i := MustInfo(r, Opts{Name: "build", ConstLabels: map[string]string{"m": "const"}}, map[string]string{"version": "1", "a.b": `"` + "\xff"})
	wantExposure(t, r, "# TYPE build_info gauge", `build_info{a_b="\"`+"\uFFFD"+`",m="const",version="1"} 1`)
	if err := i.Set(map[string]string{"version": "2"}); err != nil {
		t.Error(err)
	}
	wantExposure(t, r, "# TYPE build_info gauge", `build_info{m="const",version="2"} 1`)
	for _, bad := range []map[string]string{{"m": ""}, {"": ""}, {"__x": ""}, {"a.b": "", "a_b": ""}} {
		if err := i.Set(bad); err == nil {
			t.Errorf("%v was let in", bad)
		}
		if _, err := NewInfo(r, Opts{Name: "build", ConstLabels: map[string]string{"m": "other"}}, bad); err == nil && bad["m"] == "" {
			t.Errorf("%v was let in at registration", bad)
		}
	}
	if got := i.Labels(); len(got) != 1 || got[0] != (Label{Name: "version", Value: "2"}) {
		t.Errorf("says %v", got)
	}
	MustInfo(r, Opts{Name: "build", ConstLabels: map[string]string{"m": "other"}}, nil)
	wantExposure(t, r, "# TYPE build_info gauge", `build_info{m="const",version="2"} 1`, `build_info{m="other"} 1`)
	if _, err := NewInfo(r, named("build_info"), nil); !errors.Is(err, ErrConflict) {
		t.Errorf("the same by another name: %v", err)
	}
	text := string(r.AppendExposition(nil, ExpositionOptions{Format: Format{Syntax: encode.OpenMetrics100}}))
	if !strings.Contains(text, "# TYPE build info\nbuild_info{m=") {
		t.Errorf("OpenMetrics:\n%s", text)
	}
}

func TestInfoVecs(t *testing.T) {
	r := NewRegistry()
	v := MustInfoVec[route](r, named("pod_info"))
	if err := v.With(route{"GET", "/", 1}).Set(map[string]string{"ip": "1.2.3.4"}); err != nil {
		t.Error(err)
	}
	if err := v.With(route{"GET", "/", 1}).Set(map[string]string{"code": "x"}); !errors.Is(err, ErrDuplicateLabel) {
		t.Errorf("a label of the vec: %v", err)
	}
	MustStringInfoVec(r, named("s"), "a").With("b")
	if err := MustStringInfoVec(r, named("s2"), "a").With().Set(nil); err != nil {
		t.Error(err)
	}
	wantExposure(t, r, "# TYPE pod_info gauge", `pod_info{code="1",ip="1.2.3.4",method="GET",path="/"} 1`,
		"# TYPE s_info gauge", `s_info{a="b"} 1`)
	wantDrops(t, r, "labels=1")
}

// A store that persists is told what states and infos say.
func TestStatesAreDescribed(t *testing.T) {
	store := new(persistentStore)
	r := NewRegistryWith(RegistryOptions{Store: store})
	MustEnum(r, statesOf("e", "a", "b")).Set("b")
	MustStateSet(r, statesOf("s", "a", "b"))
	i := MustInfo(r, named("i"), map[string]string{"version": "1"})
	if err := i.Set(map[string]string{"version": "2"}); err != nil {
		t.Fatal(err)
	}
	MustSummary(r, SummaryOpts{Opts: named("sum"), Quantiles: []float64{0.5}}).Observe(1)
	var got []string
	for _, d := range store.described(t) {
		got = append(got, fmt.Sprint(d.Family, " ", d.Kind, d.Labels, d.States))
	}
	want := []string{"e enum [] [a b]", "s stateset [] [a b]", "i info [] []", "i info [{version 1}] []", "i info [{version 2}] []", "sum summary [] []"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("described\n%q, want\n%q", got, want)
	}
	store.check(t)
	store.setErr(errNoRoom)
	if err := i.Set(nil); !errors.Is(err, ErrStore) || len(i.Labels()) != 1 {
		t.Errorf("without room: %v, says %v", err, i.Labels())
	}
}

// What the store has no cells for refuses, and counts.
func TestStatesWithoutCells(t *testing.T) {
	store := new(persistentStore)
	r := NewRegistryWith(RegistryOptions{Store: store})
	enums, sets := MustStringEnumVec(r, statesOf("e", "a", "b"), "x"), MustStringStateSetVec(r, statesOf("s", "a"), "x")
	infos := MustStringInfoVec(r, named("i"), "x")
	sums := MustStringSummaryVec(r, SummaryOpts{Opts: named("sum"), Quantiles: []float64{0.5}}, "x")
	store.setErr(errNoRoom)
	enums.With("1").Set("b")
	sets.With("1").Set("a", true)
	if err := infos.With("1").Set(nil); err != nil {
		t.Error(err)
	}
	sums.With("1").Observe(1)
	sums.With("1").Observe(nan)
	if enums.With("1").Value() != "a" || sets.With("1").On("a") || len(sums.With("1").Snapshot().Quantiles) != 0 {
		t.Error("something was recorded")
	}
	wantDrops(t, r, "store=5")
}

// rare registers instruments that are written by way of plain data, with label values
// that need escapes.
func rare(r *Registry) {
	MustStringEnumVec(r, statesOf("rare.enum", "a", `"`), "l").With(`\n"`).Set(`"`)
	MustStringStateSetVec(r, statesOf("rare_set", "a", "b"), "l", "m.n").With("\n", `\\`).Set("b", true)
	if err := MustStringInfoVec(r, named("rare_info"), "l").With(`q"`).Set(map[string]string{"x.y": "\n"}); err != nil {
		panic(err)
	}
	s := MustStringSummaryVec(r, summaryOf("rare_summary", 0.5, 0.9), "l").With(`q"`)
	for i := range 1000 {
		s.Observe(float64(i))
	}
}
