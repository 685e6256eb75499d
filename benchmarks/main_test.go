package main

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-quick", "-run", "^scrape", "-cpu", "1, 2,8", "-count", "7", "-json", "a.json", "-out", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if !o.Quick || !o.Run.MatchString("scrape_text") || !slices.Equal(o.CPU, []int{1, 2, 8}) || o.Count != 7 || o.json != "a.json" || o.out != "b" {
		t.Errorf("%+v", o)
	}
	if o, err := parse(nil); err != nil || o.Quick || o.Run != nil || o.CPU != nil || o.out != "report" {
		t.Errorf("defaults: %+v, %v", o, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, args := range [][]string{{"-run", "("}, {"-cpu", "0"}, {"-cpu", "1,x"}, {"-cpu", ","}, {"-count", "-1"}, {"more"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

func TestCommand(t *testing.T) {
	if got, want := command([]string{"-quick", "-out", "/a/b", "-run", "a|b's", "--json=c"}), `go run . -quick -run 'a|b'\''s'`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestRunThatMatchesNothing(t *testing.T) {
	if err := run([]string{"-run", "no such op", "-out", filepath.Join(t.TempDir(), "report")}); err == nil {
		t.Error("a report about nothing")
	}
}
