package stat

import "math"

// Ratio compares two implementations that were measured in turns, in several
// processes.
type Ratio struct {
	Value float64 // the median of the processes' ratios
	Range Range   // where another run's Value is to be expected
	Known bool    // there is a range: two processes at the least
}

// allowance widens a range at both ends. Processes may agree by luck, and what
// changes between runs (a neighbour for the whole of one, a build that lays a
// loop over the end of a cache line) is in none of them.
const allowance = 0.05

// student has Student's t, 99%, two-sided, by the degrees of freedom: one less than
// there are values. Beyond the table its last is used, which is a little too wide.
var student = [...]float64{1: 63.657, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947}

// RatioOf divides a by b, which hold the samples of the same processes and in them of
// the same rounds, in order.
//
// Round i of a is divided by round i of b, because what disturbs a shared machine for
// a second disturbs both. A process says one number, the median of these: its rounds
// share a heap, a layout of code and a minute, and more of them would not show
// how much those matter. Value is the median of the processes, which one
// disturbed process does not move.
//
// Range is the 99% interval of Student's t about the mean of the logarithms
// of the processes' ratios, and 5% more at both ends. The logarithm makes
// twice and half as far from 1. The least and greatest of five would not do: those of
// two runs that differ in nothing miss each other in one case of 126, twice in a
// table of 225 ratios.
func RatioOf(a, b [][]float64) Ratio {
	var logs []float64
	for i := range min(len(a), len(b)) {
		if q := quotient(a[i], b[i]); q > 0 {
			logs = append(logs, math.Log(q))
		}
	}
	if len(logs) == 0 {
		return Ratio{}
	}
	r := Ratio{Value: math.Exp(Median(logs)), Known: len(logs) > 1}
	if r.Known {
		r.Range = interval(logs)
	}
	return r
}

// Clear says whether the range leaves out 1, so that it is known who is faster.
func (r Ratio) Clear() bool { return r.Known && (r.Range.Lo > 1 || r.Range.Hi < 1) }

// quotient is what one process says; 0 is nothing.
func quotient(a, b []float64) float64 {
	var rounds []float64
	for i := range min(len(a), len(b)) {
		if a[i] > 0 && b[i] > 0 {
			rounds = append(rounds, a[i]/b[i])
		}
	}
	return Median(rounds)
}

// interval is the range of ratios of which these are the logarithms.
func interval(logs []float64) Range {
	mean, deviation := moments(logs)
	half := distance(len(logs)-1) * deviation / math.Sqrt(float64(len(logs)))
	return Range{math.Exp(mean-half) / (1 + allowance), math.Exp(mean+half) * (1 + allowance)}
}

func distance(freedom int) float64 {
	return student[min(freedom, len(student)-1)]
}

// moments returns the mean and the standard deviation of at least two values.
func moments(values []float64) (mean, deviation float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / float64(len(values)-1)
	}
	return mean, math.Sqrt(deviation)
}

// Meets says whether two ranges have something in common.
func (r Range) Meets(other Range) bool { return r.Lo <= other.Hi && other.Lo <= r.Hi }
