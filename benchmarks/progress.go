package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/report"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// progress draws a bar on a terminal, and prints each op's table when its last pass is
// done.
// Where standard error is no terminal there is no bar.
type progress struct {
	begin time.Time
	bar   bool
}

func newProgress() *progress {
	info, err := os.Stderr.Stat()
	return &progress{time.Now(), err == nil && info.Mode()&os.ModeCharDevice != 0}
}

const (
	barWidth = 30
	clear    = "\r\x1b[K"
)

// Progress draws the bar.
func (p *progress) Progress(part float64, op *ops.Op, n int) {
	if !p.bar {
		return
	}
	full := int(part * barWidth)
	size := ""
	if n > 0 {
		size = fmt.Sprintf(" n=%d", n)
	}
	fmt.Fprintf(os.Stderr, clear+"%s%s %3.0f%%  %s  %s%s", strings.Repeat("█", full), strings.Repeat("░", barWidth-full),
		100*part, time.Since(p.begin).Round(time.Second), op.Name, size)
}

// Finished prints the op's table.
func (p *progress) Finished(op *ops.Op, r *suite.Results) {
	p.hide()
	fmt.Println(report.Text(op, r))
}

func (p *progress) hide() {
	if p.bar {
		fmt.Fprint(os.Stderr, clear)
	}
}
