//go:build linux || darwin || freebsd

package mmap

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// scanned returns a scanner of a directory after a scan, and what that said.
func scanned(t testing.TB, dir string) (*scanner, string) {
	t.Helper()
	d := newScanner(dir, Limits{})
	t.Cleanup(d.close)
	return d, scanText(t, d)
}

func scanText(t testing.TB, d *scanner) string {
	t.Helper()
	var r result
	r.reset(true)
	if err := d.scan(&r); err != nil || len(r.problems) > 0 {
		t.Fatal(err, r.problems)
	}
	return text(r.families)
}

// shapesOf counts the shapes in memory.
func shapesOf(d *scanner) int {
	met := make(map[*entry]bool)
	for _, s := range d.order {
		if len(s.entries) > 0 {
			met[&s.entries[0]] = true
		}
	}
	return len(met)
}

// Files of a few programs, as they come: as many shapes as there are programs, on each
// desk; and nothing of a file but its numbers and starts.
func TestShapesAreShared(t *testing.T) {
	dir := t.TempDir()
	const files, programs = 60, 3
	for n := range files {
		busyProcess(n, 20+n%programs).write(t, dir)
	}
	d, got := scanned(t, dir)
	if n := shapesOf(d); n > programs*len(d.desks) {
		t.Errorf("%d shapes of %d programs on %d desks", n, programs, len(d.desks))
	}
	for _, s := range d.order {
		if n := len(s.entries); !s.settled || s.found != nil || len(s.words) != 2*n || cap(s.words) > 2*n+4 {
			t.Fatalf("of %d entries: settled %v, %d found, room for %d words", n, s.settled, len(s.found), cap(s.words))
		}
	}
	sameText(t, got, mergeDir(t, dir))
	sameText(t, scanText(t, d), got)
}

// Files of more programs than a desk remembers, with parts of native histograms, starts
// and records that replace each other: what one has is not taken for what another
// has, in either way of merging.
func TestShapesAreToldApart(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(4, 7))
	for n := range 5 * fewShapes {
		m := made{Header: header(n), stripes: 2, slabs: everything(n, r)}
		if n%3 == 0 {
			gone := counterSlab("replaced_total", 1<<40)
			next := counterSlab("replaced_total", uint64(n))
			next.replaces = []int{len(m.slabs)}
			m.slabs = append(m.slabs, gone, next)
		}
		if n%4 == 0 {
			r.Shuffle(len(m.slabs)-4, func(i, j int) { m.slabs[i], m.slabs[j] = m.slabs[j], m.slabs[i] })
		}
		m.write(t, dir)
	}
	d, got := scanned(t, dir)
	sameText(t, scanText(t, d), got)
	want := mergeDir(t, dir)
	sameText(t, got, want)
	// Each on a desk of its own has no shape but its own.
	alone, err := namesIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	ours, _ := split(alone)
	m := newOnce(Limits{}, nil)
	m.merger.begin()
	for _, name := range ours {
		s := &source{path: filepath.Join(dir, name), handle: noHandle}
		if err := s.open(m.merger.table, &desk{limits: Limits{}.orDefaults()}, m.here, false); err != nil {
			t.Fatal(err)
		}
		m.sources = append(m.sources, s)
		m.merger.add(s)
	}
	res := &result{accumulate: true}
	m.fill(res, true)
	sameText(t, text(res.families), want)
}

// A process that dies between two scans leaves what it had, in the shape of those
// that died before.
func TestShapeOfOneThatDied(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for n := range 4 {
		paths = append(paths, busyProcess(n, 30).write(t, dir))
	}
	die := alive(t, paths[2])
	d, got := scanned(t, dir)
	die()
	sameText(t, scanText(t, d), got)
	if n := shapesOf(d); n > len(d.desks) {
		t.Errorf("%d shapes, on %d desks", n, len(d.desks))
	}
	s := d.sources[filepath.Base(paths[2])]
	if !s.settled || s.state != Dead || s.found != nil || len(s.entries) != 30 {
		t.Errorf("settled %v, %v, %d found, %d entries", s.settled, s.state, len(s.found), len(s.entries))
	}
}

// A desk keeps no more than a few short shapes, and no long list, whatever files it has
// met.
func TestDeskRemembersLittle(t *testing.T) {
	dir := t.TempDir()
	d := &desk{limits: Limits{}.orDefaults()}
	table := newTable(1 << 20)
	read := func(m *made) *source {
		t.Helper()
		s := &source{path: m.write(t, dir), handle: noHandle}
		if err := s.open(table, d, thisMachine(), false); err != nil {
			t.Fatal(err)
		}
		return s
	}
	for n := range 3 * fewShapes {
		read(busyProcess(n, 1+n))
	}
	if len(d.shapes) != fewShapes || len(d.shapes[0].entries) != 3*fewShapes {
		t.Errorf("%d shapes, the last one of %d", len(d.shapes), len(d.shapes[0].entries))
	}
	s := read(busyProcess(1000, mostRemembered+1))
	if len(s.entries) != mostRemembered+1 || len(d.shapes[0].entries) > mostRemembered || cap(d.found) > mostRemembered {
		t.Errorf("of a file of %d entries: a shape of %d, room for %d", len(s.entries), len(d.shapes[0].entries), cap(d.found))
	}
}

// What could not be read to the end leaves nothing on the desk that the next file would
// have.
func TestFailedFileLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	good, bad := busyProcess(0, 50), busyProcess(1, 50)
	b := bad.bytes(t)
	b[file.ExtentsAt+20*int(nativeLength(b))+file.RecordHead]++
	path := good.write(t, dir)
	want := mergeDir(t, dir)
	broken := bad.write(t, dir)
	restore(t, broken, b)
	d := &desk{limits: Limits{}.orDefaults()}
	m := newOnce(Limits{}, []string{broken, path})
	defer m.close()
	m.desks = []*desk{d}
	m.run()
	r := &result{accumulate: true}
	m.fill(r, true)
	sameText(t, text(r.families), want)
	if len(r.problems) != 1 || !errors.Is(r.problems[0], file.ErrDamaged) || r.problems[0].Path != broken {
		t.Errorf("%v", r.problems)
	}
}

// nativeLength returns the length of a file's first record.
func nativeLength(b []byte) uint32 {
	var w [8]byte
	copy(w[:], b[file.ExtentsAt+file.LengthAt:])
	return uint32(nativeWord(w))
}
