// Package suite runs the table of ops: it decides what to measure, measures the
// peers in turns, and keeps every sample.
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
	Count int            // rounds; 0 is the default
	CPU   []int          // numbers of goroutines; none is each op's own
}

// rounds returns how many samples of each row there are to be.
func (c *Config) rounds() int {
	switch {
	case c.Count > 0:
		return c.Count
	case c.Quick:
		return 5
	}
	return 10
}

// fewest is how many rounds a group gets even when its time is up.
const fewest = 3

// patience is the time after which a group is not given more rounds than fewest,
// unless they were asked for.
func (c *Config) patience() time.Duration {
	switch {
	case c.Count > 0:
		return 1<<63 - 1
	case c.Quick:
		return 800 * time.Millisecond
	}
	return 15 * time.Second
}

// sample is how long one sample takes, or one op where that takes longer. Rare
// latencies need more.
func (c *Config) sample(op *ops.Op) time.Duration {
	d := 100 * time.Millisecond
	if c.Quick {
		d = 20 * time.Millisecond
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
