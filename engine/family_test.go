package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/shard"
)

func registryOn(s shard.Store) *Registry { return NewRegistryWith(RegistryOptions{Store: s}) }

// A constructor whose cells the store refuses leaves nothing behind, and may be
// called again.
func TestStoreFailureAtRegistration(t *testing.T) {
	for _, m := range makers[:4] {
		t.Run(m.kind, func(t *testing.T) {
			store := &strictStore{err: errNoRoom}
			r := registryOn(store)
			err := m.make(r, named("m"))
			if m.kind == "Gauge" { // its word is its own
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefused(t, err, ErrStore, "m", errNoRoom.Error())
			if exposure(r) != "" {
				t.Errorf("exposed:\n%s", exposure(r))
			}
			// The name is free again, for another type too.
			if _, err := NewGauge(r, named("m")); err != nil {
				t.Error(err)
			}
			store.setErr(nil)
			if err := m.make(r, named("again")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFailedRegistrationCanBeRepeated(t *testing.T) {
	store := &strictStore{err: errNoRoom}
	r := registryOn(store)
	if _, err := NewCounter(r, named("m_total")); !errors.Is(err, ErrStore) {
		t.Fatal(err)
	}
	store.setErr(nil)
	c, err := NewCounter(r, named("m_total"))
	if err != nil {
		t.Fatal(err)
	}
	c.Inc()
	wantExposure(t, r, `# TYPE m_total counter`, `m_total 1`)
}

// The failure of one registration is none of the family's others' business.
func TestFailedRegistrationSparesItsSiblings(t *testing.T) {
	env := func(v string) Opts { return Opts{Name: "m_total", ConstLabels: map[string]string{"env": v}} }
	store := new(strictStore)
	r := registryOn(store)
	MustCounter(r, env("a")).Inc()
	store.setErr(errNoRoom)
	if _, err := NewCounter(r, env("b")); !errors.Is(err, ErrStore) {
		t.Fatal(err)
	}
	store.setErr(nil)
	_, err := NewCounter(r, env("a"))
	wantRefused(t, err, ErrDuplicate, "m_total")
	MustCounter(r, env("b")).Add(2)
	wantExposure(t, r, `# TYPE m_total counter`, `m_total{env="a"} 1`, `m_total{env="b"} 2`)
}

// A series for which there are no cells refuses and counts; the next With tries
// again.
func TestStoreFailureInVec(t *testing.T) {
	store := &strictStore{err: errNoRoom}
	r := registryOn(store)
	c := MustCounterVec[pathLabel](r, named("c"))
	s := MustStringCounterVec(r, named("s"), "a")
	u := MustUpDownVec[pathLabel](r, named("u"))
	h := MustHistogramVec[pathLabel](r, buckets("h", 1))
	record := func() {
		c.With(pathLabel{"/"}).Inc()
		c.With(pathLabel{"/"}).AddFloat(0.5)
		s.With("x").Add(2)
		u.With(pathLabel{"/"}).Dec()
		h.With(pathLabel{"/"}).Observe(1)
		h.With(pathLabel{"/"}).Start().Stop()
	}
	record()
	wantExposure(t, r)
	wantDrops(t, r, "store=6")
	if c.Len()+s.Len()+u.Len()+h.Len() != 0 {
		t.Error("a series without cells is in a vec")
	}
	if got := h.With(pathLabel{"/"}).Snapshot(); got.Count != 0 || got.Sum != 0 || len(got.Buckets) != 2 {
		t.Errorf("snapshot of no cells: %+v", got)
	}
	if v := c.With(pathLabel{"/"}).Value(); v != 0 {
		t.Errorf("value of no cells: %v", v)
	}
	if v := u.With(pathLabel{"/"}).Value(); v != 0 {
		t.Errorf("value of no cells: %v", v)
	}
	if c.Delete(pathLabel{"/"}) {
		t.Error("a series without cells was deleted")
	}
	store.setErr(nil)
	record()
	wantDrops(t, r, "store=6")
	if len(scrape(t, r)) != 4 {
		t.Errorf("exposed:\n%s", exposure(r))
	}
}

// A fraction whose cell is refused is dropped and counted; the integers live, and
// a later fraction tries again.
func TestStoreFailureForFraction(t *testing.T) {
	store := new(strictStore)
	r := registryOn(store)
	c := MustCounter(r, named("m_total"))
	store.setErr(errNoRoom)
	c.AddFloat(0.5)
	c.AddFloat(3)
	wantDrops(t, r, "store=1")
	wantExposure(t, r, `# TYPE m_total counter`, `m_total 3`)
	store.setErr(nil)
	c.AddFloat(0.25)
	wantExposure(t, r, `# TYPE m_total counter`, `m_total 3.25`)
}

// The registry's own counters must not depend on a store that fails.
func TestOwnFamiliesDoNotUseTheStore(t *testing.T) {
	store := new(persistentStore)
	r := registryOn(store)
	MustGauge(r, named("g")).Set(1)
	MustGaugeFunc(r, named("f"), func() float64 { panic("x") })
	r.AppendText(nil)
	if len(store.descs) != 0 {
		t.Errorf("the store was asked for %q", store.descs)
	}
}

// A store that describes is told the header and the labels, as exposed, and what
// the cells hold.
func TestDescriptions(t *testing.T) {
	store := new(persistentStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, Opts{Name: "c_total", Help: "A\nb.", ConstLabels: map[string]string{"env": "x"}}, "path")
	v.With("/\"a\"")
	v.With("/\"a\"")
	MustUpDown(r, named("u"))
	want := []string{
		"# HELP c_total A\\nb.\n# TYPE c_total counter\nc_total{env=\"x\",path=\"/\\\"a\\\"\"} integer",
		"# TYPE u gauge\nu ups, downs",
	}
	if !slices.Equal(store.descs, want) {
		t.Errorf("descriptions %q, want %q", store.descs, want)
	}
	plain := new(strictStore)
	MustUpDown(registryOn(plain), named("w"))
	if last := plain.descs[0]; last != "" {
		t.Errorf("a store that is not persistent was told %q", last)
	}
}

// A description is all that a store's other readers have: it must tell slabs
// apart that hold different things.
func TestDescriptionsTellCellsApart(t *testing.T) {
	store := new(persistentStore)
	r := registryOn(store)
	MustCounter(r, named("c_total")).AddFloat(1.5)
	if n := len(store.descs); n != 2 || store.descs[0] == store.descs[1] {
		t.Errorf("integer and fraction cells of one counter are both described as %q", store.descs)
	}
	describe := func(bounds ...float64) string {
		store := new(persistentStore)
		MustHistogram(registryOn(store), buckets("h", bounds...))
		return strings.Join(store.descs, "")
	}
	if a, b := describe(1, 2), describe(3, 4); a == b {
		t.Errorf("histograms with other bounds are both described as %q", a)
	}
}
