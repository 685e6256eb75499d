package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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
	r, err := o.take(args)
	if err != nil {
		return err
	}
	if err := o.write(r); err != nil {
		return err
	}
	if problems := r.Results.Problems; len(problems) > 0 {
		return fmt.Errorf("problems:\n%s", strings.Join(problems, "\n"))
	}
	return o.compare(r)
}

// take runs the suite, or reads what an earlier run left.
func (o *options) take(args []string) (*report.Run, error) {
	if o.from != "" {
		return report.ReadRun(o.from)
	}
	watch := newProgress()
	results := suite.Run(&o.Config, watch)
	switch {
	case len(results.Problems) > 0 && len(results.Rows) == 0:
		return nil, fmt.Errorf("nothing could be measured:\n%s", strings.Join(results.Problems, "\n"))
	case len(results.Rows) == 0:
		return nil, errors.New("-run matches nothing")
	}
	return &report.Run{
		Begin: watch.begin, Took: time.Since(watch.begin), Command: command(args), Procs: runtime.GOMAXPROCS(0),
		Machine: report.Machine(), Peers: report.Versions(), Results: results,
	}, nil
}

// write writes the report and what else was asked for.
func (o *options) write(r *report.Run) error {
	if err := errors.Join(r.Write(o.out), o.writeRows(r.Results)); err != nil {
		return err
	}
	fmt.Printf("%d rows in %s; the report is %s\n", len(r.Results.Rows), r.Took.Round(time.Second), filepath.Join(o.out, "README.md"))
	if o.publish == "" || len(r.Results.Problems) > 0 {
		return nil
	}
	return r.Publish(o.publish)
}

// compare says where an earlier run found something else, and fails if it did.
func (o *options) compare(r *report.Run) error {
	if o.against == "" {
		return nil
	}
	old, err := report.ReadRun(o.against)
	if err != nil {
		return err
	}
	text, agree := r.Against(old)
	fmt.Print(text)
	if !agree {
		return fmt.Errorf("this run and %s do not agree", o.against)
	}
	return nil
}

// command is what to type to measure the same again: where the report goes is
// left out.
func command(args []string) string {
	words := []string{"go run ."}
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch name, _, joined := strings.Cut(strings.TrimLeft(a, "-"), "="); name {
		case "out", "json", "publish", "against":
			if !joined {
				i++
			}
			continue
		}
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
