package ops

import (
	"bytes"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
)

const aboutScrape = "One scrape of n counters with three labels in text format 0.0.4, written 64 KiB at a time to nowhere; " +
	"divided by n. The floor copies the bytes of pawl's exposition in pieces of 64 KiB. " +
	"VictoriaMetrics writes no HELP and TYPE lines by default, which for one family is no matter. "

const aboutMillion = "A million are left out for client_golang: scrape_text shows them. "

var scrapeText = Op{
	Name: "scrape_text", Title: "Text scrape of counters, per series, every value changed",
	About: aboutScrape + "Between scrapes, outside the time, every counter is incremented.",
	Quick: []int{1000, 10_000},
	Full:  []int{1000, 10_000, 100_000, 1_000_000},
	Peers: counterScrapes(true),
}

var scrapeUnchanged = Op{
	Name: "scrape_text_unchanged", Title: "Text scrape of counters, per series, nothing changed",
	About: aboutScrape + "No value changes between scrapes.",
	Quick: []int{10_000},
	Full:  []int{1000, 10_000, 100_000},
	Peers: counterScrapes(false),
}

// mostProm is the most series for client_golang where scrape_text shows what a million cost:
// scraping them, and scraping them before that in the set-up, takes a minute.
const mostProm = 100_000

func counterScrapes(change bool) []Peer {
	return []Peer{
		{Impl: Pawl, Make: scrapes(countersPawl, change)},
		{Impl: Prom, Make: scrapes(countersProm, change)},
		{Impl: PawlCompat, Make: scrapes(countersCompat, change)},
		{Impl: Victoria, Make: scrapes(countersVictoria, change)},
		{Impl: Otel, Make: scrapes(countersOtel, change), Most: 100_000, Quick: 10_000},
		{Impl: Floor, Make: copies(countersPawl)},
	}
}

const aboutHistogramScrape = "As scrape_text, with n histograms of 11 buckets, which are 14 lines each; one op is one histogram. "

var scrapeHistograms = Op{
	Name: "scrape_histogram_text", Title: "Text scrape of histograms, per histogram, every one changed",
	About: aboutHistogramScrape + "Between scrapes each gets one observation.",
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000},
	Peers: histogramScrapes(true),
}

var scrapeHistogramsUnchanged = Op{
	Name: "scrape_histogram_text_unchanged", Title: "Text scrape of histograms, per histogram, nothing changed",
	About: aboutHistogramScrape + "No value changes between scrapes.",
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000},
	Peers: histogramScrapes(false),
}

func histogramScrapes(change bool) []Peer {
	return []Peer{
		{Impl: Pawl, Make: scrapes(histogramsPawl, change)},
		{Impl: Prom, Make: scrapes(histogramsProm, change)},
		{Impl: PawlCompat, Make: scrapes(histogramsCompat, change)},
		{Impl: Victoria, Make: scrapes(histogramsVictoria, change)},
		{Impl: Otel, Make: scrapes(histogramsOtel, change), Most: 10_000},
		{Impl: Floor, Make: copies(histogramsPawl)},
	}
}

// copies is the floor of a scrape: its bytes, copied piece by piece.
func copies(make func(n int) exposition) func(n int) measure.Subject {
	return func(n int) measure.Subject {
		return &measure.Steps{Per: n, Step: copier(make(n))}
	}
}

// copier scrapes once, and returns a function that copies those bytes.
func copier(e exposition) func() {
	var text bytes.Buffer
	e.scrape(&text)
	from, piece := text.Bytes(), make([]byte, 64<<10)
	return func() {
		for at := 0; at < len(from); at += len(piece) {
			copy(piece, from[at:])
		}
	}
}
