package prometheus

import "testing"

// BenchmarkDefaultCollectors is what the collectors of the default registry cost a scrape.
func BenchmarkDefaultCollectors(b *testing.B) {
	for name, c := range map[string]Collector{"go": NewGoCollector(), "process": NewProcessCollector(ProcessCollectorOpts{})} {
		b.Run("collector="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ch := make(chan Metric)
				go func() { c.Collect(ch); close(ch) }()
				for range ch {
				}
			}
		})
	}
}
