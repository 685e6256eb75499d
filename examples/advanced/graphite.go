package main

import (
	"context"
	"log"
	"time"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/graphite"
)

// sendToGraphite sends the registry to a Carbon server every ten seconds, labels as tags,
// until ctx ends. A server that is away is tried again, and gets what it has missed, as
// far as the buffer goes.
func sendToGraphite(ctx context.Context, addr string, reg *engine.Registry) {
	bridge, err := graphite.New(reg, graphite.Options{
		Addr:     addr,
		Tags:     true,
		Prefix:   "advanced",
		Interval: 10 * time.Second,
		OnError:  func(err error) { log.Print(err) },
	})
	if err == nil {
		err = bridge.Run(ctx)
	}
	if err != nil && ctx.Err() == nil {
		log.Print(err)
	}
}
