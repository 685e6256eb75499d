package stat

import (
	"math"
	"math/rand/v2"
	"testing"
)

// each makes a process of every value.
func each(values ...float64) (list [][]float64) {
	for _, v := range values {
		list = append(list, []float64{v})
	}
	return list
}

func TestRatio(t *testing.T) {
	ten := each(10, 10, 10, 10, 10)
	for _, tc := range []struct {
		name  string
		a, b  [][]float64
		value float64
		known bool
		clear bool
	}{
		{"clear", each(20, 21, 22), ten, 2.1, true, true},
		{"clear, faster", each(5, 5, 5), ten, 0.5, true, true},
		{"both drift", each(20, 40, 80), each(10, 20, 40), 2, true, true},
		{"both drift within a process", [][]float64{{20, 40, 80}, {21, 42, 84}}, [][]float64{{10, 20, 40}, {10, 20, 40}}, math.Sqrt(2 * 2.1), true, false},
		{"processes disagree on who is faster", each(9, 12, 11), ten, 1.1, true, false},
		{"processes disagree on how much", each(20, 30, 60), ten, 3, true, false},
		{"a disturbed round in each process", [][]float64{{20, 900, 20}, {20, 20, 900}}, [][]float64{{10, 10, 10}, {10, 10, 10}}, 2, true, true},
		{"one disturbed process in five", each(20, 20, 20, 20, 24), ten, 2, true, true},
		{"within the allowance", each(10.4, 10.4, 10.4), ten, 1.04, true, false},
		{"beyond the allowance", each(10.6, 10.6, 10.6), ten, 1.06, true, true},
		{"one process", [][]float64{{20, 20, 20}}, [][]float64{{10, 10, 10}}, 2, false, false},
		{"nothing to divide by", each(1, 1, 1), each(0, 0, 0), 0, false, false},
		{"the same", ten, ten, 1, true, false},
		{"nothing", nil, nil, 0, false, false},
		{"processes without rounds", [][]float64{{}, {}}, [][]float64{{}, {}}, 0, false, false},
	} {
		got := RatioOf(tc.a, tc.b)
		if math.Abs(got.Value-tc.value) > 1e-9 || got.Known != tc.known || got.Clear() != tc.clear {
			t.Errorf("%s: %+v, want %v, %v, %v", tc.name, got, tc.value, tc.known, tc.clear)
		}
	}
}

// Processes that say 1, 2 and 4 have the logarithms -log 2, 0, log 2 about 2, with
// the deviation log 2: the interval is 9.925 log 2 / √3 to each side.
func TestRange(t *testing.T) {
	got := RatioOf(each(1, 2, 4), each(1, 1, 1)).Range
	half := 9.925 * math.Ln2 / math.Sqrt(3)
	want := Range{2 * math.Exp(-half) / 1.05, 2 * math.Exp(half) * 1.05}
	if math.Abs(got.Lo/want.Lo-1) > 1e-9 || math.Abs(got.Hi/want.Hi-1) > 1e-9 {
		t.Errorf("%v, want %v", got, want)
	}
}

// Turning a ratio round turns its range round.
func TestRangeOfTheReciprocal(t *testing.T) {
	a, b := each(31, 28, 35, 30), each(11, 9, 10, 10)
	r, q := RatioOf(a, b), RatioOf(b, a)
	if math.Abs(r.Range.Lo*q.Range.Hi-1) > 1e-9 || math.Abs(r.Range.Hi*q.Range.Lo-1) > 1e-9 || math.Abs(r.Value*q.Value-1) > 1e-9 {
		t.Errorf("%+v and %+v", r, q)
	}
}

// Even where the middle one is far from the mean, the range holds it: it is at most one
// deviation away, which up to ten processes is less than half of the range.
func TestRangeHoldsTheValue(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		n := 2 + draw.IntN(9)
		a, b := make([][]float64, n), make([][]float64, n)
		for i := range n {
			a[i], b[i] = []float64{math.Exp(5 * draw.ExpFloat64())}, []float64{1}
		}
		if r := RatioOf(a, b); r.Value < r.Range.Lo || r.Value > r.Range.Hi {
			t.Fatalf("%+v of %v", r, a)
		}
	}
}

func TestMeets(t *testing.T) {
	for _, tc := range []struct {
		a, b Range
		want bool
	}{
		{Range{1, 2}, Range{2, 3}, true}, {Range{1, 4}, Range{2, 3}, true}, {Range{1, 2}, Range{2.1, 3}, false},
	} {
		if tc.a.Meets(tc.b) != tc.want || tc.b.Meets(tc.a) != tc.want {
			t.Errorf("%v and %v: want %v", tc.a, tc.b, tc.want)
		}
	}
}

// machine is where made-up runs are measured: what is the same in a run, in a
// process and in a round moves ratios by these deviations.
type machine struct {
	*rand.Rand
	run, process, round float64
}

// measure makes up a run of two implementations, of which one takes ratio times
// as long as the other.
func (m machine) measure(processes int, ratio float64) Ratio {
	a, b := make([][]float64, processes), make([][]float64, processes)
	shift := m.run * m.NormFloat64()
	for i := range processes {
		layout := m.process * m.NormFloat64()
		for range 3 {
			weather := 0.3 * m.NormFloat64() // hits both alike
			a[i] = append(a[i], 10*ratio*math.Exp(shift+layout+weather+m.round*m.NormFloat64()))
			b[i] = append(b[i], 10*math.Exp(weather))
		}
	}
	return RatioOf(a, b)
}

// Of two runs of one thing, tables of 225 ratios are to agree as a whole: a pair of
// ranges may miss in fewer than one in ten thousand cases, on machines that are quiet, on
// ones whose processes differ by much, and where runs differ as well.
func TestRunsOfTheSameAgree(t *testing.T) {
	for _, m := range []machine{
		{run: 0, process: 0.01, round: 0.01},
		{run: 0, process: 0.05, round: 0.02},
		{run: 0, process: 0.15, round: 0.05},
		{run: 0.02, process: 0.01, round: 0.01},
		{run: 0.03, process: 0.05, round: 0.02},
	} {
		for _, processes := range []int{3, 5} {
			m.Rand = rand.New(rand.NewPCG(3, uint64(processes)))
			const pairs = 20_000
			missed := 0
			for range pairs {
				if !m.measure(processes, 1.3).Range.Meets(m.measure(processes, 1.3).Range) {
					missed++
				}
			}
			if missed*10_000 > pairs {
				t.Errorf("runs %v, processes %v (%d of them): %d of %d pairs are apart", m.run, m.process, processes, missed, pairs)
			}
		}
	}
}

// Where one run is of something else, five processes show it.
func TestRunsOfDifferentThingsDisagree(t *testing.T) {
	m := machine{rand.New(rand.NewPCG(5, 6)), 0, 0.02, 0.01}
	const pairs = 5000
	apart, turned := 0, 0
	for range pairs {
		if !m.measure(5, 1.3).Range.Meets(m.measure(5, 1.7).Range) {
			apart++
		}
		faster, slower := m.measure(5, 0.8), m.measure(5, 1.25)
		if faster.Clear() && slower.Clear() && faster.Value < 1 && slower.Value > 1 {
			turned++
		}
	}
	if apart < pairs*95/100 || turned < pairs*95/100 {
		t.Errorf("of %d pairs %d are apart and %d of another direction", pairs, apart, turned)
	}
}
