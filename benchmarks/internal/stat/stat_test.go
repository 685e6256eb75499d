package stat

import "testing"

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
		{[]float64{100, 2, 3, 4, 0}, Range{0, 100}},
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
