//go:build linux || darwin || freebsd

package mmap

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	h := header(4)
	h.Slot = "web-1"
	withdrawn := counterSlab("w_total", 9)
	withdrawn.status = file.Withdrawn
	m := made{Header: h, stripes: 2, slabs: []madeSlab{counterSlab("a_total", 1, 2), withdrawn}}
	path := m.write(t, dir)
	alive(t, path)
	in, err := Inspect(path)
	if err != nil || len(in.Damage) > 0 {
		t.Fatal(err, in.Damage)
	}
	if in.State != Alive || in.Slot != "web-1" || in.PID != h.PID || in.ID != h.ID.String() || len(in.Extents) != 2 || in.Closed || in.Archive {
		t.Errorf("%+v", in)
	}
	if len(in.Records) != 2 {
		t.Fatalf("%d records", len(in.Records))
	}
	a, w := in.Records[0], in.Records[1]
	if a.Status != "live" || a.Uses != 1 || a.Descriptor.Family != "a_total" || !reflect.DeepEqual(a.Cells, [][]uint64{{1}, {2}}) {
		t.Errorf("%+v", a)
	}
	if w.Status != "withdrawn" || w.Cells[0][0] != 9 {
		t.Errorf("%+v", w)
	}
	if _, err := Inspect(filepath.Join(dir, "none")); fileErrors(err)[0].Kind != Vanished {
		t.Error(err)
	}
}

func TestInspectArchive(t *testing.T) {
	dir := t.TempDir()
	populate(t, dir, 3, 0, rand.New(rand.NewPCG(1, 1)))
	if _, err := Compact(dir, CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	in, err := Inspect(filepath.Join(dir, archiveName))
	if err != nil || !in.Archive || len(in.Folded) != 3 || len(in.Damage) > 0 {
		t.Errorf("%+v, %v", in, err)
	}
}

// Damage is told with the rest of the file.
func TestInspectDamage(t *testing.T) {
	dir := t.TempDir()
	m := made{Header: header(0), slabs: []madeSlab{counterSlab("a_total", 1), counterSlab("b_total", 2), counterSlab("c_total", 3)}}
	b := m.bytes(t)
	b[file.ExtentsAt+file.RecordHead+3] ^= 1
	path := filepath.Join(dir, "p-0"+suffix)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Inspect(path)
	if err != nil || len(in.Records) != 3 || len(in.Damage) != 1 || in.Damage[0].Offset != file.ExtentsAt {
		t.Errorf("%+v, %v", in, err)
	}
	if in.Records[0].Descriptor != nil || in.Records[1].Descriptor.Family != "b_total" {
		t.Errorf("%+v", in.Records)
	}
}
