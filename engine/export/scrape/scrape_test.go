package scrape

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

func get(h http.Handler, method string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/metrics", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestGet(t *testing.T) {
	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "a_total"}).Add(7)
	w := get(New(reg, Options{}), "GET")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "\na_total 7\n") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for key, want := range map[string]string{
		"Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Vary": "Accept, Accept-Encoding",
		"Content-Encoding": "", "Content-Length": fmt.Sprint(w.Body.Len()),
	} {
		if got := w.Header().Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
}

// A HEAD request gets the headers and no body, and collects nothing.
func TestHead(t *testing.T) {
	reg := engine.NewRegistry()
	var collected atomic.Int64
	engine.MustGaugeFunc(reg, engine.Opts{Name: "g"}, func() float64 { return float64(collected.Add(1)) })
	w := get(New(reg, Options{}), "HEAD", "Accept-Encoding", "gzip")
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Type") != (encode.Format{}).ContentType() {
		t.Errorf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	if collected.Load() != 0 {
		t.Error("HEAD collected")
	}
}

func TestOtherMethods(t *testing.T) {
	h := New(engine.NewRegistry(), Options{})
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		w := get(h, method)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" || !strings.Contains(w.Body.String(), method) {
			t.Errorf("%s: %d %v %s", method, w.Code, w.Header(), w.Body)
		}
	}
}

// unpack reads the bytes of an answer the way its header says.
func unpack(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var r io.Reader = w.Body
	var err error
	switch w.Header().Get("Content-Encoding") {
	case "gzip":
		r, err = gzip.NewReader(r)
	case "zstd":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCompression(t *testing.T) {
	for _, coding := range []string{"gzip", "zstd"} {
		t.Run(coding, func(t *testing.T) { testCompression(t, coding) })
	}
}

func testCompression(t *testing.T, coding string) {
	reg := engine.NewRegistry()
	v := engine.MustStringCounterVec(reg, engine.Opts{Name: "a_total"}, "x")
	h := New(reg, Options{})
	// Several rounds, so that buffers and compressors are used again.
	for round := range 5 {
		for i := range 1000 * (5 - round) {
			v.With(fmt.Sprint(i)).Inc()
		}
		plain, packed := get(h, "GET"), get(h, "GET", "Accept-Encoding", "deflate, "+coding)
		size := packed.Body.Len()
		for key, want := range map[string]string{"Content-Encoding": coding, "Vary": "Accept, Accept-Encoding", "Content-Length": fmt.Sprint(size)} {
			if got := packed.Header().Get(key); got != want {
				t.Fatalf("%s: %q, want %q", key, got, want)
			}
		}
		if size > plain.Body.Len()/4 {
			t.Errorf("%d bytes compressed to %d", plain.Body.Len(), size)
		}
		if !bytes.Equal(unpack(t, packed), plain.Body.Bytes()) {
			t.Error("the compressed body is another than the plain one")
		}
	}
	off := get(New(reg, Options{DisableCompression: true}), "GET", "Accept-Encoding", coding)
	if off.Header().Get("Content-Encoding") != "" || off.Header().Get("Vary") != "Accept" {
		t.Errorf("compression is disabled: %v", off.Header())
	}
}

// An empty exposition is a valid stream in every coding.
func TestEmptyExposition(t *testing.T) {
	for _, coding := range []string{"", "gzip", "zstd"} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Encoding", coding)
		packed := new(packers).packed(new(body), negotiate([]string{coding}))
		_, _ = w.Write(packed)
		if got := unpack(t, w); len(got) != 0 || coding != "" && len(packed) == 0 {
			t.Errorf("%s: %q from %q", coding, got, packed)
		}
	}
}

// Prometheus asks for gzip alone; zstd is for those that name it.
func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		headers []string
		want    coding
	}{
		{nil, identity}, {[]string{""}, identity}, {[]string{"gzip"}, gzipped}, {[]string{"GZIP"}, gzipped},
		{[]string{"x-gzip"}, gzipped}, {[]string{"identity"}, identity}, {[]string{"*"}, identity},
		{[]string{"gzip;q=0"}, identity}, {[]string{"gzip;q=0.0"}, identity}, {[]string{"gzip; q=0.5"}, gzipped},
		{[]string{"gzip;q=0.5, identity"}, identity}, {[]string{"gzip;q=0.5, identity;q=0.5"}, gzipped},
		{[]string{"identity;q=0, gzip;q=0.1"}, gzipped}, {[]string{"deflate", "gzip"}, gzipped},
		{[]string{"deflate, br"}, identity}, {[]string{"gzip;q=x"}, identity},
		{[]string{"gzip;q=2"}, identity}, {[]string{"gzip;q=-1"}, identity}, {[]string{"gzip;q=NaN"}, identity},
		{[]string{"gzipped"}, identity}, {[]string{";;;,,,=;q"}, identity}, {[]string{"gzip;foo=bar;Q=1"}, gzipped},

		{[]string{"zstd"}, zstandard}, {[]string{"ZSTD;q=0.001"}, zstandard}, {[]string{"zstd;q=0"}, identity},
		{[]string{"zstd,gzip"}, gzipped}, {[]string{"gzip", "zstd"}, gzipped}, {[]string{"gzip, deflate, br, zstd"}, gzipped},
		{[]string{"zstd;q=0.5, gzip"}, gzipped}, {[]string{"gzip;q=0.4, zstd;q=0.5"}, zstandard},
		{[]string{"zstd;q=0, gzip;q=0.1"}, gzipped}, {[]string{"gzip, *"}, gzipped}, {[]string{"*;q=1, gzip;q=0.1"}, gzipped},
		{[]string{"zstd;q=0.9, gzip;q=0.8, identity"}, identity}, {[]string{"zstdx, gzip;q=0.2"}, gzipped},
		{[]string{"identity;q=0"}, identity}, {[]string{"*;q=0"}, identity},
	} {
		if got := negotiate(c.headers); got != c.want {
			t.Errorf("%q: %v, want %v", c.headers, got, c.want)
		}
	}
}

