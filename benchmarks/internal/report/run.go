package report

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

// Run is what a report is about. It is written to run.json, from which the report
// can be made again, on any machine.
type Run struct {
	Begin   time.Time      `json:"begin"`
	Took    time.Duration  `json:"took"`
	Command string         `json:"command"` // as it was typed
	Procs   int            `json:"procs"`   // GOMAXPROCS
	Machine Facts          `json:"machine"`
	Peers   Facts          `json:"peers"`
	Results *suite.Results `json:"results"`
}

// ReadRun reads a run.json.
func ReadRun(file string) (*Run, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal(text, run); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if run.Results == nil || len(run.Results.Rows) == 0 {
		return nil, fmt.Errorf("%s: no rows", file)
	}
	return run, nil
}
