// Package graphite sends what a Gatherer gathers to carbon, Graphite's receiver, as lines
// of text over TCP.
//
//	bridge, err := graphite.NewBridge(&graphite.Config{URL: "graphite.example.org:2003", Prefix: "shop"})
//	if err != nil { ... }
//	go bridge.Run(ctx)
//
// A metric http_requests_total{method="GET"} becomes
//
//	shop.http_requests_total.method.GET 17 1700000000
//	shop.http_requests_total;method=GET 17 1700000000     with UseTags
//
// Summaries and histograms become a line for each quantile and bucket, their labels
// among the others.
package graphite

import (
	"cmp"
	"context"
	"errors"
	"net"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// HandlerErrorHandling says what a push makes of an error in gathering.
type HandlerErrorHandling int

const (
	// ContinueOnError sends what was gathered nevertheless.
	ContinueOnError HandlerErrorHandling = iota
	// AbortOnError sends nothing, and the push returns the error.
	AbortOnError
)

// defaultInterval is both the interval and the timeout of a Config that has none.
const defaultInterval = 15 * time.Second

// Config configures a Bridge.
type Config struct {
	UseTags       bool                 // labels as tags instead of parts of the path
	URL           string               // host and port; it must be given
	Prefix        string               // comes before all paths, with a dot
	Interval      time.Duration        // between pushes of Run; 0 is 15 seconds
	Timeout       time.Duration        // of a push, from dialling on; 0 is 15 seconds
	Gatherer      prometheus.Gatherer  // nil is prometheus.DefaultGatherer
	Logger        Logger               // nil logs nothing
	ErrorHandling HandlerErrorHandling // of errors in gathering; they are logged in any case
}

// Logger is what a Bridge needs of a logger; *log.Logger has it.
type Logger interface {
	Println(v ...any)
}

// Bridge pushes to one receiver. It is immutable.
type Bridge struct{ c Config }

// NewBridge returns a Bridge. It does not connect: each push does.
func NewBridge(c *Config) (*Bridge, error) {
	if c.URL == "" {
		return nil, errors.New("missing URL")
	}
	b := &Bridge{*c}
	b.c.Interval = cmp.Or(c.Interval, defaultInterval)
	b.c.Timeout = cmp.Or(c.Timeout, defaultInterval)
	if c.Gatherer == nil {
		b.c.Gatherer = prometheus.DefaultGatherer
	}
	return b, nil
}

// Run pushes at each interval until ctx ends. Errors are logged.
func (b *Bridge) Run(ctx context.Context) {
	ticker := time.NewTicker(b.c.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := b.Push(); err != nil {
				b.log("error pushing to Graphite:", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Push gathers and sends, over a connection of its own.
func (b *Bridge) Push() error {
	families, err := b.c.Gatherer.Gather()
	if err != nil || len(families) == 0 {
		switch b.c.ErrorHandling {
		case AbortOnError:
			return err
		case ContinueOnError:
			b.log("continue on error:", err)
		default:
			panic("unrecognized error handling value")
		}
	}
	return b.send(families)
}

func (b *Bridge) send(families []*dto.MetricFamily) error {
	deadline := time.Now().Add(b.c.Timeout)
	conn, err := net.DialTimeout("tcp", b.c.URL, b.c.Timeout)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	lines, err := b.c.lines(families, model.Now())
	if err != nil {
		return err
	}
	_, err = conn.Write(lines)
	return err
}

func (b *Bridge) log(v ...any) {
	if b.c.Logger != nil {
		b.c.Logger.Println(v...)
	}
}
