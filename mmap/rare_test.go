package mmap

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// The rarer instruments of a registry are read back from its file as they are while it
// lives; of a dead process sums remain.
func TestRareInstrumentsAreReadBack(t *testing.T) {
	dir := t.TempDir()
	store, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
	states := func(name string) engine.StatesOpts {
		return engine.StatesOpts{Opts: engine.Opts{Name: name}, States: []string{"low", "high"}}
	}
	engine.MustStringEnumVec(reg, states("level"), "of").With("tank").Set("high")
	engine.MustStateSet(reg, states("flags")).Set("low", true)
	info := engine.MustInfo(reg, engine.Opts{Name: "build"}, map[string]string{"version": "1"})
	if err := info.Set(map[string]string{"version": "2"}); err != nil {
		t.Fatal(err)
	}
	sum := engine.MustSummary(reg, engine.SummaryOpts{Opts: engine.Opts{Name: "size"}, Quantiles: []float64{0.5}})
	for range 1000 {
		sum.Observe(0.5)
	}
	want := []string{
		`build_info{version="2"} 1`,
		`flags{pid="P",flags="high"} 0`, `flags{pid="P",flags="low"} 1`,
		`level{of="tank",pid="P",level="high"} 1`, `level{of="tank",pid="P",level="low"} 0`,
		`size_count 1000`, `size_sum 500`,
	}
	pid := regexp.MustCompile(`pid="\d+"`)
	read := func(when string, want []string) {
		families, err := MergeDir(dir, true)
		if err != nil {
			t.Fatal(err)
		}
		var text []byte
		for i := range families {
			text = encode.AppendFamily(text, encode.Format{}, encode.Options{}, &families[i])
		}
		var got []string
		for line := range strings.Lines(string(text)) {
			if line[0] != '#' && !strings.HasPrefix(line, "pawl_") {
				got = append(got, pid.ReplaceAllString(strings.TrimSpace(line), `pid="P"`))
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: read back\n%q, want\n%q", when, got, want)
		}
	}
	read("alive", want)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	read("dead", want[5:])
}
