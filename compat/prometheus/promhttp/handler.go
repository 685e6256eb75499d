package promhttp

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// Handler returns a handler for what prometheus.DefaultGatherer gathers, with default
// options and instrumented by [InstrumentMetricHandler] with prometheus.DefaultRegisterer.
// Several such handlers share the metrics about themselves. name[] in the query selects
// families, as for [HandlerFor].
func Handler() http.Handler {
	return InstrumentMetricHandler(prometheus.DefaultRegisterer, HandlerFor(prometheus.DefaultGatherer, HandlerOpts{}))
}

// HandlerFor returns a handler for what a gatherer gathers. Parameters called name[] in
// the query of a request, any number of them, select the families of these names:
//
//	/metrics?name[]=http_requests_total&name[]=up
//
// Everything is gathered all the same.
func HandlerFor(reg prometheus.Gatherer, opts HandlerOpts) http.Handler {
	return newHandler(reg, prometheus.ToTransactionalGatherer(reg), opts)
}

// HandlerForTransactional is HandlerFor for a gatherer that wants to be told when its
// families are no longer read. That is when they are encoded, not when they are
// sent.
func HandlerForTransactional(reg prometheus.TransactionalGatherer, opts HandlerOpts) http.Handler {
	return newHandler(reg, reg, opts)
}

// handler serves the metrics of a gatherer.
//
// Model. Fields are set when it is made. What changes later, spare bodies and collections
// that are shared, looks after itself. ServeHTTP may be called concurrently.
type handler struct {
	opts    HandlerOpts
	began   string        // value of Process-Start-Time-Unix, or empty
	slots   chan struct{} // holds a token for each request being served; nil: no limit
	codings []Compression
	formats formats
	reports reports
	bodies  spares
	gather  prometheus.TransactionalGatherer
	short   shortRoad
}

func newHandler(source any, gather prometheus.TransactionalGatherer, opts HandlerOpts) http.Handler {
	h := &handler{opts: opts, codings: opts.offered(), gather: gather}
	h.formats.accepted = opts.accepted()
	h.reports = newReports(opts.ErrorLog, opts.Registry)
	h.short = shortRoad{source: source, opts: &h.opts, bodies: &h.bodies}
	if opts.CoalesceGather {
		h.gather = &coalescer{gatherer: gather}
	}
	if !opts.ProcessStartTime.IsZero() {
		h.began = strconv.FormatInt(opts.ProcessStartTime.Unix(), 10)
	}
	if opts.MaxRequestsInFlight > 0 {
		h.slots = make(chan struct{}, opts.MaxRequestsInFlight)
	}
	if opts.Timeout > 0 {
		return http.TimeoutHandler(h, opts.Timeout, fmt.Sprintf("Exceeded configured timeout of %v.\n", opts.Timeout))
	}
	return h
}

// ServeHTTP answers a request, whatever its method.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.began != "" {
		w.Header().Set("Process-Start-Time-Unix", h.began)
	}
	if h.slots != nil {
		select {
		case h.slots <- struct{}{}:
			defer func() { <-h.slots }()
		default:
			http.Error(w, fmt.Sprintf("Limit of concurrent requests reached (%d), try again later.", h.opts.MaxRequestsInFlight),
				http.StatusServiceUnavailable)
			return
		}
	}
	h.serve(w, r)
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	wanted, agreed := namesIn(r), h.formats.agree(r.Header)
	if wanted == nil && h.serveShort(w, r, agreed) {
		return
	}
	b := h.bodies.take()
	defer h.bodies.put(b)
	if h.encode(b, w, agreed.format, wanted) {
		h.send(w, r, b)
	}
}

// namesIn returns the names that a request selects; nil is everything. Requests made by
// hand may have no URL.
func namesIn(r *http.Request) map[string]bool {
	if r.URL == nil || r.URL.RawQuery == "" {
		return nil
	}
	names := r.URL.Query()["name[]"]
	if len(names) == 0 {
		return nil
	}
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	return wanted
}

// serveShort serves by the short road; false says that it is closed, and that nothing has been
// done.
func (h *handler) serveShort(w http.ResponseWriter, r *http.Request, a agreed) bool {
	if !a.short {
		return false
	}
	b, release, ok := h.short.render(r.Context(), a.engine)
	if !ok {
		return false
	}
	defer release()
	if h.mayServe(w, b.err, b.families) {
		h.announce(w, a.format)
		h.send(w, r, b)
	}
	return true
}

// encode gathers and writes into b; false says that the request has been answered with
// an error.
func (h *handler) encode(b *body, w http.ResponseWriter, f expfmt.Format, wanted map[string]bool) bool {
	families, done, err := h.gather.Gather()
	defer done()
	if !h.mayServe(w, err, len(families)) {
		return false
	}
	h.announce(w, f)
	encoder := expfmt.NewEncoder(b, f, h.encoding()...)
	for _, family := range families {
		if wanted != nil && !wanted[family.GetName()] {
			continue
		}
		if h.mustStop(encoder.Encode(family)) {
			return true
		}
	}
	if c, ok := encoder.(expfmt.Closer); ok {
		h.mustStop(c.Close())
	}
	return true
}

func (h *handler) encoding() []expfmt.EncoderOption {
	if h.opts.EnableOpenMetricsTextCreatedSamples {
		return []expfmt.EncoderOption{expfmt.WithCreatedLines()}
	}
	return nil
}

// mayServe says whether to serve what was gathered beside an error. If not, it has answered.
func (h *handler) mayServe(w http.ResponseWriter, err error, families int) bool {
	if err == nil {
		return true
	}
	h.reports.gathering(err)
	switch mode := h.opts.ErrorHandling; {
	case mode == PanicOnError:
		panic(err)
	case mode == HTTPErrorOnError, mode == ContinueOnError && families == 0:
		w.Header().Del("Content-Encoding")
		http.Error(w, "An error has occurred while serving metrics:\n\n"+err.Error(), http.StatusInternalServerError)
		return false
	}
	return true
}

// mustStop reports an error in encoding or sending, if there is one, and says whether what
// comes behind is left out.
func (h *handler) mustStop(err error) bool {
	if err == nil {
		return false
	}
	h.reports.encoding(err)
	if h.opts.ErrorHandling == PanicOnError {
		panic(err)
	}
	return h.opts.ErrorHandling == HTTPErrorOnError
}

// announce says in what format the answer will be. Whoever recovers from a panic of the
// encoder finds that said.
func (h *handler) announce(w http.ResponseWriter, f expfmt.Format) {
	header := w.Header()
	header.Add("Vary", "Accept")
	if len(h.codings) > 0 {
		header.Add("Vary", "Accept-Encoding")
	}
	header.Set("Content-Type", string(f))
}

// send answers with a body.
func (h *handler) send(w http.ResponseWriter, r *http.Request, b *body) {
	coding := h.coding(r)
	if coding != Identity {
		w.Header().Set("Content-Encoding", string(coding))
	}
	if bytes := b.packed(coding); len(bytes) > 0 {
		_, err := w.Write(bytes)
		h.mustStop(err)
	}
}

// coding returns the coding that a request is answered in.
func (h *handler) coding(r *http.Request) Compression {
	if len(h.codings) == 0 {
		return Identity
	}
	c := negotiate(r.Header["Accept-Encoding"], h.codings)
	if !c.available() {
		h.reports.say("error getting writer", fmt.Errorf("content compression format not recognized: %s. Valid formats are: %s", c, defaultCompressions()))
		return Identity
	}
	return c
}
