package pushgateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// gateway records what it is sent.
type gateway struct {
	*httptest.Server
	method, path string
	header       http.Header
	body         []byte
	status       int // to answer with; 0 is 200
	says         string
}

func newGateway(t *testing.T, start func(*httptest.Server)) *gateway {
	g := new(gateway)
	g.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.method, g.path, g.header = r.Method, r.URL.EscapedPath(), r.Header
		g.body, _ = io.ReadAll(r.Body)
		if g.status != 0 {
			w.WriteHeader(g.status)
		}
		io.WriteString(w, g.says)
	}))
	start(g.Server)
	t.Cleanup(g.Close)
	return g
}

func plain(t *testing.T) *gateway { return newGateway(t, (*httptest.Server).Start) }

func registry() *engine.Registry {
	reg := engine.NewRegistry()
	engine.MustStringCounterVec(reg, engine.Opts{Name: "done_total", Help: "Done."}, "kind").With("a b").Add(3)
	return reg
}

func pusher(t *testing.T, src Source, o Options) *Pusher {
	t.Helper()
	p, err := New(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMethods(t *testing.T) {
	g := plain(t)
	p := pusher(t, registry(), Options{URL: g.URL + "/", Job: "j", Grouping: map[string]string{"instance": "i"}})
	for method, f := range map[string]func(context.Context) error{"PUT": p.Push, "POST": p.Add, "DELETE": p.Delete} {
		if err := f(t.Context()); err != nil {
			t.Error(err)
		}
		if g.method != method || g.path != "/metrics/job/j/instance/i" {
			t.Errorf("%s arrived as %s %s", method, g.method, g.path)
		}
		if method == "DELETE" {
			if len(g.body) > 0 || g.header.Get("Content-Type") != "" {
				t.Errorf("DELETE has a body: %q, %q", g.body, g.header)
			}
			continue
		}
		if got := g.header.Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
			t.Errorf("%s: %s", method, got)
		}
		if !bytes.Contains(g.body, []byte("\ndone_total{kind=\"a b\"} 3\n")) {
			t.Errorf("%s: %s", method, g.body)
		}
	}
}

func TestPathOfURL(t *testing.T) {
	g := plain(t)
	if err := pusher(t, registry(), Options{URL: g.URL + "/push/gw/", Job: "j"}).Push(t.Context()); err != nil || g.path != "/push/gw/metrics/job/j" {
		t.Errorf("%s, %v", g.path, err)
	}
}

func TestProtobufAndGzip(t *testing.T) {
	g, reg := plain(t), registry()
	format := encode.Format{Syntax: encode.ProtobufDelimited}
	p := pusher(t, reg, Options{URL: g.URL, Job: "j", Format: format, Gzip: true})
	if err := p.Push(t.Context()); err != nil {
		t.Fatal(err)
	}
	if g.header.Get("Content-Type") != format.ContentType() || g.header.Get("Content-Encoding") != "gzip" {
		t.Errorf("%v", g.header)
	}
	r, err := gzip.NewReader(bytes.NewReader(g.body))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if want := reg.AppendExposition(nil, engine.ExpositionOptions{Format: format}); err != nil || !bytes.Equal(body, want) {
		t.Errorf("%v: %q, want %q", err, body, want)
	}
}

func TestHeaders(t *testing.T) {
	g := plain(t)
	o := Options{URL: g.URL, Job: "j", Username: "u", Password: "p", Header: http.Header{"X-Scope-Orgid": {"7"}}}
	if err := pusher(t, registry(), o).Push(t.Context()); err != nil || g.header.Get("Authorization") != "Basic dTpw" || g.header.Get("X-Scope-OrgID") != "7" {
		t.Errorf("%v: %v", err, g.header)
	}
	o = Options{URL: g.URL, Job: "j", BearerToken: "t"}
	if err := pusher(t, registry(), o).Delete(t.Context()); err != nil || g.header.Get("Authorization") != "Bearer t" {
		t.Errorf("%v: %v", err, g.header)
	}
}

// TLS is the client's business, its certificate included.
func TestTLS(t *testing.T) {
	g := newGateway(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
		s.StartTLS()
	})
	roots := x509.NewCertPool()
	roots.AddCert(g.Certificate())
	config := &tls.Config{RootCAs: roots, Certificates: g.TLS.Certificates}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	if err := pusher(t, registry(), Options{URL: g.URL, Job: "j", Client: client}).Push(t.Context()); err != nil {
		t.Error(err)
	}
	if err := pusher(t, registry(), Options{URL: g.URL, Job: "j"}).Push(t.Context()); err == nil {
		t.Error("an unknown certificate is trusted")
	}
}

