package stat

// Ratio compares two implementations that were measured in turns.
type Ratio struct {
	Value float64 // of the medians
	Range Range   // of the ratios of the single rounds, as Spread cuts it
	Clear bool    // the rounds agree well enough for Value to mean something
}

const (
	fewest = 3 // rounds without which nothing is known about noise
	widest = 2 // a ratio that moves by more than this between rounds is noise
)

// RatioOf divides a by b, the samples of the same rounds, in order.
//
// A ratio drowns in noise when the rounds do not agree on who is faster, or
// differ by more than a factor of two about how much. Round i of a is divided
// by round i of b, because what disturbs a shared machine for a second disturbs
// both.
func RatioOf(a, b []float64) Ratio {
	n := min(len(a), len(b))
	var rounds []float64
	for i := range n {
		if b[i] > 0 {
			rounds = append(rounds, a[i]/b[i])
		}
	}
	r := Ratio{Range: Spread(rounds)}
	if mid := Median(b[:n]); mid > 0 {
		r.Value = Median(a[:n]) / mid
	}
	r.Clear = len(rounds) >= fewest && r.Value > 0 && r.Range.agrees()
	return r
}

// agrees says whether the range excludes 1 and is narrow.
func (r Range) agrees() bool {
	return (r.Lo > 1 || r.Hi < 1) && r.Lo > 0 && r.Hi <= r.Lo*widest
}
