package engine

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/descriptor"
)

func TestParseGaugeMode(t *testing.T) {
	for name, want := range map[string]GaugeMode{"": GaugeDefault, "all": GaugeAll, "liveall": GaugeLiveAll, "sum": GaugeSum,
		"livesum": GaugeLiveSum, "min": GaugeMin, "livemin": GaugeLiveMin, "max": GaugeMax, "livemax": GaugeLiveMax,
		"mostrecent": GaugeMostRecent, "livemostrecent": GaugeLiveMostRecent} {
		if m, err := ParseGaugeMode(name); m != want || err != nil {
			t.Errorf("%q is %v, %v", name, m, err)
		}
	}
	for _, name := range []string{"Max", "default", "livest"} {
		if _, err := ParseGaugeMode(name); !errors.Is(err, ErrMode) || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A mode is for families that have modes, and is a part of what a family is.
func TestModesOfFamilies(t *testing.T) {
	for _, m := range makers {
		gauge := strings.Contains(m.kind, "Gauge") && !strings.Contains(m.kind, "Func")
		upDown := strings.Contains(m.kind, "UpDown")
		for mode := GaugeDefault; mode <= descriptor.Modes; mode++ {
			err := m.make(NewRegistry(), Opts{Name: "x", Mode: mode})
			fits := mode == GaugeDefault || mode < descriptor.Modes && (gauge || upDown && !mode.Recent())
			if fits != (err == nil) || err != nil && (!errors.Is(err, ErrMode) || !strings.Contains(err.Error(), mode.String())) {
				t.Errorf("%s with mode %v: %v", m.kind, mode, err)
			}
		}
		if !gauge && !upDown {
			continue
		}
		r := NewRegistry()
		usual := map[bool]GaugeMode{true: GaugeLiveAll, false: GaugeLiveSum}[gauge]
		one, two, three := Opts{Name: "x"}, Opts{Name: "x", Mode: usual}, Opts{Name: "x", Mode: GaugeMax}
		for i, o := range []*Opts{&one, &two, &three} {
			o.ConstLabels = map[string]string{"n": string(rune('0' + i))}
		}
		if err := errors.Join(m.make(r, one), m.make(r, two)); err != nil {
			t.Errorf("%s: the default and what it stands for: %v", m.kind, err)
		}
		if err := m.make(r, three); !errors.Is(err, ErrConflict) || !strings.Contains(err.Error(), "max") {
			t.Errorf("%s with two modes: %v", m.kind, err)
		}
	}
}
