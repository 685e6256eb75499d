// Advanced shows what to do when counting in your own code is not all: numbers that
// live elsewhere and are fetched at each scrape, families of every type, samples with
// timestamps and exemplars, other systems to send to.
//
//	cd examples/advanced && go run .
//
// and look at http://127.0.0.1:9465/metrics. Each file is one theme:
//
//	system.go       numbers of the operating system, from /proc
//	health.go       asking other services how they are
//	database.go     the size and statistics of a database file
//	application.go  families of every type, made by hand
//	samples.go      samples with timestamps, exemplars, start times
//	graphite.go     sending everything to Graphite as well
//	formats.go      one registry in OpenMetrics and in text
//
// The tests run each against the real thing: the /proc of this machine, HTTP servers
// that answer and that do not, a database on disk, a socket that takes Graphite's lines.
//
// The module is one of its own so that the database stays out of pawl's.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9465", "address to listen on")
	carbon := flag.String("graphite", "", "host:port of a Carbon server to send to as well")
	flag.Parse()
	log.SetFlags(0)
	log.SetPrefix("advanced: ")
	if err := run(*addr, *carbon); err != nil {
		log.Fatal(err)
	}
}

func run(addr, carbon string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "pawl-advanced-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := openShop(filepath.Join(dir, "shop.db"))
	if err != nil {
		return err
	}
	defer db.Close()

	reg := engine.NewRegistry()
	reg.MustRegister(&systemCollector{root: "/proc"})
	reg.MustRegister(&databaseCollector{db})
	reg.MustRegister(&applicationCollector{})
	reg.MustRegister(&samplesCollector{now: time.Now})
	reg.MustRegister(&healthCollector{
		client:   &http.Client{Timeout: 2 * time.Second},
		services: map[string]string{"itself": "http://" + addr + "/health", "nowhere": "http://127.0.0.1:1/health"},
	})
	if carbon != "" {
		go sendToGraphite(ctx, carbon, reg)
	}

	mux := http.NewServeMux()
	mux.Handle("/metrics", scrape.New(reg, scrape.Options{Timeout: 10 * time.Second}))
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "fine") })
	server := &http.Server{Addr: addr, Handler: mux}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	fmt.Printf("serving http://%s/metrics\n", addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		return err
	}
	return nil
}
