package main

import (
	"fmt"
	"os"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

func main() {
	if ops.Child() {
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}
