package promhttp

import (
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// HandlerErrorHandling says what a handler does about errors.
type HandlerErrorHandling int

// What a handler does about errors. All are logged and counted first, see
// [HandlerOpts].
const (
	// HTTPErrorOnError answers with status 500 and the text of the error when gathering
	// fails, though some metrics could be served. When a family cannot be encoded the
	// body ends before it.
	HTTPErrorOnError HandlerErrorHandling = iota

	// ContinueOnError serves what there is, and answers with status 500 only if that is
	// nothing. Scrapers then do not learn of errors: watch ErrorLog, or the counter that
	// Registry gets.
	ContinueOnError

	// PanicOnError panics with the error.
	PanicOnError
)

// Logger is what a handler needs of a logger. A *log.Logger is one.
type Logger interface {
	Println(v ...any)
}

// HandlerOpts configures a handler of metrics. The zero value is ready for use.
type HandlerOpts struct {
	// ErrorLog is told of errors in gathering and sending, as a sentence and an error.
	// The latter often is a prometheus.MultiError, whose text has several lines. Nil logs
	// nothing.
	ErrorLog Logger

	// ErrorHandling says what else is done about errors.
	ErrorHandling HandlerErrorHandling

	// Registry gets the counter promhttp_metric_handler_errors_total, of errors in
	// "gathering" and "encoding", if it does not have it already. The handler is not made, but
	// panics, if the registration fails. Nil counts nothing.
	Registry prometheus.Registerer

	// DisableCompression serves plain bodies only, whatever is offered and asked for.
	DisableCompression bool

	// OfferedCompressions are the codings that clients may choose from, the preferred one
	// first. Empty means Identity, Gzip and, with package zstd imported, Zstd. A
	// client that accepts none, or one that there is no code for, gets a plain body, and
	// ErrorLog is told.
	OfferedCompressions []Compression

	// MaxRequestsInFlight is how many requests are served at once. Those beyond it get
	// status 503. Zero or less means no limit.
	MaxRequestsInFlight int

	// CoalesceGather lets a request that arrives while a collection runs have the result of that
	// one, so that only one runs at a time, or one for each format on the short road: if
	// scrapes are more frequent than collectors are fast, they do not pile up. What a
	// request gets may have been read shortly before it arrived.
	//
	// Timeout does not end a collection: requests that share one and run out of time count
	// as in flight until it is finished. A gatherer that panics panics in the request that called
	// it; those that share the call get an error.
	CoalesceGather bool

	// Timeout is after how long a request is answered with status 503, if nothing has been
	// sent. Its collection goes on all the same. Zero or less means no limit.
	Timeout time.Duration

	// EnableOpenMetrics offers OpenMetrics, which Prometheus prefers, and which alone among the
	// text formats has exemplars. Values of the labels "le" and "quantile" that are whole numbers
	// are written with ".0" there, which makes them other series.
	//
	// AcceptedFormats overrides it.
	EnableOpenMetrics bool

	// EnableOpenMetricsTextCreatedSamples adds start timestamps to OpenMetrics 1.0, as samples
	// with the suffix _created for counters, histograms and summaries. Prometheus
	// takes each for a series of its own, unless told otherwise by its feature flag
	// created-timestamp-zero-ingestion.
	EnableOpenMetricsTextCreatedSamples bool

	// ProcessStartTime, unless zero, is sent with each answer in the header
	// Process-Start-Time-Unix, in seconds since 1970.
	ProcessStartTime time.Time

	// AcceptedFormats are the formats that clients may choose from, the preferred one first.
	// Empty means expfmt.DefaultAcceptedFormats, or expfmt.DefaultOpenMetricsAcceptedFormats
	// with EnableOpenMetrics.
	AcceptedFormats []expfmt.Format
}

// accepted returns the formats that clients may choose from, the handler's own copy.
func (o *HandlerOpts) accepted() []expfmt.Format {
	switch {
	case len(o.AcceptedFormats) > 0:
		return append([]expfmt.Format(nil), o.AcceptedFormats...)
	case o.EnableOpenMetrics:
		return expfmt.DefaultOpenMetricsAcceptedFormats()
	}
	return expfmt.DefaultAcceptedFormats()
}

// offered returns the codings that clients may choose from. None: bodies are plain, and
// do not depend on what clients accept.
func (o *HandlerOpts) offered() []Compression {
	switch {
	case o.DisableCompression:
		return nil
	case len(o.OfferedCompressions) > 0:
		return append([]Compression(nil), o.OfferedCompressions...)
	}
	return defaultCompressions()
}
