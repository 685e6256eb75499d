//go:build linux || darwin || freebsd

package mmap

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// fleet writes files of two dead processes and one living one, and returns how to
// end the latter.
func fleet(t *testing.T, dir string, slabs func(n int) []madeSlab) (die func()) {
	t.Helper()
	for n := range 3 {
		m := made{Header: header(n), stripes: 3, slabs: slabs(n)}
		path := m.write(t, dir)
		if n == 2 {
			die = alive(t, path)
		}
	}
	return die
}

func TestCountersAdd(t *testing.T) {
	dir := t.TempDir()
	die := fleet(t, dir, func(n int) []madeSlab {
		return []madeSlab{
			counterSlab("a_total", 1, 10, uint64(100*(n+1))),
			fractionSlab("a_total", 0.25, 0, float64(n)),
			counterSlab("b_total", 1<<53),
		}
	})
	const want = `# TYPE a counter
# HELP a Help.
a_total 636.75
# TYPE b counter
# HELP b Help.
b_total 2.7021597764222976e+16
`
	sameText(t, mergeDir(t, dir), want)
	die()
	sameText(t, mergeDir(t, dir), want)
}

func TestGaugeModes(t *testing.T) {
	dir := t.TempDir()
	die := fleet(t, dir, func(n int) (slabs []madeSlab) {
		v := []float64{5, -3, 4}[n]
		for m := descriptor.LiveAll; m < descriptor.Modes; m++ {
			if m.Recent() {
				slabs = append(slabs, recentSlab("g_"+m.String(), m, [2]float64{v, []float64{100, 200, 150}[n]}, [2]float64{77, 50}))
			} else {
				slabs = append(slabs, gaugeSlab("g_"+m.String(), m, v))
			}
		}
		return slabs
	})
	// By name: all, liveall, livemax, ...
	sameText(t, mergeDir(t, dir), `# TYPE g_all gauge
g_all{pid="1000"} 5
g_all{pid="1001"} -3
g_all{pid="1002"} 4
# TYPE g_liveall gauge
g_liveall{pid="1002"} 4
# TYPE g_livemax gauge
g_livemax 4
# TYPE g_livemin gauge
g_livemin 4
# TYPE g_livemostrecent gauge
g_livemostrecent 4
# TYPE g_livesum gauge
g_livesum 4
# TYPE g_max gauge
g_max 5
# TYPE g_min gauge
g_min -3
# TYPE g_mostrecent gauge
g_mostrecent -3
# TYPE g_sum gauge
g_sum 6
`)
	die()
	sameText(t, mergeDir(t, dir), `# TYPE g_all gauge
g_all{pid="1000"} 5
g_all{pid="1001"} -3
g_all{pid="1002"} 4
# TYPE g_max gauge
g_max 5
# TYPE g_min gauge
g_min -3
# TYPE g_mostrecent gauge
g_mostrecent -3
# TYPE g_sum gauge
g_sum 6
`)
}

func TestGaugeOfNaN(t *testing.T) {
	for _, values := range [][2]float64{{math.NaN(), 1}, {1, math.NaN()}} {
		dir := t.TempDir()
		for n, v := range values {
			m := made{Header: header(n), slabs: []madeSlab{gaugeSlab("a", descriptor.Min, v), gaugeSlab("b", descriptor.Max, v)}}
			m.write(t, dir)
		}
		sameText(t, mergeDir(t, dir), "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n")
	}
}

