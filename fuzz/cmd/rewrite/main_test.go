package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestUpToDate: both packages are the same programs.
func TestUpToDate(t *testing.T) {
	files, err := rewritten("../..")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date: cd fuzz && go run ./cmd/rewrite (%v)", path, err)
		}
	}
	there, err := filepath.Glob("../../compat/ours/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if files[path] == nil {
			t.Errorf("%s comes from no program", path)
		}
	}
}

func TestRewrite(t *testing.T) {
	got, err := rewrite([]byte("package upstream\n\nimport \"github.com/prometheus/client_golang/prometheus/push\"\n"))
	want := header + "package ours\n\nimport \"github.com/pawl-metrics/pawl/compat/prometheus/push\"\n"
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
