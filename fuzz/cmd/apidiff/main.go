// Command apidiff compares the exported API of compat with client_golang's, and
// prints what is missing or different. It ends with status 1 when that is more
// than the exceptions in this package's list.
//
//	cd fuzz && go run ./cmd/apidiff           compat
//	cd fuzz && go run ./cmd/apidiff -shim     compat/shim
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/pawl-metrics/pawl/fuzz/internal/api"
)

func main() {
	shim := flag.Bool("shim", false, "compare the shim instead of compat itself")
	flag.Parse()
	report, err := compare(".", *shim)
	if err != nil {
		fmt.Fprintln(os.Stderr, "apidiff:", err)
		os.Exit(2)
	}
	for _, line := range report {
		fmt.Println(line)
	}
	if len(report) > 0 {
		os.Exit(1)
	}
}

// compare returns a line for each difference that has no excuse, and each excuse
// that has no difference. fuzz is where this module lies.
func compare(fuzz string, shim bool) (report []string, err error) {
	packages, err := api.List(fuzz, api.Theirs)
	if err != nil {
		return nil, err
	}
	want, err := api.Read(fuzz, api.Theirs, packages)
	if err != nil {
		return nil, err
	}
	dir, tree, known := fuzz, api.Ours, exceptions
	if shim {
		dir, tree, known = fuzz+"/../compat/shim", api.Theirs, shimExceptions
	}
	got, err := api.Read(dir, tree, packages)
	if err != nil {
		return nil, err
	}
	rest, stale := api.Excused(api.Diff(want, got), known)
	for _, d := range rest {
		report = append(report, d.String())
	}
	for _, name := range stale {
		report = append(report, name+": is on the list of exceptions, and no difference")
	}
	return report, nil
}
