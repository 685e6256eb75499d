package suite

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
)

// Row is one line of the -json output: medians over the rounds.
type Row struct {
	Op     string  `json:"op"`
	Impl   string  `json:"impl"`
	P      int     `json:"p"`      // goroutines
	N      int     `json:"n"`      // series; 0 where there is no number of them
	NS     float64 `json:"ns"`     // per op, per series for scrapes; a quantile where unit says so
	Allocs float64 `json:"allocs"` // per op
	Bytes  float64 `json:"bytes"`  // allocated per op; resident per series where unit is bytes
	Unit   string  `json:"unit"`
}

// growth marks ops that are drawn as charts and are no rows of the suite.
const growth = "growth_"

// RowsOf condenses the results.
func RowsOf(r *Results) []Row {
	rows := []Row{}
	for _, s := range r.Rows {
		if !strings.HasPrefix(s.Op, growth) {
			rows = append(rows, s.Row())
		}
	}
	return rows
}

// Row condenses the samples.
func (s *Samples) Row() Row {
	row := Row{Op: s.Op, Impl: s.Impl, P: s.P, N: s.N, Unit: s.Unit,
		Allocs: round(stat.Median(s.Allocs), 1000), Bytes: round(stat.Median(s.Bytes), 10)}
	if s.Unit == "bytes" {
		row.Bytes = round(s.Value(), 10)
	} else {
		row.NS = round(s.Value(), 1000)
	}
	return row
}

// round rounds to 1/part. What is less, of allocations, is the harness's own,
// spread over many ops.
func round(v, part float64) float64 { return math.Round(v*part) / part }

// MarshalRows renders rows as a JSON array, one to a line.
func MarshalRows(rows []Row) ([]byte, error) {
	lines := make([][]byte, len(rows))
	for i, row := range rows {
		var err error
		if lines[i], err = json.Marshal(row); err != nil {
			return nil, err
		}
	}
	return slices.Concat([]byte("[\n"), bytes.Join(lines, []byte(",\n")), []byte("\n]\n")), nil
}
