package suite

import (
	"slices"

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
	Values []float64 `json:"values"`
	Allocs []float64 `json:"allocs"`
	Bytes  []float64 `json:"bytes"`
}

// Median is the middle of the row's values.
func (s *Samples) Median() float64 { return stat.Median(s.Values) }

// Value is what the row says: the median, and for a maximum the greatest.
func (s *Samples) Value() float64 {
	if s.Unit == measure.Max {
		return slices.Max(s.Values)
	}
	return s.Median()
}

// Spread is where the row's values lie.
func (s *Samples) Spread() stat.Range { return stat.Spread(s.Values) }

// Results are the samples of all rows, in the order in which rows were first
// measured.
type Results struct {
	Rows     []*Samples
	Problems []string // totals that were wrong

	byKey map[Key]*Samples
}

// Find returns the samples of a row, or nil.
func (r *Results) Find(k Key) *Samples { return r.byKey[k] }

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
	return stat.RatioOf(s.Values, b.Values), true
}

// Add keeps one measurement of a row.
func (r *Results) Add(k Key, m measure.Reading) {
	k.Unit = m.Unit
	s := r.byKey[k]
	if s == nil {
		s = &Samples{Key: k}
		if r.byKey == nil {
			r.byKey = make(map[Key]*Samples)
		}
		r.byKey[k] = s
		r.Rows = append(r.Rows, s)
	}
	s.Values = append(s.Values, m.Value)
	s.Allocs = append(s.Allocs, m.Allocs)
	s.Bytes = append(s.Bytes, m.Bytes)
}
