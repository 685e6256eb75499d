package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// What a scrape of many samples of a collector costs, per sample: handed in whole, in
// order and not, and added one by one; and writing alone, without any check.
func BenchmarkCollector(b *testing.B) {
	const n = 100_000
	whole := &Family{Name: "many_total", Type: CounterType}
	values := make([][3]string, n)
	for i := range n {
		values[i] = [3]string{"code200", fmt.Sprintf("/path/%06d", i), "GET"}
		whole.Samples = append(whole.Samples, Sample{Value: float64(i), Labels: []Label{
			{Name: "code", Value: values[i][0]}, {Name: "path", Value: values[i][1]}, {Name: "verb", Value: values[i][2]}}})
	}
	turned := &Family{Name: "many_total", Type: CounterType}
	for i := range n {
		turned.Samples = append(turned.Samples, whole.Samples[n-1-i])
	}
	for name, f := range map[string]func(*Sink){
		"whole":    func(s *Sink) { s.Family(whole) },
		"unsorted": func(s *Sink) { s.Family(turned) },
		"added": func(s *Sink) {
			c := s.Counter("many_total", "", "code", "path", "verb")
			for i := range values {
				c.Add(float64(i), values[i][:]...)
			}
		},
	} {
		b.Run("how="+name, func(b *testing.B) {
			r := NewRegistry()
			r.MustRegister(CollectorFunc(func(_ context.Context, s *Sink) error { f(s); return nil }))
			dst := r.AppendText(nil)
			b.ReportAllocs()
			for b.Loop() {
				dst = r.AppendText(dst[:0])
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/sample")
		})
	}
	b.Run("how=unchecked", func(b *testing.B) {
		var dst []byte
		for b.Loop() {
			dst = encode.AppendFamily(dst[:0], Format{}, encode.Options{}, whole)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/sample")
	})
}
