package suite

import (
	"encoding/json"
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
	Rows     []*Samples `json:"rows"`
	Problems []string   `json:"problems,omitempty"` // totals that were wrong

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
		r.byKey[s.Key] = s
	}
	return nil
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
	s.Values = append(s.Values, significant(m.Value))
	s.Allocs = append(s.Allocs, significant(m.Allocs))
	s.Bytes = append(s.Bytes, significant(m.Bytes))
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