func TestOtherKindsAdd(t *testing.T) {
	dir := t.TempDir()
	fleet(t, dir, func(n int) []madeSlab {
		states := []string{"on", "off"}
		up := madeSlab{d: descriptor.Descriptor{Family: "u", Kind: descriptor.UpDown, Type: encode.Gauge, Mode: descriptor.Sum}, cells: [][]uint64{{5, 1}, {0, uint64(n)}}}
		sum := madeSlab{d: descriptor.Descriptor{Family: "s", Kind: descriptor.Summary, Type: encode.Summary, Start: int64(n+1) * 1e9}, cells: [][]uint64{{1, 1, bits(0.5), 2}}}
		info := slabOf(descriptor.Descriptor{Family: "i", Kind: descriptor.Info, Type: encode.Info, Labels: []encode.Label{{Name: "v", Value: "1"}}}, 1)
		set := slabOf(descriptor.Descriptor{Family: "t", Kind: descriptor.StateSet, Type: encode.StateSet, States: states}, uint64(n))
		enum := slabOf(descriptor.Descriptor{Family: "e", Kind: descriptor.Enum, Type: encode.StateSet, States: states, Mode: descriptor.All}, 1)
		return []madeSlab{up, sum, info, set, enum, histogramSlab("h", []float64{1, 2}, 3.5, 1, uint64(n), 2)}
	})
	sameText(t, mergeDir(t, dir), `# TYPE e stateset
e{pid="1000",e="on"} 0
e{pid="1000",e="off"} 1
e{pid="1001",e="on"} 0
e{pid="1001",e="off"} 1
e{pid="1002",e="on"} 0
e{pid="1002",e="off"} 1
# TYPE h histogram
h_bucket{le="1.0"} 3
h_bucket{le="2.0"} 6
h_bucket{le="+Inf"} 12
h_sum 10.5
h_count 12
# TYPE i info
i_info{v="1"} 1
# TYPE s summary
s_sum 1.5
s_count 6
s_created 1
# TYPE t stateset
t{pid="1002",t="on"} 0
t{pid="1002",t="off"} 1
# TYPE u gauge
u 9
`)
}

func TestNotAccumulated(t *testing.T) {
	dir := t.TempDir()
	m := made{Header: header(0), slabs: []madeSlab{histogramSlab("h", []float64{1, 2}, 3.5, 1, 2, 3)}}
	families, err := Merge([]string{m.write(t, dir)}, false)
	if err != nil {
		t.Fatal(err)
	}
	h := families[0].Samples[0].Histogram
	if h.Count != 0 || h.Buckets[0].Count != 1 || h.Buckets[1].Count != 2 || h.Buckets[2].Count != 3 {
		t.Errorf("%+v", h)
	}
}

// What disagrees with the first file is left out and reported; what is right stays
// exact.
func TestDisagreement(t *testing.T) {
	dir := t.TempDir()
	counter := func(d descriptor.Descriptor) madeSlab {
		d.Kind, d.Type = descriptor.Counter, encode.Counter
		return slabOf(d, 1)
	}
	for n := range 4 {
		bounds := []float64{1, 2}
		help := "Help."
		typ := counterSlab("typ_total", 1)
		if n == 1 {
			bounds, help, typ = []float64{1, 3}, "Other.", gaugeSlab("typ_total", descriptor.Sum, 1)
		}
		m := made{Header: header(n), slabs: []madeSlab{
			histogramSlab("h", bounds, 1, 1, 0, 0),
			counter(descriptor.Descriptor{Family: "help_total", Help: help}),
			typ, counterSlab("good_total", 1),
		}}
		m.write(t, dir)
	}
	families, err := MergeDir(dir, true)
	got := text(families)
	for _, line := range []string{"h_bucket{le=\"2.0\"} 3\n", "help_total 4\n", "typ_total 3\n", "good_total 4\n"} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	kinds := map[ErrorKind]int{}
	for _, e := range fileErrors(err) {
		kinds[e.Kind]++
		if !strings.Contains(e.Path, header(1).ID.String()) {
			t.Errorf("%v: not the file that differs", e)
		}
	}
	if kinds[Layout] != 1 || kinds[Conflict] != 2 || len(kinds) != 2 {
		t.Errorf("%v: %v", kinds, err)
	}
}

func fileErrors(err error) (list []*FileError) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			list = append(list, fileErrors(err)...)
		}
		return list
	}
	var e *FileError
	if errors.As(err, &e) {
		list = append(list, e)
	}
	return list
}

func TestOpeningWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	good := made{Header: header(0), slabs: []madeSlab{counterSlab("good_total", 3)}}
	path := good.write(t, dir)
	name := func(n int) string { h := header(n); return filepath.Join(dir, "p-"+h.ID.String()+suffix) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.Symlink(path, name(1)))
	check(unix.Mkfifo(name(2), 0o600))
	check(os.Mkdir(name(3), 0o700))
	check(os.WriteFile(name(4), nil, 0o600))
	check(os.WriteFile(name(5), make([]byte, 1<<20), 0o600))
	check(os.WriteFile(name(6), nil, 0o600))
	check(os.Truncate(name(6), 1<<40))
	foreignOrder := good.bytes(t)
	copy(foreignOrder[12:], []byte{1, 2, 3, 4})
	copy(foreignOrder[0x400+12:], []byte{1, 2, 3, 4})
	check(os.WriteFile(name(7), foreignOrder, 0o600))
	version := good.bytes(t)
	version[8], version[0x408] = 2, 2
	check(os.WriteFile(name(8), version, 0o600))
	check(os.WriteFile(name(9), good.bytes(t), 0o600)) // a copy
	want := map[string]ErrorKind{name(1): NotRegular, name(2): NotRegular, name(3): NotRegular, name(4): Truncated, name(5): Unreadable,
		name(6): Oversized, name(7): Unreadable, name(8): Unreadable, name(9): Damaged}
	families, err := MergeDir(dir, true)
	sameText(t, text(families), "# TYPE good counter\n# HELP good Help.\ngood_total 3\n")
	for _, e := range fileErrors(err) {
		if want[e.Path] != e.Kind {
			t.Errorf("%v: kind %s, want %s", e, e.Kind, want[e.Path])
		}
		delete(want, e.Path)
	}
	for path, kind := range want {
		t.Errorf("%s: no error of kind %s", path, kind)
	}
}

