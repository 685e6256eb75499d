package descriptor

import (
	"strings"
	"testing"
)

// The names are Python's, each once, and say whether a mode is live.
func TestModeNames(t *testing.T) {
	for m := LiveAll; m < Modes; m++ {
		name := m.String()
		if back, ok := ParseMode(name); back != m || !ok {
			t.Errorf("%v came back as %v, %v", m, back, ok)
		}
		if m.Live() != strings.HasPrefix(name, "live") || m.Recent() != strings.HasSuffix(name, "recent") || m.Each() != strings.HasSuffix(name, "all") {
			t.Errorf("%s: live %v, recent %v, each %v", name, m.Live(), m.Recent(), m.Each())
		}
	}
	for _, name := range []string{"", "default", "ALL", "live", "Mode(12)"} {
		if m, ok := ParseMode(name); ok || m != Default {
			t.Errorf("%q is the mode %v", name, m)
		}
	}
	if Default.String() != "default" || Modes.String() != "Mode(11)" {
		t.Error(Default, Modes)
	}
}
