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

	// Select honours name[] in the query: /metrics?name[]=x_total&name[]=y_count is
	// answered with the families that have those samples, and calls the collectors
	// of no others. See engine's Registry.Only. Such scrapes are not shared.
	Select bool

	// Offer says which formats may be served. The zero value is all of them, each
	// to those who ask for it.
	Offer encode.Offer

	// CreatedSamples adds start timestamps to OpenMetrics 1.0; see
	// engine.ExpositionOptions.
	CreatedSamples bool
}

// Handler answers GET and HEAD with the exposition of a source. Its methods
// may be called concurrently.
type Handler struct {
	opts     Options
	inFlight atomic.Int64
	formats  *encode.Negotiator
	collectors
	packers
}

// New returns a handler for a registry, or for a view of one or several.
func New(src engine.Source, opts Options) *Handler {
	return &Handler{opts: opts, formats: encode.NewNegotiator(opts.Offer),
		collectors: collectors{src: src, created: opts.CreatedSamples}}
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
	c := h.choose(format, r)
	b, err := h.wait(r, c)
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

// choose returns the collector for a request.
func (h *Handler) choose(format encode.Format, r *http.Request) *collector {
	if h.opts.Select && r.URL.RawQuery != "" {
		if names := r.URL.Query()["name[]"]; len(names) > 0 {
			return h.only(format, names)
		}
	}
	return h.of(format)
}

// limit returns how long the engine's collectors have: as long as the request may
// wait and the scraper, if it is Prometheus, says that it does, less a tenth, in which
// what is there can be sent.
func (h *Handler) limit(r *http.Request) time.Duration {
	limit := h.opts.Timeout
	if asked := patience(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds")); asked > 0 && (limit == 0 || asked < limit) {
		limit = asked
	}
	return limit / 10 * 9
}

// patience reads how long a scraper waits; 0 is not known. It is taken to be a second
// at least: others may share what is collected in that time.
func patience(header string) time.Duration {
	if header == "" {
		return 0
	}
	seconds, err := strconv.ParseFloat(header, 64)
	if err != nil || !(seconds > 0 && seconds < 1e9) {
		return 0
	}
	return max(time.Second, time.Duration(seconds*float64(time.Second)))
}

// wait returns a collection that began after now.
func (h *Handler) wait(r *http.Request, c *collector) (*body, error) {
	ctx := r.Context()
	if h.opts.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.opts.Timeout)
		defer cancel()
	}
	return c.after(ctx, h.limit(r))
}

func (h *Handler) failWait(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, "Exceeded configured timeout of %v. A callback or a collector may be blocked.", h.opts.Timeout)
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
