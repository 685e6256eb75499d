package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestUpToDate: what is committed is what this program would write.
func TestUpToDate(t *testing.T) {
	files, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range files {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not up to date: cd fuzz && go run ./cmd/shim (%v)", path, err)
		}
	}
	there, err := filepath.Glob("../../../compat/shim/prometheus/*/" + generated)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if files[path] == nil {
			t.Errorf("%s is no longer generated", path)
		}
	}
}

func TestForward(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", `package prometheus
		type Opts struct{ Name string }
		type hidden struct{}
		const Max = 5
		var Default = 1
		func New(o Opts, _ int, names ...string) (*Opts, error) { return nil, nil }
		func With(f func(*hidden)) {}
		func Each(f func(Opts) error, m map[string][]Opts) {}
		func ByHand() {}
		func lower() {}
	`, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check("example.org/prometheus", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := forward(pkg, map[string]bool{"ByHand": true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"type Opts = compat.Opts\n", "const Max = compat.Max\n", "var Default = compat.Default\n", "var With = compat.With\n",
		"func New(o Opts, arg1 int, names ...string) (*Opts, error) { return compat.New(o, arg1, names...) }\n",
		"func Each(f func(Opts) error, m map[string][]Opts) { compat.Each(f, m) }\n",
		"import (\n\tcompat \"example.org/prometheus\"\n)\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if s := string(got); strings.Contains(s, "ByHand") || strings.Contains(s, "lower") || strings.Contains(s, "hidden") {
		t.Error(s)
	}
}

func TestDeclared(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go":      "package p\nfunc F() {}\nfunc (T) M() {}\ntype T int\nvar A, B = 1, 2\nconst C = 3\n",
		generated:   "package p\nfunc G() {}\n",
		"a_test.go": "package p\nfunc H() {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	names, err := declared(dir)
	if got := slices.Sorted(maps.Keys(names)); err != nil || !slices.Equal(got, []string{"A", "B", "C", "F", "T"}) {
		t.Error(got, err)
	}
}
