package ci

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/pawl-metrics/pawl/"

// edges is the drawing in docs/architecture.md: what each package may import,
// beyond the standard library. An entry ending in a slash is a subtree.
var edges = map[string][]string{
	"atomicf":           {},
	"shard":             {"atomicf", "golang.org/x/sys/"},
	"nativehist":        {"atomicf", "shard"},
	"encode":            {"nativehist"},
	"encode/linegzip":   {},
	"engine":            {"atomicf", "shard", "nativehist", "encode", "engine/descriptor"},
	"engine/descriptor": {"encode"},
	"engine/enginetest": {"engine"},
	"engine/export/": {"engine", "encode", "encode/linegzip", "nativehist", "engine/export/internal/", "github.com/klauspost/compress/",
		"github.com/valyala/bytebufferpool"},
	"engine/export/internal/": {},
	"engine/collectors/":      {"engine", "encode", "golang.org/x/sys/"},
	"mmap": {"atomicf", "shard", "nativehist", "encode", "engine", "engine/descriptor", "mmap/",
		"golang.org/x/sys/", "github.com/cespare/xxhash/v2"},
	"mmap/":             {"encode", "engine/descriptor", "mmap/", "golang.org/x/sys/", "github.com/cespare/xxhash/v2"},
	"mmap/clientpython": {"encode", "golang.org/x/sys/"},
	"compat":            {},
	"compat/": {"compat/", "engine/", "encode", "encode/linegzip", "nativehist", "shard",
		"github.com/prometheus/client_model/", "github.com/prometheus/common/", "google.golang.org/protobuf/", "github.com/klauspost/compress/"},
	"cmd/":             {"engine/", "mmap/", "encode", "nativehist"},
	"examples/":        {"engine/", "encode", "mmap/", "compat/"},
	"examples/workers": {"engine/", "mmap/", "golang.org/x/sys/"},
	"ci":               {},
	"ci/":              {"engine", "nativehist", "shard"},
}

// std lists packages with surprising reach that only one package may import.
var std = map[string]string{
	"unsafe": "atomicf shard encode engine engine/collectors/process mmap mmap/internal/file mmap/internal/sys examples/workers",
}

// TestImports fails on an import that the architecture does not draw.
func TestImports(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, drawn := find(name)
		if !drawn {
			t.Errorf("package %s is not in the drawing", name)
			continue
		}
		for _, imp := range p.Imports {
			if owners, special := std[imp]; special && !slices.Contains(strings.Fields(owners), name) {
				t.Errorf("%s imports %s, which is for %s", name, imp, owners)
			}
			if strings.Contains(imp, ".") && !matches(strings.TrimPrefix(imp, module), allowed) {
				t.Errorf("%s imports %s, an edge that is not drawn", name, imp)
			}
		}
	}
}

// TestImportsNoticesAnUndrawnEdge keeps the test above from being one that cannot
// fail.
func TestImportsNoticesAnUndrawnEdge(t *testing.T) {
	for from, to := range map[string]string{"atomicf": "shard", "encode": "engine", "engine": "mmap", "shard": "engine",
		"engine/export/scrape": "github.com/prometheus/client_golang/prometheus"} {
		if allowed, _ := find(from); matches(to, allowed) {
			t.Errorf("%s may import %s", from, to)
		}
	}
}

// TestLinkname fails when a package other than shard reaches into the runtime.
func TestLinkname(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		out, err := exec.Command("grep", "-ls", "^//go:linkname", "-r", p.Dir, "--include=*.go").Output()
		if err != nil && len(out) > 0 {
			t.Fatal(err)
		}
		if len(out) > 0 && name != "shard" && !strings.HasPrefix(name, "ci") {
			t.Errorf("%s uses linkname: %s", name, out)
		}
	}
}

// find returns the edges of a package: its own entry, or its subtree's.
func find(name string) (allowed []string, ok bool) {
	if allowed, ok = edges[name]; ok {
		return allowed, true
	}
	best := ""
	for entry := range edges {
		if strings.HasSuffix(entry, "/") && strings.HasPrefix(name, entry) && len(entry) > len(best) {
			best = entry
		}
	}
	return edges[best], best != ""
}

func matches(imp string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		return imp == strings.TrimSuffix(a, "/") || strings.HasSuffix(a, "/") && strings.HasPrefix(imp, a)
	})
}

type pkg struct {
	ImportPath, Dir string
	Imports         []string
}

func list(t *testing.T) (pkgs []pkg) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 5 {
		t.Fatalf("go list found %d packages", len(pkgs))
	}
	return pkgs
}
