//go:build linux || darwin || freebsd

package mmap

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/lock"
)

// A slot's counters go on where the last holder stopped.
func TestSlot(t *testing.T) {
	dir := memoryDir(t)
	path := filepath.Join(dir, "slot-worker-1.pawl")
	var ids [][16]byte
	for i := range 4 {
		s := openStore(t, dir, Options{Slot: "worker-1"})
		if s.Stats().Path != path {
			t.Errorf("named %s", s.Stats().Path)
		}
		c := alloc(t, s, counter("c_total"), one)
		everywhere(c, 2, 100)
		if i == 2 {
			alloc(t, s, counter("another_total"), one).Add(0, 7)
		}
		f := read(t, path)
		if got := f.counter("c_total"); got != uint64(200*(i+1)) || f.slot != "worker-1" {
			t.Errorf("holder %d: %d counted, slot %q", i, got, f.slot)
		}
		if i == 3 && f.counter("another_total") != 7 {
			t.Error("a counter that was not counted again is lost")
		}
		if want := min(i, 1) + i/3; s.Stats().Carried != want || f.live != want+s.Stats().Slabs {
			t.Errorf("holder %d: %d carried, want %d; %d live", i, s.Stats().Carried, want, f.live)
		}
		ids = append(ids, f.id)
		if i%2 == 0 {
			s.Close()
		} else {
			lock.Release(s.f) // a kill, as others see it
		}
	}
	for i := range ids[1:] {
		if ids[i] == ids[i+1] {
			t.Error("two holders' files have one id")
		}
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 1 {
		t.Errorf("the directory has %v", left)
	}
}

// The slot of a living process is taken, in this process too.
func TestSlotTaken(t *testing.T) {
	dir := memoryDir(t)
	openStore(t, dir, Options{Slot: "a"})
	_, err := Open(dir, Options{Slot: "a"})
	if !errors.Is(err, ErrSlotTaken) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("%v", err)
	}
	openStore(t, dir, Options{Slot: "b"})
}

// Of many that want a slot, one at a time has it.
func TestSlotRace(t *testing.T) {
	dir := memoryDir(t)
	const n = 30
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for {
				s, err := Open(dir, Options{Slot: "a"})
				if errors.Is(err, ErrSlotTaken) || errors.Is(err, errAgain) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				c, err := s.Alloc(counter("c_total"), one)
				if err != nil {
					t.Error(err)
					return
				}
				c.Add(0, 1)
				s.Close()
				return
			}
		})
	}
	wg.Wait()
	if f := read(t, slotPath(dir, "a")); f.counter("c_total") != n {
		t.Errorf("%d counted, want %d", f.counter("c_total"), n)
	}
}

// What somebody put at the slot's name is not followed, not opened, not replaced.
func TestSlotTraps(t *testing.T) {
	dir := memoryDir(t)
	target := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, slotPath(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(slotPath(dir, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(slotPath(dir, "empty"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(slotPath(dir, "foreign"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for slot, text := range map[string]string{"link": "symbolic link", "dir": "directory", "empty": "0 bytes", "foreign": "not a pawl file"} {
		if _, err := Open(dir, Options{Slot: slot}); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", slot, err)
		}
		if _, err := os.Lstat(slotPath(dir, slot)); err != nil {
			t.Errorf("%s: %v", slot, err)
		}
	}
	if b, err := os.ReadFile(target); string(b) != "precious" {
		t.Errorf("%q, %v", b, err)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 4 {
		t.Errorf("left over: %v", left)
	}
}

// A slot whose file a fold has taken into the archive, and could not unlink any more,
// begins afresh.
func TestSlotFolded(t *testing.T) {
	dir := memoryDir(t)
	hold := func() *Store {
		s := openStore(t, dir, Options{Slot: "a"})
		alloc(t, s, counter("c_total"), one).Add(0, 5)
		s.Close()
		return s
	}
	first := hold()
	archive(t, dir, file.ID{1}, file.ID{2})
	if s := hold(); s.Stats().Carried != 1 {
		t.Errorf("carried %d", s.Stats().Carried)
	}
	second := read(t, slotPath(dir, "a"))
	archive(t, dir, file.ID{1}, second.id)
	if s := hold(); s.Stats().Carried != 0 {
		t.Error("what is in the archive was carried as well")
	}
	archive(t, dir, first.id)
	os.Truncate(filepath.Join(dir, archiveName), 100) // nobody reads that
	if s := hold(); s.Stats().Carried != 1 {
		t.Errorf("carried %d", s.Stats().Carried)
	}
}

// archive writes an archive that lists some files.
func archive(t *testing.T, dir string, ids ...file.ID) {
	t.Helper()
	b := file.NewBuilder(identity(file.Archive, ""))
	d := descriptor.Descriptor{Kind: descriptor.Folded}
	for _, id := range ids {
		d.IDs = append(d.IDs, id)
	}
	if _, err := b.Add(descriptor.Append(nil, &d), 0); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, archiveName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := b.WriteTo(f); err != nil {
		t.Fatal(err)
	}
}

// Who finds the slot's file being folded waits until it is.
func TestSlotBeingFolded(t *testing.T) {
	dir := memoryDir(t)
	s := openStore(t, dir, Options{Slot: "a"})
	alloc(t, s, counter("c_total"), one).Add(0, 5)
	s.Close()
	folder, err := os.Open(slotPath(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.Share(folder); err != nil {
		t.Fatal(err)
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		archive(t, dir, s.id)
		os.Remove(slotPath(dir, "a"))
		folder.Close()
	}()
	if s := openStore(t, dir, Options{Slot: "a"}); s.Stats().Carried != 0 {
		t.Error("it did not wait for the fold")
	}
}

// A kill before the rename leaves the old file as it was; the next one resumes it.
func TestSlotKilledBeforeRename(t *testing.T) {
	dir := memoryDir(t)
	s := openStore(t, dir, Options{Slot: "a"})
	alloc(t, s, counter("c_total"), one).Add(0, 5)
	s.Close()
	h := identity(file.Process, "a")
	b := file.NewBuilder(h)
	old, err := takeSlot(dir, "a", b)
	if err != nil {
		t.Fatal(err)
	}
	temp, err := create(filepath.Join(dir, tempPrefix+h.ID.String()), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.WriteTo(temp); err != nil {
		t.Fatal(err)
	}
	old.letGo()
	temp.Close() // killed
	next := openStore(t, dir, Options{Slot: "a"})
	if f := read(t, next.Stats().Path); f.counter("c_total") != 5 {
		t.Errorf("%d counted, want 5", f.counter("c_total"))
	}
}
