// Command shim writes compat/shim: packages called as client_golang's are, made of
// aliases and calls of compat. What a package there declares by hand is left out.
//
//	cd fuzz && go run ./cmd/shim
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/pawl-metrics/pawl/fuzz/internal/api"
)

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "shim:", err)
		os.Exit(1)
	}
}

// write generates all files. fuzz is where this module lies.
func write(fuzz string) error {
	files, err := generate(fuzz)
	for path, text := range files {
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, text, 0o644)
		}
	}
	return err
}

// generated is the file that this program writes in each package.
const generated = "forward.go"

// generate returns the text of each file, by its path.
func generate(fuzz string) (map[string][]byte, error) {
	packages, err := api.List(fuzz, api.Ours)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, p := range packages {
		paths = append(paths, api.Ours+p)
	}
	loaded, err := api.Load(fuzz, paths...)
	if err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, p := range packages {
		dir := filepath.Join(fuzz, "..", "compat", "shim", "prometheus", filepath.FromSlash(p))
		byHand, err := declared(dir)
		if err != nil {
			return nil, err
		}
		text, err := forward(loaded[api.Ours+p], byHand)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p, err)
		}
		if text != nil {
			files[filepath.Join(dir, generated)] = text
		}
	}
	return files, nil
}