// Once memory is there, a scrape allocates what it takes to put strings into a
// header, and nothing to collect and compress, however many series there are.
func TestAllocations(t *testing.T) {
	if raced {
		t.Skip("the race detector allocates")
	}
	reg := engine.NewRegistry()
	v := engine.MustStringCounterVec(reg, engine.Opts{Name: "a_total"}, "x")
	for i := range 5000 {
		v.With(fmt.Sprint(i)).Add(uint64(i))
	}
	for accept, want := range map[string]float64{"": headerAllocs, "gzip": headerAllocs + 1, "zstd": headerAllocs + 1} {
		h := New(reg, Options{})
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Accept-Encoding", accept)
		w := &nowhere{header: http.Header{}}
		scrape := func() {
			clear(w.header)
			h.ServeHTTP(w, r)
		}
		scrape()
		if n := testing.AllocsPerRun(50, scrape); n != want {
			t.Errorf("%q: %v allocations, want %v", accept, n, want)
		}
		if w.header.Get("Content-Encoding") != accept || w.size == 0 {
			t.Errorf("%q: %v, %d bytes", accept, w.header, w.size)
		}
	}
}

// headerAllocs are one for each of Vary, Content-Type and Content-Length, and the
// digits of the length.
const headerAllocs = 4

type nowhere struct {
	header http.Header
	size   int
}

func (w *nowhere) Header() http.Header { return w.header }
func (w *nowhere) WriteHeader(int)     {}
func (w *nowhere) Write(b []byte) (int, error) {
	w.size += len(b)
	return len(b), nil
}

// blocker is a registry whose collections wait until they are let go.
type blocker struct {
	reg     *engine.Registry
	entered chan struct{}
	free    chan struct{}
	runs    atomic.Int64
}

func newBlocker() *blocker {
	b := &blocker{reg: engine.NewRegistry(), entered: make(chan struct{}, 100), free: make(chan struct{})}
	engine.MustGaugeFunc(b.reg, engine.Opts{Name: "blocked"}, func() float64 {
		b.entered <- struct{}{}
		<-b.free
		return float64(b.runs.Add(1))
	})
	return b
}

