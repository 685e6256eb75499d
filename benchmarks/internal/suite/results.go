package suite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
)

// Key names one row.
type Key struct {
	Op   string `json:"op"`
	Impl string `json:"impl"`
	P    int    `json:"p"`
	N    int    `json:"n"`
	Unit string `json:"unit"`
}

// Samples are all the measurements of one row, in the order of the rounds.
type Samples struct {
	Key
	Values  []float64 `json:"values"`
	Allocs  []float64 `json:"allocs"`
	Bytes   []float64 `json:"bytes"`
	Process []int     `json:"process,omitempty"` // which process took each, in ascending order
}

// Processes returns the values of each process. Runs from before there were
// several have no numbers: there each round counts as a process, and ratios claim to
// be more certain than they are.
func (s *Samples) Processes() (list [][]float64) {
	for i, v := range s.Values {
		if len(s.Process) == 0 || i == 0 || s.Process[i] != s.Process[i-1] {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], v)
	}
	return list
}

// Median is the middle of the processes' medians.
func (s *Samples) Median() float64 { return stat.Median(stat.Medians(s.Processes())) }

// Value is what the row says: the median, and for a maximum the greatest.
func (s *Samples) Value() float64 {
	if s.Unit == measure.Max {
		return slices.Max(s.Values)
	}
	return s.Median()
}

// Spread is where the processes' medians lie.
func (s *Samples) Spread() stat.Range { return stat.Spread(stat.Medians(s.Processes())) }

// Results are the samples of all rows, in the order in which rows were first
// measured.
type Results struct {
	Rows     []*Samples `json:"rows"`
	Problems []string   `json:"problems,omitempty"` // totals that were wrong, processes that failed

	byKey map[Key]*Samples
}

// Find returns the samples of a row, or nil.
func (r *Results) Find(k Key) *Samples { return r.byKey[k] }

// UnmarshalJSON reads what was written of an earlier run.
func (r *Results) UnmarshalJSON(text []byte) error {
	type plain Results // without this method
	if err := json.Unmarshal(text, (*plain)(r)); err != nil {
		return err
	}
	r.byKey = make(map[Key]*Samples, len(r.Rows))
	for _, s := range r.Rows {
		if len(s.Process) > 0 && len(s.Process) != len(s.Values) {
			return fmt.Errorf("benchmarks: %s has %d values and the processes of %d", s.Op, len(s.Values), len(s.Process))
		}
		r.byKey[s.Key] = s
	}
	return nil
}

// Merge adds what the process of this number has measured.
func (r *Results) Merge(process int, one *Results) {
	for _, from := range one.Rows {
		s := r.row(from.Key)
		s.Values = append(s.Values, from.Values...)
		s.Allocs = append(s.Allocs, from.Allocs...)
		s.Bytes = append(s.Bytes, from.Bytes...)
		s.Process = append(s.Process, slices.Repeat([]int{process}, len(from.Values))...)
	}
	r.Problems = append(r.Problems, one.Problems...)
}

// Of returns the rows of one op.
func (r *Results) Of(op string) []*Samples {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(s *Samples) bool { return s.Op != op })
}

// Ratio compares a row with another implementation's row of the same op.
func (r *Results) Ratio(s *Samples, base string) (ratio stat.Ratio, ok bool) {
	k := s.Key
	k.Impl = base
	b := r.Find(k)
	if b == nil {
		return stat.Ratio{}, false
	}
	return stat.RatioOf(s.Processes(), b.Processes()), true
}

// Add keeps one measurement of a row, taken by this process.
func (r *Results) Add(k Key, m measure.Reading) {
	k.Unit = m.Unit
	s := r.row(k)
	s.Values = append(s.Values, significant(m.Value))
	s.Allocs = append(s.Allocs, significant(m.Allocs))
	s.Bytes = append(s.Bytes, significant(m.Bytes))
}

// row returns the samples of a row, which it makes when there are none.
func (r *Results) row(k Key) *Samples {
	s := r.byKey[k]
	if s == nil {
		s = &Samples{Key: k}
		if r.byKey == nil {
			r.byKey = make(map[Key]*Samples)
		}
		r.byKey[k] = s
		r.Rows = append(r.Rows, s)
	}
	return s
}

// significant rounds to six digits. Further ones are noise, and raw data that
// people keep should be no longer than what it says.
func significant(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v // not a finite number
	}
	return rounded
}
