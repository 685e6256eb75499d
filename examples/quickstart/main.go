// Quickstart is a small HTTP service that measures itself with pawl, and the
// clients that keep it busy. Look at http://127.0.0.1:9464/metrics while it runs.
//
//	go run ./examples/quickstart -duration 5s
//
// When it ends it scrapes itself once more and compares what the metrics say with
// what the clients did; it exits with status 1 if they differ by one request.
//
// The service is in service.go: that is the part to read first.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9464", "address to listen on")
	duration := flag.Duration("duration", 0, "how long to run; 0 means until interrupted")
	clients := flag.Int("clients", 2*runtime.GOMAXPROCS(0), "how many clients drive the service")
	flag.Parse()
	if err := run(*addr, *duration, *clients); err != nil {
		log.SetFlags(0)
		log.Fatal("quickstart: ", err)
	}
}

func run(addr string, duration time.Duration, clients int) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	service := newService()
	server := &http.Server{Handler: service}
	go server.Serve(listener)
	url := "http://" + listener.Addr().String()
	fmt.Printf("serving %s/metrics, driven by %d clients\n", url, clients)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if duration > 0 {
		ctx, stop = context.WithTimeout(ctx, duration)
		defer stop()
	}
	fleet := startFleet(ctx, url, clients)
	watch(ctx, url)
	sent := fleet.wait()
	server.Shutdown(context.Background()) // every handler has finished; its metrics are written
	return check(service, sent)
}