// Scrapes that come while a collection runs share the next one.
func TestLateComersShareTheNextCollection(t *testing.T) {
	b := newBlocker()
	c := engine.MustCounter(b.reg, engine.Opts{Name: "z_total"})
	h := New(b.reg, Options{})
	var all sync.WaitGroup
	all.Go(func() { get(h, "GET") })
	<-b.entered
	c.Inc() // the running collection may have passed this; none below may
	const late = 20
	for range late {
		all.Go(func() {
			w := get(h, "GET")
			if !strings.Contains(w.Body.String(), "z_total 1\n") || !strings.Contains(w.Body.String(), "blocked 2\n") {
				t.Errorf("shared the wrong collection:\n%s", w.Body)
			}
		})
	}
	for h.inFlight.Load() < late+1 {
		time.Sleep(time.Millisecond)
	}
	close(b.free)
	all.Wait()
	if n := b.runs.Load(); n != 2 {
		t.Errorf("%d collections for %d scrapes, want 2", n, late+1)
	}
}

// Every client sees what it recorded itself before it asked.
func TestStressScrapeSeesItsOwnIncrements(t *testing.T) {
	reg := engine.NewRegistry()
	v := engine.MustStringCounterVec(reg, engine.Opts{Name: "a_total"}, "client")
	h := New(reg, Options{})
	var all sync.WaitGroup
	for client := range 8 {
		all.Go(func() {
			name := fmt.Sprint(client)
			for i := 1; i <= 200; i++ {
				v.With(name).Inc()
				want := fmt.Sprintf("a_total{client=%q} %d\n", name, i)
				if w := get(h, "GET"); !strings.Contains(w.Body.String(), want) {
					t.Errorf("no %sin\n%s", want, w.Body)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestMaxInFlight(t *testing.T) {
	b := newBlocker()
	h := New(b.reg, Options{MaxInFlight: 2})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			if w := get(h, "GET"); w.Code != 200 {
				t.Errorf("within the limit: %d", w.Code)
			}
		})
	}
	for h.inFlight.Load() < 2 {
		time.Sleep(time.Millisecond)
	}
	w := get(h, "GET")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Limit of concurrent requests reached (2)") {
		t.Errorf("past the limit: %d %v %s", w.Code, w.Header(), w.Body)
	}
	close(b.free)
	all.Wait()
	if w := get(h, "GET"); w.Code != 200 {
		t.Errorf("after the others: %d", w.Code)
	}
}

// A blocked callback costs the scrapes that wait for it, one at a time, and
// nothing once it is free.
func TestTimeout(t *testing.T) {
	b := newBlocker()
	h := New(b.reg, Options{Timeout: 20 * time.Millisecond})
	for range 3 {
		w := get(h, "GET")
		if w.Code != 503 || !strings.Contains(w.Body.String(), "timeout of 20ms") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	close(b.free)
	w := get(New(b.reg, Options{}), "GET")
	if w.Code != 200 {
		t.Errorf("after the block: %d %s", w.Code, w.Body)
	}
	if n := len(b.entered); n > 2 {
		t.Errorf("%d collections were begun behind a blocked one", n)
	}
}

func TestCancelledRequest(t *testing.T) {
	b := newBlocker()
	defer close(b.free)
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/", nil).WithContext(ctx)
	w := httptest.NewRecorder()
	go func() { <-b.entered; cancel() }()
	New(b.reg, Options{}).ServeHTTP(w, r)
	if w.Code != 503 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A slow client keeps its buffer; others get other ones, and each its own bytes.
func TestSlowClientHoldsNobodyUp(t *testing.T) {
	reg := engine.NewRegistry()
	c := engine.MustCounter(reg, engine.Opts{Name: "a_total"})
	h := New(reg, Options{})
	slow := &slowWriter{header: http.Header{}, reached: make(chan struct{}), free: make(chan struct{})}
	var all sync.WaitGroup
	all.Go(func() { h.ServeHTTP(slow, httptest.NewRequest("GET", "/", nil)) })
	<-slow.reached
	for i := 1; i <= 10; i++ {
		c.Inc()
		if w := get(h, "GET"); !strings.Contains(w.Body.String(), fmt.Sprintf("a_total %d\n", i)) {
			t.Errorf("scrape %d: %s", i, w.Body)
		}
	}
	close(slow.free)
	all.Wait()
	if !strings.Contains(slow.body.String(), "a_total 0\n") {
		t.Errorf("the slow client's bytes changed under it:\n%s", slow.body.String())
	}
}

type slowWriter struct {
	header        http.Header
	reached, free chan struct{}
	body          bytes.Buffer
}

func (w *slowWriter) Header() http.Header { return w.header }
func (w *slowWriter) WriteHeader(int)     {}
func (w *slowWriter) Write(b []byte) (int, error) {
	close(w.reached)
	<-w.free
	return w.body.Write(b)
}

// What panics while rendering is an error page, not the end of the process.
func TestRenderPanic(t *testing.T) {
	h := New(nil, Options{}) // no registry: AppendText panics
	w := get(h, "GET")
	if w.Code != 500 || !strings.Contains(w.Body.String(), "Collecting the metrics failed") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Each scraper gets the format that it asks for, and what it gets says so.
func TestFormats(t *testing.T) {
	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "a.b_total"}).Add(7)
	h := New(reg, Options{})
	for accept, want := range map[string]struct{ contentType, body string }{
		"":    {"text/plain; version=0.0.4; charset=utf-8", "\na_b_total 7\n"},
		"*/*": {"text/plain; version=0.0.4; charset=utf-8", "\na_b_total 7\n"},
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1": {
			"application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8", "# TYPE \"a.b\" counter\n{\"a.b_total\"} 7\n"},
		"application/openmetrics-text;version=2.0.0": {
			"application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=allow-utf-8", "{\"a.b_total\"} 7 st@"},
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited": {
			"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8", "\x0a\x09a.b_total\x18\x00"},
	} {
		w := get(h, "GET", "Accept", accept)
		if got := w.Header().Get("Content-Type"); got != want.contentType {
			t.Errorf("Accept %q is answered with %q, want %q", accept, got, want.contentType)
		}
		if !strings.Contains(w.Body.String(), want.body) {
			t.Errorf("Accept %q: no %q in\n%q", accept, want.body, w.Body)
		}
	}
	narrow := New(reg, Options{Offer: encode.Offer{Syntaxes: []encode.Syntax{encode.Text004}}})
	w := get(narrow, "GET", "Accept", "application/openmetrics-text;version=1.0.0,*/*;q=0.1")
	if got := w.Header().Get("Content-Type"); got != (encode.Format{}).ContentType() {
		t.Errorf("a handler that offers text only answers with %q", got)
	}
}

// name[] asks for some families, by the names of their samples, if that is allowed.
func TestSelect(t *testing.T) {
	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "a_total"})
	engine.MustCounter(reg, engine.Opts{Name: "b_total"})
	for _, c := range []struct {
		query string
		on    bool
		has   []bool
	}{
		{"?name[]=a_total", true, []bool{true, false}},
		{"?name%5B%5D=a_total&name[]=b_created", true, []bool{true, true}},
		{"?name[]=a", true, []bool{false, false}},
		{"?other=a_total", true, []bool{true, true}},
		{"?name[]=a_total", false, []bool{true, true}},
	} {
		w := httptest.NewRecorder()
		New(reg, Options{Select: c.on}).ServeHTTP(w, httptest.NewRequest("GET", "/metrics"+c.query, nil))
		text := w.Body.String()
		if w.Code != 200 || strings.Contains(text, "\na_total ") != c.has[0] || strings.Contains(text, "\nb_total ") != c.has[1] {
			t.Errorf("%+v: %d\n%s", c, w.Code, text)
		}
	}
}

