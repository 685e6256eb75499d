package ops

import (
	"math"
	"math/rand/v2"
)

// bounds11 are the default bounds of every Prometheus client library.
var bounds11 = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// observed is how many prepared values a histogram is given in turn: a power of
// two.
const observed = 1 << 10

// observations are durations in seconds as a service has them: log-normal around
// 80 ms, spread over most of the buckets. They are multiples of 2^-20, so that
// sums are exact and can be checked.
var observations = func() (list [observed]float64) {
	rng := rand.New(rand.NewPCG(2, 2))
	for i := range list {
		v := 0.08 * math.Exp(rng.NormFloat64()*1.2)
		list[i] = math.Round(v*(1<<20)) / (1 << 20)
	}
	return list
}()
