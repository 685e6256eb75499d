//go:build linux || darwin || freebsd

package mmap

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
)

// everything is a slab of each kind that outlives its process, and some that do not.
func everything(n int, r *rand.Rand) (slabs []madeSlab) {
	k := uint64(n)
	start := int64(1e9) * int64(1+n%7)
	float := func() float64 { return r.Float64() * math.Exp2(float64(r.IntN(60)-30)) }
	add := func(d descriptor.Descriptor, cells ...[]uint64) {
		d.Start = start
		slabs = append(slabs, madeSlab{d: d, cells: cells})
	}
	counter := descriptor.Descriptor{Family: "c_total", Kind: descriptor.Counter, Type: encode.Counter, Help: "Counts.", Labels: []encode.Label{{Name: "l", Value: fmt.Sprint(n % 3)}}}
	add(counter, []uint64{k}, []uint64{r.Uint64N(1000)})
	counter.Kind = descriptor.Fraction
	add(counter, []uint64{bits(float())}, []uint64{bits(float())})
	add(descriptor.Descriptor{Family: "h", Kind: descriptor.Histogram, Type: encode.Histogram, Bounds: []float64{-1, 0, 1}},
		section(bits(float()), 1, 2, k, 4), section(bits(float()), k, 0, 0, 1))
	add(descriptor.Descriptor{Family: "s", Kind: descriptor.Summary, Type: encode.Summary, Unit: "s"}, section(bits(float()), k))
	for m := descriptor.LiveAll; m < descriptor.Modes; m++ {
		d := descriptor.Descriptor{Family: "g_" + m.String(), Kind: descriptor.Gauge, Type: encode.Gauge, Mode: m}
		if m.Recent() {
			d.Kind = descriptor.Recent
			add(d, section(bits(float()), r.Uint64N(1000)), section(bits(float()), r.Uint64N(1000)))
			continue
		}
		add(d, []uint64{bits(float() - 1)})
		d.Family, d.Kind = "u_"+m.String(), descriptor.UpDown
		add(d, []uint64{r.Uint64N(100), r.Uint64N(100)}, []uint64{r.Uint64N(100), r.Uint64N(100)})
	}
	states := []string{"on", "off", "broken"}
	add(descriptor.Descriptor{Family: "e", Kind: descriptor.Enum, Type: encode.StateSet, States: states, Mode: descriptor.All}, []uint64{k % 3})
	add(descriptor.Descriptor{Family: "i", Kind: descriptor.Info, Type: encode.Info}, []uint64{1})
	native := descriptor.Descriptor{Family: "n", Kind: descriptor.NativeBase, Type: encode.Histogram, Bounds: []float64{1}, Schema: int32(n % 4), Threshold: 1e-9, Extra: 2}
	window := append([]uint64{2 * 1}, make([]uint64, 16)...) // positive buckets 16 to 31
	window[1+n%16] = k
	add(native, section(append([]uint64{bits(float()), 3, uint64(start), 1, 3, k}, window...)...))
	native.Kind, native.Reaches = descriptor.NativeBlock, [2]descriptor.Reach{{First: -3, Cells: 4}, {First: 0, Cells: 1}}
	add(native, section(bits(float()), 1, 11, 0, 1, 2, 3, 4, 0), section(bits(float()), 0, 0, 1, 0, 0, 0, 0, 1))
	return slabs
}

// populate writes the files of dead processes, and of some that live.
func populate(t testing.TB, dir string, dead, living int, r *rand.Rand) {
	t.Helper()
	for n := range dead + living {
		m := made{Header: header(n), stripes: 2, slabs: everything(n, r)}
		if path := m.write(t, dir); n >= dead {
			alive(t, path)
		}
	}
}