func TestRefusal(t *testing.T) {
	g := plain(t)
	g.status, g.says = 400, "pushed metrics are invalid or inconsistent with existing metrics: …\n"
	err := pusher(t, registry(), Options{URL: strings.Replace(g.URL, "://", "://u:secret@", 1), Job: "my job"}).Add(t.Context())
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 400 || status.Job != "my job" {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{`pushgateway: job "my job": POST http://u:xxxxx@`, "/metrics/job@base64/", "400 Bad Request", "inconsistent with existing"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in %v", part, err)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	g := plain(t)
	p := pusher(t, registry(), Options{URL: g.URL, Job: "j"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Push(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), `job "j": PUT http://`) {
		t.Error(err)
	}
	g.Close()
	if err := p.Push(t.Context()); err == nil {
		t.Error("nobody listens, and yet all is well")
	}
}

// A series with a label of the grouping key goes out if the values agree, and not at all
// if they do not, in both formats.
func TestLabelConflict(t *testing.T) {
	for _, syntax := range []encode.Syntax{encode.Text004, encode.ProtobufDelimited} {
		g := plain(t)
		reg := registry()
		vec := engine.MustStringGaugeVec(reg, engine.Opts{Name: "g"}, "instance", "x")
		vec.With(`a"\b`, "1").Set(1)
		o := Options{URL: g.URL, Job: "j", Grouping: map[string]string{"instance": `a"\b`}, Format: encode.Format{Syntax: syntax}}
		if err := pusher(t, reg, o).Push(t.Context()); err != nil || g.method != "PUT" {
			t.Errorf("%s: equal labels: %v", o.Format, err)
		}
		g.method = ""
		vec.With("other", "2").Set(2)
		err := pusher(t, reg, o).Push(t.Context())
		var conflict *LabelError
		if !errors.As(err, &conflict) || *conflict != (LabelError{"g", "instance", "other", `a"\b`}) || g.method != "" {
			t.Errorf("%s: %v, sent: %q", o.Format, err, g.method)
		}
	}
	reg := engine.NewRegistry()
	engine.MustStringGaugeVec(reg, engine.Opts{Name: "g"}, "job").With("other").Set(1)
	if err := pusher(t, reg, Options{URL: "http://h", Job: "j"}).Push(t.Context()); err == nil || !strings.Contains(err.Error(), `job="other"`) {
		t.Error(err)
	}
}

// broken is a source that fails halfway.
type broken struct{ text string }

func (b broken) WriteExpositionContext(_ context.Context, w io.Writer, _ engine.ExpositionOptions) (int64, error) {
	n, _ := io.WriteString(w, b.text)
	return int64(n), errors.New("disk on fire")
}

func TestBrokenSource(t *testing.T) {
	g := plain(t)
	if err := pusher(t, broken{"a 1\n"}, Options{URL: g.URL, Job: "j"}).Push(t.Context()); err == nil || g.method != "" {
		t.Errorf("%v, sent: %q", err, g.method)
	}
}

func TestBadOptions(t *testing.T) {
	good := Options{URL: "http://h", Job: "j"}
	for says, change := range map[string]func(*Options){
		"URL": func(o *Options) { o.URL = "host:9091" }, "no job": func(o *Options) { o.Job = "" },
		"openmetrics":  func(o *Options) { o.Format.Syntax = encode.OpenMetrics100 },
		"bearer token": func(o *Options) { o.Username, o.BearerToken = "u", "t" },
		"a-b":          func(o *Options) { o.Grouping = map[string]string{"a-b": ""} },
	} {
		o := good
		change(&o)
		if _, err := New(registry(), o); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "pushgateway: ") {
			t.Errorf("%v, want something on %s", err, says)
		}
	}
	if _, err := New(nil, good); err == nil {
		t.Error("nothing to push")
	}
}

func TestTornMessages(t *testing.T) {
	c := newChecker("j", nil)
	reg := registry()
	body := reg.AppendExposition(nil, engine.ExpositionOptions{Format: encode.Format{Syntax: encode.ProtobufDelimited}})
	if err := c.messages(body); err != nil {
		t.Error(err)
	}
	whole := 0
	for n := range body {
		if c.messages(body[:n]) == nil {
			whole++
		}
	}
	if families := bytes.Count(reg.AppendText(nil), []byte("# TYPE ")); whole != families {
		t.Errorf("%d beginnings of %d families pass", whole, families)
	}
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte("\x09\x22\x07\x0a\x05\x0a\x01j\x12\x00"))
	f.Fuzz(func(_ *testing.T, body []byte) { _ = newChecker("j", nil).messages(body) })
}

func TestLocalIP(t *testing.T) {
	if ip, err := LocalIP(t.Context(), "http://127.0.0.1:9091"); err != nil || ip != "127.0.0.1" {
		t.Error(ip, err)
	}
	for _, url := range []string{"", "127.0.0.1", "http://"} {
		if ip, err := LocalIP(t.Context(), url); err == nil {
			t.Errorf("%q: %s", url, ip)
		}
	}
}

func ExampleStatusError() {
	err := error(&StatusError{"PUT", "backup", "http://gateway/metrics/job/backup", 400, "pushed metrics must not have timestamps"})
	fmt.Println(err)
	// Output: pushgateway: job "backup": PUT http://gateway/metrics/job/backup: 400 Bad Request: "pushed metrics must not have timestamps"
}
