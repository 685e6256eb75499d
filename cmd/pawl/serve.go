package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/pawl-metrics/pawl/mmap"
)

// serve runs an exporter until it is interrupted.
func serve(c *command, args []string, out, log io.Writer) error {
	f := c.flags(log)
	dir := f.String("dir", "", "directory that the processes record in")
	listen := f.String("listen", "127.0.0.1:9464", "address to listen on")
	fold := f.Int("fold", 0, "fold when so many files of dead processes lie there; 0 is the default of package mmap, -1 never")
	rest, err := parse(f, args)
	if err == nil {
		err = c.directory(log, *dir, rest)
	}
	if err != nil {
		return err
	}
	handler, err := newExporter(*dir, mmap.CollectorOptions{FoldAfter: *fold})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "serving %s on http://%s/metrics\n", *dir, listener.Addr())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return serveUntil(ctx, listener, handler)
}

// serveUntil serves until ctx ends, and lets scrapes that run then finish.
func serveUntil(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(late)
}

// newExporter returns what answers on /metrics, on /-/healthy, and with a page for
// people everywhere else.
func newExporter(dir string, o mmap.CollectorOptions) (http.Handler, error) {
	h := &health{dir: dir, problems: make(map[string]string)}
	o.OnError = h.note
	collector, err := mmap.NewCollector(dir, o)
	if err != nil {
		return nil, err
	}
	h.reg = engine.NewRegistry()
	if err := h.reg.Register(collector); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", scrape.New(h.reg, scrape.Options{}))
	mux.Handle("/-/healthy", h)
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, page)
	})
	return mux, nil
}

const page = `<!DOCTYPE html>
<title>pawl</title>
<h1>pawl</h1>
<p>The metrics of many processes, merged: <a href="/metrics">metrics</a>, <a href="/-/healthy">health</a>.</p>
`
