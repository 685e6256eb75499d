package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
)

// The two trees, as import paths: a package of one has its twin under the same
// path in the other.
const (
	Theirs = "github.com/prometheus/client_golang/prometheus"
	Ours   = "github.com/pawl-metrics/pawl/compat/prometheus"
)

// List returns the packages of a tree that anyone may import, in the module at dir.
// What they are called is said as seen from the tree: "" is its root.
func List(dir, tree string) ([]string, error) {
	out, err := run(dir, "list", tree+"/...")
	var list []string
	for path := range strings.FieldsSeq(string(out)) {
		if rest := strings.TrimPrefix(path, tree); !strings.Contains(rest+"/", "/internal/") {
			list = append(list, rest)
		}
	}
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("no packages in %s", tree)
	}
	return list, err
}

// Load builds packages in the module at dir and returns what the compiler says of
// them, by import path.
func Load(dir string, paths ...string) (map[string]*types.Package, error) {
	out, err := run(dir, append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, paths...)...)
	if err != nil {
		return nil, err
	}
	exports, err := exportFiles(out)
	if err != nil {
		return nil, err
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(exports[path])
	})
	loaded := make(map[string]*types.Package)
	for _, path := range paths {
		if loaded[path], err = imp.Import(path); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// exportFiles reads where the compiler left what it knows of each package.
func exportFiles(list []byte) (map[string]string, error) {
	files := make(map[string]string)
	for dec := json.NewDecoder(bytes.NewReader(list)); ; {
		var p struct{ ImportPath, Export string }
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil:
			return nil, err
		}
		files[p.ImportPath] = p.Export
	}
}

// run runs the go command, and makes what it complains about the error.
func run(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		err = fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, failed.Stderr)
	}
	return out, err
}
