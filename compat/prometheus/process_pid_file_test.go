package prometheus

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestPidFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pid")
	pid := NewPidFileFn(path)
	if _, err := pid(); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "can't read pid file "+strconv.Quote(path)+": ") {
		t.Error(err)
	}
	for text, want := range map[string]int{"12": 12, " 7\n": 7, "": -1, "x": -1, "12 13": -1, "999999999999999999999": -1} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := pid()
		if want < 0 {
			if !errors.Is(err, strconv.ErrSyntax) && !errors.Is(err, strconv.ErrRange) || !strings.HasPrefix(err.Error(), "can't parse pid file "+strconv.Quote(path)+": ") {
				t.Errorf("%q: %v", text, err)
			}
		} else if got != want || err != nil {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}
