package main

import (
	"testing"

	"github.com/pawl-metrics/pawl/benchmarks/internal/report"
)

// The figures in the pages of the repository are those of the report that it
// keeps: nobody has typed them, or forgotten them.
func TestPagesSayWhatTheReportSays(t *testing.T) {
	run, err := report.ReadRun("../docs/benchmarks/run.json")
	if err != nil {
		t.Fatal(err)
	}
	stale, err := run.Stale("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stale {
		t.Errorf("%s is not what docs/benchmarks/run.json says; go run . -from ../docs/benchmarks/run.json -out ../docs/benchmarks -publish ..", name)
	}
}
