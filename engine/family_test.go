package engine

import (
	"errors"
	"reflect"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
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
	MustGaugeFunc(r, named("f"), func() float64 { panic("x") })
	r.AppendText(nil)
	if len(store.descs) != 0 {
		t.Errorf("the store was asked for %q", store.descs)
	}
}

// A store that persists is told all about a series, as it was registered.
func TestDescriptions(t *testing.T) {
	store := new(persistentStore)
	r := registryOn(store)
	v := MustStringCounterVec(r, Opts{Name: "c_bytes_total", Help: "A\nb.", Unit: "bytes", ConstLabels: map[string]string{"env": "x"}}, "path", "a.b")
	v.With("/\"a\"\\n\n", "")
	v.With("/\"a\"\\n\n", "")
	MustUpDown(r, Opts{Name: "u", Mode: GaugeMax})
	MustHistogram(r, buckets("h", 1, 2))
	start := int64(0)
	if list := v.series.list(); len(list) == 1 {
		start = list[0].start
	}
	got := store.described(t)
	for _, d := range got[1:] {
		if d.Start < start {
			t.Errorf("%s began at %d, before %d", d.Family, d.Start, start)
		}
		d.Start = 0
	}
	want := []*descriptor.Descriptor{
		{Family: "c_bytes_total", Labels: []Label{{Name: "a.b"}, {Name: "env", Value: "x"}, {Name: "path", Value: "/\"a\"\\n\n"}},
			Kind: descriptor.Counter, Type: encode.Counter, Help: "A\nb.", Unit: "bytes", Start: start},
		{Family: "u", Kind: descriptor.UpDown, Type: encode.Gauge, Mode: descriptor.Max},
		{Family: "h", Kind: descriptor.Histogram, Type: encode.Histogram, Bounds: []float64{1, 2}},
	}
	if !reflect.DeepEqual(got, want) || start == 0 {
		t.Errorf("descriptors %+v, want %+v", got, want)
	}
	plain := new(strictStore)
	MustUpDown(registryOn(plain), named("w"))
	if last := plain.descs[0]; last != "" {
		t.Errorf("a store that is not persistent was told %q", last)
	}
}
