//go:build unix

package textfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Not 0600, which is what os.CreateTemp makes: the collector is another user.
func TestMode(t *testing.T) {
	for _, c := range []struct {
		umask      int
		mode, want fs.FileMode
	}{
		{0o022, 0, 0o644}, {0o077, 0, 0o600}, {0o002, 0, 0o664},
		{0o077, 0o644, 0o644}, {0, 0o600, 0o600}, {0o022, 0o666, 0o666},
	} {
		path := filepath.Join(t.TempDir(), "a.prom")
		old := syscall.Umask(c.umask)
		err := Write(t.Context(), path, written{text: "a 1\n"}, Options{Mode: c.mode})
		syscall.Umask(old)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode() != c.want {
			t.Errorf("umask %03o, mode %v: %v, %v, want %v", c.umask, c.mode, info.Mode(), err, c.want)
		}
	}
}
