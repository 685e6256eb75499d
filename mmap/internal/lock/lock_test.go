//go:build linux || darwin || freebsd

package lock

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func create(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func open(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func wantHeld(t *testing.T, f *os.File, want bool) {
	t.Helper()
	if held, err := Held(f); err != nil || held != want {
		t.Errorf("held %v, %v; want %v", held, err, want)
	}
}

// The lock belongs to an opening of the file: a second one of the same process is
// somebody else, and closing that gives nothing away.
func TestTwoOpenings(t *testing.T) {
	name := create(t)
	a, b := open(t, name), open(t, name)
	wantHeld(t, b, false)
	if err := Take(a); err != nil {
		t.Fatal(err)
	}
	wantHeld(t, b, true)
	if err := Take(b); !errors.Is(err, ErrHeld) {
		t.Errorf("taken twice: %v", err)
	}
	open(t, name).Close()
	wantHeld(t, b, true)
	if err := Release(a); err != nil {
		t.Fatal(err)
	}
	wantHeld(t, b, false)
	if err := Take(b); err != nil {
		t.Error(err)
	}
}

// Folders share their lock, keep a writer out, and do not look like one.
func TestShare(t *testing.T) {
	name := create(t)
	writer, asking := open(t, name), open(t, name)
	var folders [2]*os.File
	for i := range folders {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if folders[i] = f; Share(f) != nil {
			t.Fatal("the lock is not shared")
		}
	}
	wantHeld(t, asking, false)
	if err := Take(writer); !errors.Is(err, ErrHeld) {
		t.Errorf("taken from two folders: %v", err)
	}
	if err := Release(folders[0]); err != nil {
		t.Fatal(err)
	}
	if err := Take(writer); !errors.Is(err, ErrHeld) {
		t.Errorf("taken from a folder: %v", err)
	}
	if err := Release(folders[1]); err != nil {
		t.Fatal(err)
	}
	if err := Take(writer); err != nil {
		t.Fatal(err)
	}
	if err := Share(folders[0]); !errors.Is(err, ErrHeld) {
		t.Errorf("shared with a writer: %v", err)
	}
}

// A mapping keeps the lock after the file is closed, as Linux has it: who closes a
// file and keeps the mapping must release the lock in so many words.
func TestMappingKeepsTheLock(t *testing.T) {
	name := create(t)
	a, b := open(t, name), open(t, name)
	if err := Take(a); err != nil {
		t.Fatal(err)
	}
	mem, err := unix.Mmap(int(a.Fd()), 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem)
	a.Close()
	held, err := Held(b)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("held after Close, with a mapping left: %v", held)

	c := open(t, create(t))
	d := open(t, c.Name())
	if err := Take(c); err != nil {
		t.Fatal(err)
	}
	mem2, err := unix.Mmap(int(c.Fd()), 0, 4096, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(mem2)
	if err := Release(c); err != nil {
		t.Fatal(err)
	}
	c.Close()
	wantHeld(t, d, false)
}

const childEnv = "PAWL_TEST_LOCK"

// SIGKILL lets go of it.
func TestKilled(t *testing.T) {
	if name := os.Getenv(childEnv); name != "" {
		if err := Take(open(t, name)); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("locked\n")
		select {}
	}
	name := create(t)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), childEnv+"="+name)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "locked\n" {
		t.Fatalf("child said %q, %v", line, err)
	}
	f := open(t, name)
	wantHeld(t, f, true)
	if err := Take(f); !errors.Is(err, ErrHeld) {
		t.Errorf("taken from a living process: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	wantHeld(t, f, false)
	if err := Take(f); err != nil {
		t.Error(err)
	}
}