// A collector that hangs costs a scrape that has a deadline nothing but itself.
func TestCollectorsHaveADeadline(t *testing.T) {
	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "a_total"})
	reg.MustRegister(engine.CollectorFunc(func(ctx context.Context, s *engine.Sink) error {
		s.Gauge("late", "").Add(1)
		<-ctx.Done()
		return ctx.Err()
	}))
	w := get(New(reg, Options{Timeout: 500 * time.Millisecond}), "GET")
	if text := w.Body.String(); w.Code != 200 || !strings.Contains(text, "\na_total 0\n") || strings.Contains(text, "\nlate 1\n") {
		t.Errorf("%d\n%s", w.Code, text)
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		timeout time.Duration
		header  string
		want    time.Duration
	}{
		{0, "", 0},
		{0, "10", 9 * time.Second},
		{5 * time.Second, "10.000000", 4500 * time.Millisecond},
		{20 * time.Second, "10", 9 * time.Second},
		{0, "0.001", 900 * time.Millisecond},
		{0, "-1", 0}, {0, "NaN", 0}, {0, "Inf", 0}, {0, "x", 0}, {10 * time.Second, "1e300", 9 * time.Second},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", c.header)
		if got := New(engine.NewRegistry(), Options{Timeout: c.timeout}).limit(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
