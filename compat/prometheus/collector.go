package prometheus

// Collector is what a registry registers: an instrument, a vec of them, or something of
// one's own that makes metrics in each scrape.
type Collector interface {
	// Describe sends the descriptors of all metrics that Collect may ever send, and
	// returns. It always sends the same ones; sending one twice does no harm. A
	// collector that sends none is unchecked: it is registered without any check
	// and may send what it likes. One that cannot describe itself sends what
	// [NewInvalidDesc] makes. It may be called concurrently.
	Describe(chan<- *Desc)
	// Collect sends the metrics and returns when all are sent. It is called in each scrape, by
	// several goroutines at once when scrapes overlap, and the scrape waits for it.
	Collect(chan<- Metric)
}

// DescribeByCollect is a Describe for collectors that always send the same series: it
// collects, and sends the descriptors of what comes.
//
//	func (c fans) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }
//
// A collector that has nothing to send at the time becomes an unchecked one.
func DescribeByCollect(c Collector, descs chan<- *Desc) {
	stream(c.Collect, func(m Metric) { descs <- m.Desc() })
}
