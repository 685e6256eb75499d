package main

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/benchmarks/internal/ops"
	"github.com/pawl-metrics/pawl/benchmarks/internal/suite"
)

func TestMain(m *testing.M) {
	if ops.Child() || suite.Child() {
		return
	}
	os.Exit(m.Run())
}

// Benchmark is the table of the suite for go test, in the sizes of -quick, with names
// that benchstat can pivot: op=counter_inc/impl=pawl/p=2/n=0. Here the peers are
// measured one after the other; go run . measures them in turns.
func Benchmark(b *testing.B) {
	for _, op := range ops.Table {
		for _, n := range op.Sizes(true) {
			for _, peer := range op.Peers {
				if peer.Takes(n, true) {
					benchmarkPeer(b, &op, &peer, n)
				}
			}
		}
	}
}

func benchmarkPeer(b *testing.B, op *ops.Op, peer *ops.Peer, n int) {
	for _, p := range op.Goroutines(runtime.GOMAXPROCS(0), true) {
		var subject measure.Subject
		b.Run(fmt.Sprintf("op=%s/impl=%s/p=%d/n=%d", op.Name, peer.Impl, p, n), func(b *testing.B) {
			if subject == nil {
				subject = peer.Make(n)
			}
			show(b, subject.Run(p, b.N))
			if c, ok := subject.(measure.Checker); ok && c.Check() != nil {
				b.Fatal(c.Check())
			}
		})
	}
}

// show replaces what the framework measured, which has the set-up in it.
func show(b *testing.B, readings []measure.Reading) {
	b.ReportMetric(0, "ns/op")
	for _, r := range readings {
		if r.Unit != "ns" {
			b.ReportMetric(r.Value, r.Unit)
			continue
		}
		b.ReportMetric(r.Value, "ns/op")
		b.ReportMetric(r.Allocs, "allocs/op")
		b.ReportMetric(r.Bytes, "B/op")
	}
}
