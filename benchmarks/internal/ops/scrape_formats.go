package ops

import (
	"io"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

const aboutFormats = "One scrape of n counters with three labels, as scrape_text; divided by n. VictoriaMetrics has text only. " + aboutMillion

var scrapeOpenMetrics = Op{
	Name: "scrape_openmetrics", Title: "OpenMetrics 1.0 scrape of counters, per series, every value changed",
	About: aboutFormats,
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000, 1_000_000},
	Peers: scrapesIn(encode.OpenMetrics100, expfmt.TypeOpenMetrics, acceptOpenMetrics, true),
}

var scrapeProtobuf = Op{
	Name: "scrape_protobuf", Title: "Protobuf scrape of counters, per series, every value changed",
	About: aboutFormats,
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000, 1_000_000},
	Peers: scrapesIn(encode.ProtobufDelimited, expfmt.TypeProtoDelim, acceptProtobuf, true),
}

var scrapeProtobufUnchanged = Op{
	Name: "scrape_protobuf_unchanged", Title: "Protobuf scrape of counters, per series, nothing changed",
	About: aboutFormats,
	Quick: []int{1000},
	Full:  []int{1000, 10_000, 100_000},
	Peers: scrapesIn(encode.ProtobufDelimited, expfmt.TypeProtoDelim, acceptProtobuf, false),
}

func scrapesIn(ours encode.Syntax, theirs expfmt.FormatType, accept string, change bool) []Peer {
	pawlIn := func(n int) exposition {
		e := countersPawl(n)
		e.scraper = pawlFormat{e.scraper.(pawl), engine.ExpositionOptions{Format: encode.Format{Syntax: ours}}}
		return e
	}
	return []Peer{
		{Impl: Pawl, Make: scrapes(pawlIn, change)},
		{Impl: Prom, Make: scrapes(func(n int) exposition {
			e := countersProm(n)
			e.scraper = promFormat{e.scraper.(prom), expfmt.NewFormat(theirs)}
			return e
		}, change), Most: mostProm},
		{Impl: PawlCompat, Make: scrapes(countersCompatIn(accept), change)},
		{Impl: Otel, Make: scrapes(func(n int) exposition {
			e := countersOtel(n)
			e.scraper = promFormat{e.scraper.(otel).prom, expfmt.NewFormat(theirs)}
			return e
		}, change), Most: 100_000, Quick: 10_000},
		{Impl: Floor, Make: copies(pawlIn)},
	}
}

// pawlFormat is a registry of ours, scraped in another format than text.
type pawlFormat struct {
	pawl
	opts engine.ExpositionOptions
}

func (p pawlFormat) scrape(w io.Writer) { must(p.reg.WriteExposition(w, p.opts)) }

// promFormat is the same of client_golang.
type promFormat struct {
	prom
	format expfmt.Format
}

func (p promFormat) scrape(w io.Writer) {
	enc := expfmt.NewEncoder(w, p.format)
	for _, family := range must(p.reg.Gather()) {
		check(enc.Encode(family))
	}
	if c, ok := enc.(expfmt.Closer); ok {
		check(c.Close())
	}
}
