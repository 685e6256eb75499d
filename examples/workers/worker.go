//go:build unix

package main

import (
	"context"
	"math/rand/v2"
	"os"
	"sync"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/mmap"
)

// route is the label set of the requests.
type route struct {
	Method string
	Code   int
}

// goroutines is how many goroutines of a worker record at once.
const goroutines = 2

// work is what a worker does: it opens a store in the directory, builds its registry on
// it, and records as any program does. Nothing is flushed and nothing is closed: what
// has been recorded is in the file.
func work(ctx context.Context, dir, ledgerPath string) error {
	store, err := mmap.Open(dir, mmap.Options{})
	if err != nil {
		return err
	}
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
	requests := engine.MustCounterVec[route](reg, engine.Opts{
		Name: "requests_total",
		Help: "Requests by route.",
	})
	seconds := engine.MustHistogram(reg, engine.HistogramOpts{
		Opts: engine.Opts{Name: "request_duration_seconds", Help: "How long requests took.", Unit: "seconds"},
	})
	book, err := openLedger(ledgerPath)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() { record(ctx, requests, seconds, &book.lines[g]) })
	}
	wg.Wait()
	return store.Close()
}

// record serves imaginary requests until it is told to stop, or killed. The ledger is
// written after the metric, so the metric is ahead by one operation at most.
func record(ctx context.Context, requests *engine.CounterVec[route], seconds *engine.Histogram, done *line) {
	get, post := requests.With(route{"GET", 200}), requests.With(route{"POST", 500})
	for i, parent := 0, os.Getppid(); ctx.Err() == nil; i++ {
		if i%(1<<16) == 0 && os.Getppid() != parent {
			return // whoever started this is gone
		}
		if i%4 == 0 {
			post.Inc()
			done.posts.Add(1)
		} else {
			get.Inc()
			done.gets.Add(1)
		}
		seconds.Observe(rand.ExpFloat64() / 10)
		done.observations.Add(1)
	}
}
