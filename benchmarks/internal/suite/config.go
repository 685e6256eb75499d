// Package suite runs the table of ops: it decides what to measure, has processes
// measure the peers in turns, and keeps every sample.
//
// A run goes over the whole plan several times. In each pass every group, one op at
// one size, is measured in a process of its own, which is this same program: so a row
// is seen in several layouts of the heap, on several sets of physical pages, with several
// seeds of hash tables, and in minutes that are far apart. None of these changes within a
// process, and together they move a ratio by more than all that does. (Code lies where the
// build put it, in all processes alike: package stat makes an allowance for it.) A process that dies takes one group of
// one pass with it. Run is the parent, Child the process.
package suite

import (
	"fmt"
	"regexp"
	"runtime"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
)

// Config says what to measure and how thoroughly.
type Config struct {
	Quick bool
	Run   *regexp.Regexp // nil is everything
	Count int            // rounds, of all processes; 0 is the default
	CPU   []int          // numbers of goroutines; none is each op's own
}

const (
	// fullPasses is how often the plan is gone over: the fewest processes from which
	// a range comes out that is not much wider than what it says. A 99% interval from
	// five is 2.1 standard deviations to each side, from four 2.9, from three 5.7.
	fullPasses = 5
	// quickPasses are as many as 50 s have room for.
	quickPasses = 3
	// large is the number of series from which on setting up and a single round take
	// many seconds, up to a minute: such groups are measured in every other pass, and
	// their wider ranges say so.
	large = 100_000
)

// passes returns how often the plan is gone over.
func (c *Config) passes() int {
	n := fullPasses
	if c.Quick {
		n = quickPasses
	}
	if c.Count > 0 {
		n = min(n, c.Count)
	}
	return n
}

// takes says whether a group of this size is measured in a pass, from 0.
func (c *Config) takes(pass, n int) bool { return n < large || pass%2 == 0 }

// processes returns in how many passes a group of this size is measured.
func (c *Config) processes(n int) int {
	if n < large {
		return c.passes()
	}
	return (c.passes() + 1) / 2
}

// rounds returns how many samples of each row of a group one process takes. Another
// process tells more than another round.
func (c *Config) rounds(n int) int {
	if c.Count > 0 {
		return (c.Count + c.processes(n) - 1) / c.processes(n)
	}
	return 2
}

// patience is the time after which a process begins no other round, unless they were
// asked for.
func (c *Config) patience() time.Duration {
	switch {
	case c.Count > 0:
		return 1<<63 - 1
	case c.Quick:
		return 150 * time.Millisecond
	}
	return 1500 * time.Millisecond
}

// sample is how long one sample takes, or one op where that takes longer. Rare
// latencies need more.
func (c *Config) sample(op *ops.Op) time.Duration {
	d := 50 * time.Millisecond
	if c.Quick {
		d = 12 * time.Millisecond
	}
	if op.Workers == ops.Writers {
		d *= 5
	}
	return d
}

// goroutines returns the numbers of goroutines for an op.
func (c *Config) goroutines(op *ops.Op) []int {
	if len(c.CPU) > 0 && (op.Workers == ops.Few || op.Workers == ops.Many) {
		return c.CPU
	}
	return op.Goroutines(runtime.GOMAXPROCS(0), c.Quick)
}

// wants says whether a row is to be measured: the expression matches the op's name,
// or the row's whole name.
func (c *Config) wants(op, impl string, p, n int) bool {
	return c.Run == nil || c.Run.MatchString(op) || c.Run.MatchString(Name(op, impl, p, n))
}

// Name is a row's name, as benchstat knows it.
func Name(op, impl string, p, n int) string {
	return fmt.Sprintf("op=%s/impl=%s/p=%d/n=%d", op, impl, p, n)
}