func ownFiles(t testing.TB, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if isOurs(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// A fold changes nothing that readers see, to the last bit, however often.
func TestFoldChangesNothing(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		populate(t, dir, 7, 2, r)
		want := mergeDir(t, dir)
		for round := range 3 {
			report, err := Compact(dir, CompactOptions{})
			if err != nil || len(report.Errors) > 0 || report.Folded != []int{7, 0, 0}[round] {
				t.Fatalf("round %d: %+v, %v", round, report, err)
			}
			sameText(t, mergeDir(t, dir), want)
		}
		if names := ownFiles(t, dir); len(names) != 3 {
			t.Errorf("%q are left", names)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// Folding in many small steps gives what folding all at once does.
func TestFoldInSteps(t *testing.T) {
	at, bit := t.TempDir(), t.TempDir()
	for n := range 9 {
		for _, dir := range []string{at, bit} {
			m := made{Header: header(n), stripes: 2, slabs: everything(n, rand.New(rand.NewPCG(uint64(n), 2)))}
			m.write(t, dir)
		}
		if _, err := Compact(bit, CompactOptions{}); err != nil {
			t.Fatal(err)
		}
		sameText(t, mergeDir(t, bit), mergeDir(t, at))
	}
}

// A fold that ends at any of its steps, as by a kill, has lost and doubled nothing,
// and the next one tidies up.
func TestFoldStopsAnywhere(t *testing.T) {
	steps := 0
	for stopAt := 0; ; stopAt++ {
		dir := t.TempDir()
		populate(t, dir, 4, 1, rand.New(rand.NewPCG(3, 3)))
		want := mergeDir(t, dir)
		steps = 0
		f := &folder{dir: dir, step: func(string) error {
			if steps++; steps > stopAt {
				return errStopped
			}
			return nil
		}}
		_, err := f.fold()
		sameText(t, mergeDir(t, dir), want)
		if err == nil {
			break
		}
		if !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		if _, err := Compact(dir, CompactOptions{}); err != nil {
			t.Fatalf("after a stop at step %d: %v", stopAt, err)
		}
		sameText(t, mergeDir(t, dir), want)
		if names := ownFiles(t, dir); len(names) != 2 {
			t.Errorf("after a stop at step %d: %q are left", stopAt, names)
		}
	}
	if steps < 9 {
		t.Errorf("only %d steps", steps)
	}
}

func TestOneFoldsAtATime(t *testing.T) {
	dir := t.TempDir()
	l, err := openLock(filepath.Join(dir, lockName))
	if err == nil {
		err = lock.Take(l)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compact(dir, CompactOptions{}); !errors.Is(err, ErrFolding) {
		t.Errorf("%v, want ErrFolding", err)
	}
	l.Close()
	if _, err := Compact(dir, CompactOptions{}); err != nil {
		t.Error(err)
	}
}

// What a fold cannot read it leaves, and an archive that it cannot read ends it.
func TestFoldLeavesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	m := made{Header: header(1), slabs: []madeSlab{counterSlab("a_total", 1)}}
	good := m.write(t, dir)
	m.Header = header(2)
	b := m.bytes(t)
	b[file.ExtentsAt+60] ^= 1
	bad := filepath.Join(dir, "p-"+m.ID.String()+suffix)
	writeSparse(t, bad, b)
	h := header(3)
	h.Boot, h.Host = [16]byte{1}, "elsewhere"
	m.Header = h
	foreign := m.write(t, dir)
	report, err := Compact(dir, CompactOptions{})
	if err != nil || report.Folded != 1 || len(report.Errors) != 1 || report.Errors[0].Path != bad {
		t.Errorf("%+v, %v", report, err)
	}
	for path, want := range map[string]bool{good: false, bad: true, foreign: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", path, err == nil, want)
		}
	}
	if report, err := Compact(dir, CompactOptions{ClaimForeign: true}); err != nil || report.Folded != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	archive := filepath.Join(dir, archiveName)
	whole, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	m.Header = header(4)
	m.write(t, dir)
	if err := os.Truncate(archive, 1<<16); err != nil {
		t.Fatal(err)
	}
	if _, err := Compact(dir, CompactOptions{}); err == nil {
		t.Error("a fold beside a damaged archive")
	}
	if err := os.WriteFile(archive, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if report, err := Compact(dir, CompactOptions{}); err != nil || report.Folded != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	families, _ := MergeDir(dir, true)
	if got := text(families); !strings.Contains(got, "a_total 3\n") {
		t.Error(got)
	}
}

// Thousands of dead processes come down to one file, and the totals stay.
func TestTenThousandDead(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 10,000 files")
	}
	dir := memoryDir(t)
	const dead = 10_000
	want := uint64(0)
	var sum exact
	for n := range dead {
		m := made{Header: header(n), slabs: []madeSlab{counterSlab("a_total", uint64(n)), fractionSlab("f_total", 0.1)}}
		m.write(t, dir)
		want += uint64(n)
		sum.add(0.1)
	}
	c, err := NewCollector(dir, CollectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		got := scrape(t, c)
		for _, line := range []string{fmt.Sprintf("\na_total %d\n", want), fmt.Sprintf("\nf_total %v\n", sum.hi)} {
			if !strings.Contains(got, line) {
				t.Errorf("no %q in\n%s", line, got)
			}
		}
	}
	if names := ownFiles(t, dir); len(names) != 1 {
		t.Errorf("%d files are left", len(names))
	}
}

// A mode's gauge of a process with a number that somebody has again.
func TestFoldedGaugesOfEqualPids(t *testing.T) {
	dir := t.TempDir()
	for n := range 3 {
		h := header(n)
		h.PID = 1
		m := made{Header: h, slabs: []madeSlab{gaugeSlab("g", descriptor.All, float64(n))}}
		m.write(t, dir)
	}
	want := mergeDir(t, dir)
	if _, err := Compact(dir, CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	sameText(t, mergeDir(t, dir), want)
	h := header(9)
	h.PID = 1
	m := made{Header: h, slabs: []madeSlab{gaugeSlab("g", descriptor.All, 9)}}
	m.write(t, dir)
	if got := mergeDir(t, dir); !strings.Contains(got, "g{pid=\"1\"} 9\n") || strings.Count(got, "pid=\"1\"") != 1 {
		t.Errorf("the living one does not stand for its number:\n%s", got)
	}
}
