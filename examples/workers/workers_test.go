//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The example itself: it exits with status 1 when anything was lost.
func TestWorkers(t *testing.T) {
	program := filepath.Join(t.TempDir(), "workers")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.Command(program, "-duration", "2s").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "nothing was lost") {
		t.Errorf("%v\n%s", err, out)
	}
}
