package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

const aboutDuring = "The latency of single recordings while another goroutine scrapes the same registry without a pause. The writers, " +
	"one less than there are Ps, record in all series by turns. What the clock costs is in the numbers: " +
	"the floor times a plain increment while another goroutine copies the bytes of the exposition. "

var incDuringScrape = Op{
	Name: "inc_during_scrape", Title: "Counter.Inc while scrapes run",
	About:   aboutDuring + "n counters.",
	Workers: Writers,
	Quick:   []int{10_000},
	Peers: []Peer{
		{Impl: Pawl, Make: during(countersPawl)},
		{Impl: Prom, Make: during(countersProm)},
		{Impl: PawlCompat, Make: during(countersCompat)},
		{Impl: Victoria, Make: during(countersVictoria)},
		{Impl: Otel, Make: during(countersOtel)},
		{Impl: Floor, Make: duringFloor(countersPawl)},
	},
}

var observeDuringScrape = Op{
	Name: "observe_during_scrape", Title: "Histogram.Observe while scrapes run",
	About:   aboutDuring + "n histograms of 11 buckets.",
	Workers: Writers,
	Quick:   []int{1000},
	Peers: []Peer{
		{Impl: Pawl, Make: during(histogramsPawl)},
		{Impl: Prom, Make: during(histogramsProm)},
		{Impl: PawlCompat, Make: during(histogramsCompat)},
		{Impl: Victoria, Make: during(histogramsVictoria)},
		{Impl: Otel, Make: during(histogramsOtel)},
		{Impl: Floor, Make: duringFloor(histogramsPawl)},
	},
}

func during(make func(n int) exposition) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		e, w := make(n), discard()
		scrape := func() {
			e.scrape(w)
			check(w.Flush())
		}
		scrape()
		return &measure.Latency{
			Record: func(int) func() { return inTurn(n, e.record) },
			Scrape: scrape,
		}
	}
}

// inTurn goes over n series, again and again.
func inTurn(n int, record func(i, k int)) func() {
	i, k := 0, 0
	return func() {
		record(i, k)
		if i++; i == n {
			i, k = 0, k+1
		}
	}
}

func duringFloor(make func(n int) exposition) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		return &measure.Latency{
			Record: func(int) func() {
				w := new(word[uint64])
				return func() { w.v++ }
			},
			Scrape: copier(make(n)),
		}
	}
}
