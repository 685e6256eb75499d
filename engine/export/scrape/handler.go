package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// Options configures a Handler. The zero value is ready for use.
type Options struct {
	// MaxInFlight is how many requests are served at once; those beyond it get
	// status 503. Zero means no limit.
	MaxInFlight int

	// Timeout is how long a request may wait for its collection; then it gets
	// status 503. The collection goes on and serves whoever waits for it. Zero
	// means no limit but the request's own context.
	Timeout time.Duration

	// DisableCompression serves the plain text even to clients that accept gzip or zstd.
	DisableCompression bool

	// Offer says which formats may be served. The zero value is all of them, each
	// to those who ask for it.
	Offer encode.Offer

	// CreatedSamples adds start timestamps to OpenMetrics 1.0; see
	// engine.ExpositionOptions.
	CreatedSamples bool
}

// Handler answers GET and HEAD with the exposition of a registry. Its methods
// may be called concurrently.
type Handler struct {
	opts     Options
	inFlight atomic.Int64
	formats  *encode.Negotiator
	collectors
	packers
}

// New returns a handler for reg.
func New(reg *engine.Registry, opts Options) *Handler {
	return &Handler{opts: opts, formats: encode.NewNegotiator(opts.Offer),
		collectors: collectors{reg: reg, created: opts.CreatedSamples}}
}

// ServeHTTP answers with the registry as it is after the request's arrival.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "Metrics are read with GET or HEAD, not %s.", r.Method)
		return
	}
	in := h.inFlight.Add(1)
	defer h.inFlight.Add(-1)
	if limit := h.opts.MaxInFlight; limit > 0 && in > int64(limit) {
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusServiceUnavailable, "Limit of concurrent requests reached (%d), try again later.", limit)
		return
	}
	h.serve(w, r)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) {
	format := h.formats.Negotiate(r.Header.Values("Accept"))
	header, coding := w.Header(), identity
	header.Add("Vary", h.vary())
	if !h.opts.DisableCompression {
		coding = negotiate(r.Header.Values("Accept-Encoding"))
	}
	if r.Method == http.MethodHead {
		describe(header, format, coding)
		return
	}
	c := h.of(format)
	b, err := h.wait(r.Context(), c)
	if err != nil {
		h.failWait(w, err)
		return
	}
	defer c.release(b)
	bytes := h.packed(b, coding)
	describe(header, format, coding)
	header.Set("Content-Length", strconv.Itoa(len(bytes)))
	// An error here means that the client has gone; there is nobody to tell.
	_, _ = w.Write(bytes)
}

// vary names the request headers on which the answer depends.
func (h *Handler) vary() string {
	if h.opts.DisableCompression {
		return "Accept"
	}
	return "Accept, Accept-Encoding"
}

// wait returns a collection that began after now.
func (h *Handler) wait(ctx context.Context, c *collector) (*body, error) {
	if h.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.opts.Timeout)
		defer cancel()
	}
	return c.after(ctx)
}

func (h *Handler) failWait(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, "Exceeded configured timeout of %v. A callback metric may be blocked.", h.opts.Timeout)
	case errors.Is(err, context.Canceled):
		fail(w, http.StatusServiceUnavailable, "The request was cancelled.")
	default:
		fail(w, http.StatusInternalServerError, "Collecting the metrics failed: %v.", err)
	}
}

func describe(header http.Header, format encode.Format, c coding) {
	header.Set("Content-Type", format.ContentType())
	if c != identity {
		header.Set("Content-Encoding", c.String())
	}
}

// fail answers with one sentence for a person. It is not an exposition, and its
// status tells a scraper so.
func fail(w http.ResponseWriter, status int, format string, args ...any) {
	http.Error(w, fmt.Sprintf(format, args...), status)
}
