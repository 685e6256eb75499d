package fuzz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/remotewrite"
)

// FuzzRemoteWrite draws families, pushes them by remote write, and has Prometheus' own
// messages read the requests: what they say must be what was drawn.
func FuzzRemoteWrite(f *testing.F) {
	for _, data := range familySeeds(300) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := checkRemote(data); err != nil {
			t.Fatalf("%v\nfamilies: %.3000s", err, fmt.Sprintf("%+v", list))
		}
	})
}

// The seeds are no empty families: what comes of them has all kinds of series.
func TestRemoteWriteSeeds(t *testing.T) {
	floats, natives := 0, 0
	for _, data := range familySeeds(3000) {
		s := NewSource(data)
		s.Byte()
		got, err := ReadRemote(drawing{s}.families(), remotewrite.Options{Version: remotewrite.Version2})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range got {
			if strings.HasPrefix(p.Value, "schema") {
				natives++
			} else {
				floats++
			}
		}
	}
	if floats < 1000 || natives < 20 {
		t.Errorf("%d floats and %d native histograms", floats, natives)
	}
}
