// Package bridge lets promhttp scrape a registry of compat without going through
// protobuf messages, and without an exported method for it: the API is client_golang's
// and has no room for one.
//
// Package prometheus sets Open when it is initialised, and promhttp, which imports it,
// calls it.
package bridge

import (
	"context"
	"io"

	"github.com/pawl-metrics/pawl/encode"
)

// Scrape is one scrape of a registry: all that can fail has been done when there is one.
//
// Model. It belongs to one goroutine.
type Scrape interface {
	// Write writes the exposition in chunks and returns how many bytes those were, and the
	// first error of w. created asks for _created samples in OpenMetrics 1.0.
	Write(w io.Writer, f encode.Format, created bool) (int64, error)
	// Families returns how many families there are to be written. It reads them all, and
	// is for those who must know whether there is anything beside an error.
	Families() int
}

// Open begins a scrape of g. ok is false when g is no registry of package prometheus,
// or one that cannot be scraped in this way: then Gather it. err is what Gather
// would return beside the families; the scrape has those all the same.
var Open func(ctx context.Context, g any) (s Scrape, ok bool, err error)
