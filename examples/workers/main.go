//go:build unix

// Workers is a parent with worker processes that record into one directory and are
// killed while they do, without warning, again and again. All along, one scrape after
// another shows them merged; at the end every count is compared with what the workers
// had done.
//
//	go run ./examples/workers -duration 10s
//
// It exits with status 1 when a single operation was lost, or one was counted that
// nobody did, or a counter went backwards in any scrape.
//
// worker.go is what a process of your own would do: that is the part to read first.
// parent.go kills, restarts and scrapes; ledger.go is how the parent knows what each
// worker had done at the instant of its death.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "", "directory to record in; one in memory is made when none is given")
	duration := flag.Duration("duration", 10*time.Second, "how long to run")
	workers := flag.Int("workers", 4, "how many workers run at a time")
	life := flag.Duration("life", 300*time.Millisecond, "how long a worker lives, about")
	ledgerPath := flag.String("ledger", "", "internal: be a worker, and write down here what was done")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *ledgerPath != "" {
		log.SetPrefix(fmt.Sprintf("worker %d: ", os.Getpid()))
		if err := work(ctx, *dir, *ledgerPath); err != nil {
			log.Fatal(err)
		}
		return
	}
	log.SetPrefix("workers: ")
	p := parent{workers: *workers, life: *life}
	if err := p.run(ctx, *dir, *duration); err != nil {
		log.Fatal(err)
	}
}
