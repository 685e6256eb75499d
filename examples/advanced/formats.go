package main

import (
	"context"
	"io"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// writeBoth writes a registry in OpenMetrics and in the older text format. In OpenMetrics
// a counter's family lacks the _total that its samples have, units are stated, exemplars
// and exact timestamps have a place, and the end is marked, so that a scrape that was
// cut off is known for one. Served over HTTP, the scraper chooses: see package scrape.
func writeBoth(ctx context.Context, w io.Writer, reg *engine.Registry) error {
	for _, format := range []encode.Format{
		{Syntax: encode.OpenMetrics100, Scheme: encode.Underscores},
		{Syntax: encode.Text004, Scheme: encode.Underscores},
	} {
		if _, err := io.WriteString(w, "--- "+format.ContentType()+"\n"); err != nil {
			return err
		}
		if _, err := reg.WriteExpositionContext(ctx, w, engine.ExpositionOptions{Format: format}); err != nil {
			return err
		}
	}
	return nil
}
