package linegzip

import (
	"bytes"
	stdgzip "compress/gzip"
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// BenchmarkCompress measures every candidate on every kind of exposition. An
// operation is one of a number of bodies that differ in all values and come in
// turn: a processor learns the branches of a small body that it compresses again
// and again, which no scrape lets it do.
func BenchmarkCompress(b *testing.B) {
	for _, kind := range kinds {
		b.Run("body="+kind.name, func(b *testing.B) {
			list := variants(kind.make)
			for _, c := range contenders() {
				b.Run("impl="+c.name, func(b *testing.B) { measure(b, list, c.pack) })
			}
		})
	}
}

func measure(b *testing.B, list [][]byte, pack func(dst, body []byte) []byte) {
	var dst []byte
	lines, in, out := 0, 0, 0
	for _, body := range list {
		dst = pack(dst[:0], body) // so that memory is there
	}
	for i := 0; b.Loop(); i++ {
		body := list[i%len(list)]
		dst = pack(dst[:0], body)
		in, out = in+len(body), out+len(dst)
		if i < len(list) {
			lines += bytes.Count(body, []byte("\n"))
		}
	}
	perBody := float64(lines) / float64(min(b.N, len(list)))
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perBody, "ns/line")
	b.ReportMetric(float64(in)/float64(out), "ratio")
	b.ReportMetric(0, "ns/op")
}

var kinds = []struct {
	name string
	make func(seed uint64) []byte
}{
	{"counters1k", func(s uint64) []byte { return counters(1000, s) }},
	{"counters10k", func(s uint64) []byte { return counters(10_000, s) }},
	{"counters100k", func(s uint64) []byte { return counters(100_000, s) }},
	{"counters1M", func(s uint64) []byte { return counters(1_000_000, s) }},
	{"shuffled100k", func(s uint64) []byte { return shuffled(100_000, s) }},
	{"tenants100k", func(s uint64) []byte { return tenants(100_000, s) }},
	{"histograms5k", func(s uint64) []byte { return histograms(5000, s) }},
	{"openmetrics50k", func(s uint64) []byte { return openMetrics(50_000, s) }},
	{"page300", func(s uint64) []byte { return page(300, s) }},
	{"page30", func(s uint64) []byte { return page(30, s) }},
}

// variants makes some 4 MB of bodies, and at least one.
func variants(body func(seed uint64) []byte) (list [][]byte) {
	for size := 0; size < 4<<20; size += len(list[len(list)-1]) {
		list = append(list, body(uint64(len(list))))
	}
	return list
}

type contender struct {
	name string
	pack func(dst, body []byte) []byte
}

func contenders() []contender {
	list := []contender{{"linegzip", new(Encoder).AppendGzip}}
	for _, l := range []int{1, 2, 3, 4, 5, 6, gzip.HuffmanOnly, gzip.StatelessCompression} {
		list = append(list, contender{fmt.Sprint("klauspost", l), through(must(gzip.NewWriterLevel(nil, l)))})
	}
	for _, l := range []int{1, 6} {
		list = append(list, contender{fmt.Sprint("std", l), through(must(stdgzip.NewWriterLevel(nil, l)))})
	}
	for _, l := range []zstd.EncoderLevel{zstd.SpeedFastest, zstd.SpeedDefault, zstd.SpeedBetterCompression} {
		z := must(zstd.NewWriter(nil, zstd.WithEncoderLevel(l), zstd.WithEncoderConcurrency(1)))
		list = append(list, contender{fmt.Sprint("zstd", int(l)), func(dst, body []byte) []byte { return z.EncodeAll(body, dst) }})
	}
	return list
}

// through packs by way of a writer.
func through(w interface {
	io.WriteCloser
	Reset(io.Writer)
}) func(dst, body []byte) []byte {
	return func(dst, body []byte) []byte {
		out := bytes.NewBuffer(dst)
		w.Reset(out)
		_, _ = w.Write(body)
		_ = w.Close()
		return out.Bytes()
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
