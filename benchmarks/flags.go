package main

import (
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// options are what the command line says.
type options struct {
	suite.Config
	json    string
	out     string
	from    string
	against string
	publish string
}

func parse(args []string) (*options, error) {
	o, run, cpu := new(options), "", ""
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	f.BoolVar(&o.Quick, "quick", false, "a first look: fewer processes, shorter samples, smaller sizes; under 50 s")
	f.StringVar(&run, "run", "", "measure only ops, or rows such as op=counter_inc/impl=pawl/p=1/n=0, that match this `regexp`")
	f.StringVar(&o.json, "json", "", "write the rows as a JSON array to this `file`")
	f.IntVar(&o.Count, "count", 0, "take at least this `number` of samples of each row, over all processes, however long that takes; 0 is up to 2 in each of 5 processes, with -quick in each of 3")
	f.StringVar(&cpu, "cpu", "", "`list` of numbers of goroutines for recordings and lookups, such as 1,2,8")
	f.StringVar(&o.out, "out", "report", "write the report to this `folder`")
	f.StringVar(&o.from, "from", "", "measure nothing: take the run that this `file`, a report's run.json, holds")
	f.StringVar(&o.against, "against", "", "compare the ratios with an earlier run's, a run.json `file`, and fail where they do not agree")
	f.StringVar(&o.publish, "publish", "", "write the figures into README.md and docs/ of the repository in this `folder`")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return o, o.read(run, cpu)
}

// read takes in the flags that are more than a word.
func (o *options) read(run, cpu string) (err error) {
	if run != "" {
		if o.Run, err = regexp.Compile(run); err != nil {
			return fmt.Errorf("-run: %w", err)
		}
	}
	for word := range strings.SplitSeq(cpu, ",") {
		if cpu == "" {
			break
		}
		p, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || p < 1 {
			return fmt.Errorf("-cpu: %q is not a number of goroutines", word)
		}
		o.CPU = append(o.CPU, p)
	}
	if o.Count < 0 {
		return fmt.Errorf("-count: %d", o.Count)
	}
	return nil
}
