package measure

import (
	"sync/atomic"
	"time"
)

// Latency is a Subject that times single recordings while another goroutine
// scrapes without a pause. With p writers there are p+1 goroutines of ours; a
// peer may start more.
//
// Each recording stands between two readings of the clock, and so no result is
// less than what the clock costs: compare with the floor, whose recording is a
// plain increment.
type Latency struct {
	Record func(worker int) func() // returns one worker's recording
	Scrape func()

	records []func()
}

// Run scrapes iters times, and has p writers record until that is done.
func (l *Latency) Run(p, iters int) []Reading {
	for w := len(l.records); w < p; w++ {
		l.records = append(l.records, l.Record(w))
	}
	var scraped atomic.Bool
	seen := make([]*Durations, p)
	together(p+1, func(w int) {
		if w == p {
			l.scrape(iters)
			scraped.Store(true)
			return
		}
		seen[w] = timeEach(l.records[w], &scraped)
	})
	for _, d := range seen[1:] {
		seen[0].Merge(d)
	}
	return seen[0].readings()
}

func (l *Latency) scrape(times int) {
	for range times {
		l.Scrape()
	}
}

// timeEach records, and times each recording, until it is told to stop.
func timeEach(record func(), stop *atomic.Bool) *Durations {
	d := new(Durations)
	for first := true; first || !stop.Load(); first = false {
		begin := now()
		record()
		d.Add(now() - begin)
	}
	return d
}

// Units of latencies.
const (
	P50  = "ns_p50"
	P99  = "ns_p99"
	P999 = "ns_p999"
	Max  = "ns_max"
)

// readings are the quantiles that the suite reports.
func (d *Durations) readings() []Reading {
	ns := func(unit string, t time.Duration) Reading { return Reading{Unit: unit, Value: float64(t)} }
	return []Reading{
		ns(P50, d.Quantile(0.5)),
		ns(P99, d.Quantile(0.99)),
		ns(P999, d.Quantile(0.999)),
		ns(Max, d.Max()),
	}
}
