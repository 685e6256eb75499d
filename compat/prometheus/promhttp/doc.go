// Package promhttp serves metrics over HTTP, and instruments servers and clients. It has
// client_golang's API, on pawl's engine:
//
//	http.Handle("/metrics", promhttp.Handler())
//	http.Handle("/", promhttp.InstrumentHandlerCounter(requests, pages))
//	client.Transport = promhttp.InstrumentRoundTripperDuration(durations, http.DefaultTransport)
//
// # Serving
//
// A request makes one collection, whose exposition is written into memory, packed if the
// client wishes, and sent. So a slow client holds a buffer, never a collection. There
// are two roads to these bytes:
//
//	               +-- registry of ours ----------> the engine's encoders --+
//	GET /metrics --+                                                        +--> body --> gzip, zstd --> client
//	               +-- anything else, name[] --> Gather --> expfmt ---------+
//
// The short road is for a *prometheus.Registry, asked for all of its families in a format
// that the engine has: text, OpenMetrics 1.0, delimited protobuf. It makes no protobuf messages
// of what is in the engine already. Both give the same families, and what went wrong
// is known before the first byte either way.
//
// # Instrumenting
//
// InstrumentHandler... wraps an http.Handler, InstrumentRoundTripper... an
// http.RoundTripper. The vec that is given decides what is told apart: it may have
// labels "code" and "method", those that [WithLabelFromRequest] and [WithLabelFromCtx]
// give a value, and any that are curried. Others panic when the middleware is made. A
// request costs one lookup of its series, without a map of labels.
package promhttp
