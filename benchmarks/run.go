package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/report"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

func run(args []string) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	results, err := o.measure(args)
	if err != nil {
		return err
	}
	if len(results.Problems) > 0 {
		return fmt.Errorf("totals are wrong:\n%s", strings.Join(results.Problems, "\n"))
	}
	return nil
}

// measure runs the suite and writes what it found.
func (o *options) measure(args []string) (*suite.Results, error) {
	watch := newProgress()
	results := suite.Run(&o.Config, watch)
	if len(results.Rows) == 0 {
		return nil, errors.New("-run matches nothing")
	}
	r := report.Run{Results: results, Command: command(args), Begin: watch.begin, Took: time.Since(watch.begin)}
	if err := errors.Join(r.Write(o.out), o.writeRows(results)); err != nil {
		return nil, err
	}
	fmt.Printf("%d rows in %s; the report is %s\n", len(results.Rows), r.Took.Round(time.Second), filepath.Join(o.out, "README.md"))
	return results, nil
}

// command is what to type to run the same again.
func command(args []string) string {
	words := []string{"go run ."}
	for _, a := range args {
		if strings.ContainsAny(a, " \t'\"\\$&|;()<>*?[]{}^") {
			a = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
		words = append(words, a)
	}
	return strings.Join(words, " ")
}

// writeRows writes the file of -json.
func (o *options) writeRows(r *suite.Results) error {
	if o.json == "" {
		return nil
	}
	rows, err := suite.MarshalRows(suite.RowsOf(r))
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, rows, 0o644)
}
