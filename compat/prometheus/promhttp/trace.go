package promhttp

import (
	"crypto/tls"
	"net/http"
	"net/http/httptrace"
	"time"
)

// InstrumentTrace has functions that are called as a request goes through its steps, with
// the seconds since its beginning. They may be nil. Connections and handshakes that fail, and
// connections that are not kept, are not reported. The functions may be called concurrently,
// for one request too.
type InstrumentTrace struct {
	GotConn              func(float64) // there is a connection
	PutIdleConn          func(float64) // it was put back for other requests
	GotFirstResponseByte func(float64)
	Got100Continue       func(float64)
	DNSStart             func(float64)
	DNSDone              func(float64)
	ConnectStart         func(float64)
	ConnectDone          func(float64)
	TLSHandshakeStart    func(float64)
	TLSHandshakeDone     func(float64)
	WroteHeaders         func(float64)
	Wait100Continue      func(float64)
	WroteRequest         func(float64)
}

// InstrumentRoundTripperTrace reports the steps of requests. Of the requests that follow a
// redirect each is one of its own. Functions of an httptrace in the request's context are
// called as well.
func InstrumentRoundTripperTrace(it *InstrumentTrace, next http.RoundTripper) RoundTripperFunc {
	return func(r *http.Request) (*http.Response, error) {
		ctx := httptrace.WithClientTrace(r.Context(), it.from(time.Now()))
		return next.RoundTrip(r.WithContext(ctx))
	}
}

// from returns the hooks for a request that began at a time. Steps that nobody wants to know
// of have none.
func (it *InstrumentTrace) from(began time.Time) *httptrace.ClientTrace {
	tell := func(f func(float64)) { f(time.Since(began).Seconds()) }
	unless := func(err error, f func(float64)) {
		if err == nil {
			tell(f)
		}
	}
	plain := func(f func(float64)) func() {
		if f == nil {
			return nil
		}
		return func() { tell(f) }
	}
	t := &httptrace.ClientTrace{
		GotFirstResponseByte: plain(it.GotFirstResponseByte),
		TLSHandshakeStart:    plain(it.TLSHandshakeStart),
		WroteHeaders:         plain(it.WroteHeaders),
		Wait100Continue:      plain(it.Wait100Continue),
		Got100Continue:       plain(it.Got100Continue),
	}
	if f := it.GotConn; f != nil {
		t.GotConn = func(httptrace.GotConnInfo) { tell(f) }
	}
	if f := it.PutIdleConn; f != nil {
		t.PutIdleConn = func(err error) { unless(err, f) }
	}
	if f := it.DNSStart; f != nil {
		t.DNSStart = func(httptrace.DNSStartInfo) { tell(f) }
	}
	if f := it.DNSDone; f != nil {
		t.DNSDone = func(httptrace.DNSDoneInfo) { tell(f) }
	}
	if f := it.ConnectStart; f != nil {
		t.ConnectStart = func(string, string) { tell(f) }
	}
	if f := it.ConnectDone; f != nil {
		t.ConnectDone = func(_, _ string, err error) { unless(err, f) }
	}
	if f := it.TLSHandshakeDone; f != nil {
		t.TLSHandshakeDone = func(_ tls.ConnectionState, err error) { unless(err, f) }
	}
	if f := it.WroteRequest; f != nil {
		t.WroteRequest = func(httptrace.WroteRequestInfo) { tell(f) }
	}
	return t
}
