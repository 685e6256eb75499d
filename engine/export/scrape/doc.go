// Package scrape serves a registry to Prometheus over HTTP.
//
//	http.Handle("/metrics", scrape.New(reg, scrape.Options{}))
//
// # Formats
//
// A scraper's Accept headers decide: text, OpenMetrics or protobuf, and how names are
// spelled that not every scraper can read. Who says nothing gets text format 0.0.4.
// docs/formats.md has the table; [Options] can narrow the choice.
//
// # What a scrape costs
//
// A collection renders the whole registry into one buffer, which is kept for the
// next. The bytes are compressed from there when the scraper asks for it, and
// sent with their length. So a slow client holds a buffer, never a collection,
// and a collection that fails can still be answered with an error.
//
// # Concurrent scrapes
//
// At most one collection in a format runs at a time. A scrape that arrives while one is
// running does not join it, because it might miss what its own client recorded
// before asking; it waits for the next, and so do all that arrive meanwhile:
//
//	scrape A   |--collect 1--|                     1 began after A arrived
//	scrape B       |.........|--collect 2--|       so did 2 after B, C and D,
//	scrape C          |......|             |       which share it
//	scrape D            |....|             |
//
// However many scrapers there are, no one waits for more than two collections. Those
// that share one share its compressed bytes too.
//
// Collectors of the engine are told when the time of the scrape that made them run is
// up; what has not come back by then is left out, and the rest is sent.
//
// # Compression
//
// Of gzip, zstd and plain text a scraper gets what its Accept-Encoding headers prefer;
// Prometheus asks for gzip. Package linegzip makes it, in 0.6 to 0.9 of the time of
// klauspost's gzip at level 1, which was here before: 0.61 for 100,000 counters, at a
// ratio of 10.5 in place of 9.9; its table has more. zstd at klauspost's fastest level
// costs 2.1 times as much as that, at a ratio of 10.2: it is for clients that name it.
package scrape