// A file of another machine is read; its gauges of living processes are not, and it
// is never taken for one that could be folded.
func TestForeign(t *testing.T) {
	dir := t.TempDir()
	h := header(0)
	h.Boot, h.Host = [16]byte{1}, "elsewhere"
	m := made{Header: h, slabs: []madeSlab{counterSlab("a_total", 3), gaugeSlab("g", descriptor.LiveSum, 1)}}
	m.write(t, dir)
	sameText(t, mergeDir(t, dir), "# TYPE a counter\n# HELP a Help.\na_total 3\n")
	if state := thisMachine().liveness(&h, false); state != Foreign {
		t.Errorf("%v, want foreign", state)
	}
	h.Host = thisMachine().host
	if state := thisMachine().liveness(&h, false); state != Dead {
		t.Errorf("another boot of this machine: %v, want dead", state)
	}
}

func TestReplacedAndWithdrawn(t *testing.T) {
	for _, living := range []bool{false, true} {
		dir := t.TempDir()
		withdrawn, dead := counterSlab("w_total", 9), counterSlab("d_total", 9)
		withdrawn.status, dead.status = file.Withdrawn, file.Dead
		next := counterSlab("a_total", 5)
		next.replaces = []int{0, 1}
		m := made{Header: header(0), slabs: []madeSlab{counterSlab("a_total", 1), counterSlab("a_total", 4), withdrawn, dead, next}}
		path := m.write(t, dir)
		if living {
			alive(t, path)
		}
		sameText(t, mergeDir(t, dir), "# TYPE a counter\n# HELP a Help.\na_total 5\n")
	}
}

// Two containers whose processes have the same number.
func TestEqualPids(t *testing.T) {
	dir := t.TempDir()
	for n := range 2 {
		h := header(n)
		h.PID = 1
		m := made{Header: h, slabs: []madeSlab{gaugeSlab("g", descriptor.All, float64(n))}}
		m.write(t, dir)
	}
	sameText(t, mergeDir(t, dir), "# TYPE g gauge\ng{pid=\"1\"} 0\ng{pid=\"1-00000000\"} 1\n")
}

func TestExemplars(t *testing.T) {
	dir := t.TempDir()
	exemplar := func(family string, typ encode.Type, bucket int, value float64, at int64, label string) madeSlab {
		b := append([]byte{1, 'k', byte(len(label))}, label...)
		words := []uint64{1, 1, bits(value), uint64(at), uint64(len(b))}
		for len(b) > 0 {
			var w [8]byte
			b = b[copy(w[:], b):]
			words = append(words, nativeWord(w))
		}
		return madeSlab{d: descriptor.Descriptor{Family: family, Kind: descriptor.Exemplar, Type: typ, Bucket: bucket}, cells: [][]uint64{words}}
	}
	for n := range 3 {
		m := made{Header: header(n), slabs: []madeSlab{
			counterSlab("c_total", 1), exemplar("c_total", encode.Counter, -1, 1, []int64{5e9, 7e9, 6e9}[n], []string{"old", "new", "middle-aged"}[n]),
			histogramSlab("h", []float64{1}, 2, 1, 1), exemplar("h", encode.Histogram, 1, 2, int64(n)*1e9, "x"),
		}}
		m.write(t, dir)
	}
	sameText(t, mergeDir(t, dir), `# TYPE c counter
# HELP c Help.
c_total 3.0 # {k="new"} 1.0 7
# TYPE h histogram
h_bucket{le="1.0"} 3
h_bucket{le="+Inf"} 6 # {k="x"} 2.0 2
h_sum 6
h_count 6
`)
}
