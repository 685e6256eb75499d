package stat

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tc := range []struct {
		samples []float64
		want    float64
	}{
		{nil, 0}, {[]float64{7}, 7}, {[]float64{9, 1}, 5}, {[]float64{5, 1, 3}, 3}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := Median(tc.samples); got != tc.want {
			t.Errorf("median of %v is %v, want %v", tc.samples, got, tc.want)
		}
	}
}

func TestMedianLeavesSamplesAlone(t *testing.T) {
	samples := []float64{3, 1, 2}
	Median(samples)
	Spread(samples)
	if samples[0] != 3 || samples[1] != 1 {
		t.Errorf("the order of the rounds is lost: %v", samples)
	}
}

func TestSpread(t *testing.T) {
	for _, tc := range []struct {
		samples []float64
		want    Range
	}{
		{nil, Range{}},
		{[]float64{2}, Range{2, 2}},
		{[]float64{1, 9, 5}, Range{1, 9}},
		{[]float64{100, 2, 3, 4, 0}, Range{2, 4}},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, Range{2, 7}},
	} {
		if got := Spread(tc.samples); got != tc.want {
			t.Errorf("spread of %v is %v, want %v", tc.samples, got, tc.want)
		}
	}
}

func TestRelative(t *testing.T) {
	if got := (Range{90, 110}).Relative(100); got != 0.1 {
		t.Errorf("90 to 110 around 100 is %v, want 0.1", got)
	}
	if got := (Range{0, 1}).Relative(0); got != 0 {
		t.Errorf("around 0: %v", got)
	}
}

func TestRatio(t *testing.T) {
	for _, tc := range []struct {
		name  string
		a, b  []float64
		value float64
		clear bool
	}{
		{"clear", []float64{20, 21, 22}, []float64{10, 10, 10}, 2.1, true},
		{"clear, slower", []float64{5, 5, 5}, []float64{10, 10, 10}, 0.5, true},
		{"both drift", []float64{20, 40, 80}, []float64{10, 20, 40}, 2, true},
		{"rounds disagree on who is faster", []float64{9, 12, 11}, []float64{10, 10, 10}, 1.1, false},
		{"rounds disagree on how much", []float64{20, 30, 60}, []float64{10, 10, 10}, 3, false},
		{"one outlier in five", []float64{20, 20, 20, 20, 900}, []float64{10, 10, 10, 10, 10}, 2, true},
		{"too few rounds", []float64{20, 20}, []float64{10, 10}, 2, false},
		{"nothing to divide by", []float64{1, 1, 1}, []float64{0, 0, 0}, 0, false},
		{"the same", []float64{10, 10, 10}, []float64{10, 10, 10}, 1, false},
		{"nothing", nil, nil, 0, false},
	} {
		got := RatioOf(tc.a, tc.b)
		if math.Abs(got.Value-tc.value) > 1e-9 || got.Clear != tc.clear {
			t.Errorf("%s: %+v, want %v, %v", tc.name, got, tc.value, tc.clear)
		}
	}
}
