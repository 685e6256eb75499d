package textfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pawl-metrics/pawl/engine"
)

// written is a source with a text and perhaps an error behind it.
type written struct {
	text string
	err  error
}

func (s written) WriteExpositionContext(_ context.Context, w io.Writer, _ engine.ExpositionOptions) (int64, error) {
	n, err := io.WriteString(w, s.text)
	if err == nil {
		err = s.err
	}
	return int64(n), err
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.prom")
	reg := engine.NewRegistry()
	c := engine.MustStringCounterVec(reg, engine.Opts{Name: "a.b_total", Help: "Dots."}, "x.y").With("z\n")
	for n := range 3 {
		c.Inc()
		if err := Write(t.Context(), path, reg, Options{}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if want := fmt.Sprintf("\na_b_total{x_y=\"z\\n\"} %d\n", n+1); err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("%v: no %q in\n%s", err, want, text)
		}
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

// A collector sees only whole files, however often they are written and by how many.
func TestReadersSeeWholeFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.prom")
	body := func(n int) string { return strings.Repeat(fmt.Sprintf("a %d\n", n), 20000) + "end 1\n" }
	if err := Write(t.Context(), path, written{text: body(0)}, Options{}); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for n := range 2 {
		writers.Go(func() {
			for range 20 {
				if err := Write(t.Context(), path, written{text: body(n)}, Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		text, err := os.ReadFile(path)
		if got := string(text); err != nil || got != body(0) && got != body(1) {
			t.Fatalf("%v: a file of %d bytes, which is neither", err, len(text))
		}
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

// Whatever fails, the old file stays and nothing else is left.
func TestFailuresLeaveNothing(t *testing.T) {
	fire := errors.New("fire")
	for name, c := range map[string]struct {
		src  Source
		want error
	}{
		"source":    {written{"a 1\n", fire}, fire},
		"timestamp": {written{text: "a 1\nb{x=\"}\"} 1 1500\n"}, ErrTimestamp},
		"epoch":     {written{text: "a 1 0\n"}, ErrTimestamp},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.prom")
		if err := os.WriteFile(path, []byte("old 1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Write(t.Context(), path, c.src, Options{})
		if !errors.Is(err, c.want) || !strings.HasPrefix(err.Error(), "textfile: "+path) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "old 1\n" {
			t.Errorf("%s: the old file is %q, %v", name, text, err)
		}
		if names := list(t, dir); len(names) != 1 {
			t.Errorf("%s: left behind: %q", name, names)
		}
	}
}

// A rename can fail when all is written: here the target is a directory.
func TestRenameFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.prom")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), path, written{text: "a 1\n"}, Options{}); err == nil {
		t.Error("a directory was replaced")
	}
	if names := list(t, dir); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

func TestNoSuchDirectory(t *testing.T) {
	err := Write(t.Context(), filepath.Join(t.TempDir(), "none", "a.prom"), written{}, Options{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestExtension(t *testing.T) {
	for _, name := range []string{"a", "a.txt", "a.prom.txt", "prom", "a.PROM"} {
		dir := t.TempDir()
		if err := Write(t.Context(), filepath.Join(dir, name), written{text: "a 1\n"}, Options{}); !errors.Is(err, ErrExtension) {
			t.Errorf("%s: %v", name, err)
		}
		if names := list(t, dir); len(names) != 0 {
			t.Errorf("left behind: %q", names)
		}
	}
}

func TestModeIsPermissions(t *testing.T) {
	if err := Write(t.Context(), filepath.Join(t.TempDir(), "a.prom"), written{}, Options{Mode: fs.ModeSetuid | 0o644}); err == nil {
		t.Error("a metrics file that is setuid")
	}
}

// The target may be a symbolic link, which makes room for a file.
func TestSymbolicLink(t *testing.T) {
	dir := t.TempDir()
	elsewhere, path := filepath.Join(dir, "elsewhere"), filepath.Join(dir, "a.prom")
	if err := os.WriteFile(elsewhere, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := Write(t.Context(), path, written{text: "a 1\n"}, Options{}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(elsewhere); err != nil || string(text) != "mine" {
		t.Errorf("the write went through the link: %q, %v", text, err)
	}
}
