package push

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// gateway takes requests, and answers as it is told to.
type gateway struct {
	*httptest.Server
	status int
	answer string

	got    *http.Request // the last one
	path   string        // as it was sent
	body   string
	visits int
}

func newGateway(t *testing.T) *gateway {
	g := &gateway{status: http.StatusAccepted}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.got, g.path, g.body = r, r.RequestURI, string(body)
	g.visits++
	w.WriteHeader(g.status)
	io.WriteString(w, g.answer)
}

func temperature(labels prometheus.Labels) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "temperature", Help: "Degrees.", ConstLabels: labels})
	g.Set(21)
	return g
}

// received returns the families of a body in delimited protobuf.
func received(t *testing.T, body string) (families []*dto.MetricFamily) {
	t.Helper()
	dec := expfmt.NewDecoder(strings.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var mf dto.MetricFamily
		if err := dec.Decode(&mf); errors.Is(err, io.EOF) {
			return families
		} else if err != nil {
			t.Fatal(err)
		}
		families = append(families, &mf)
	}
}

func TestMethods(t *testing.T) {
	g := newGateway(t)
	reg := prometheus.NewRegistry()
	jobs := prometheus.NewCounter(prometheus.CounterOpts{Name: "jobs_total"})
	reg.MustRegister(jobs)
	p := New(g.URL, "backup").Gatherer(reg).Collector(temperature(nil)).Grouping("host", "db1")
	for _, c := range []struct {
		send   func() error
		method string
	}{
		{p.Push, "PUT"}, {func() error { return p.PushContext(t.Context()) }, "PUT"},
		{p.Add, "POST"}, {func() error { return p.AddContext(t.Context()) }, "POST"},
	} {
		g.got = nil
		if err := c.send(); err != nil {
			t.Fatal(err)
		}
		if g.got.Method != c.method || g.path != "/metrics/job/backup/host/db1" ||
			g.got.Header.Get("Content-Type") != string(expfmt.NewFormat(expfmt.TypeProtoDelim)) {
			t.Errorf("%s %s, %s; want %s", g.got.Method, g.path, g.got.Header.Get("Content-Type"), c.method)
		}
		if got := received(t, g.body); len(got) != 2 || got[0].GetName() != "jobs_total" || got[1].GetMetric()[0].GetGauge().GetValue() != 21 {
			t.Errorf("%v", got)
		}
	}
	if err := p.Delete(); err != nil || g.got.Method != "DELETE" || g.path != "/metrics/job/backup/host/db1" || g.body != "" {
		t.Errorf("%v: %s %s, %q", err, g.got.Method, g.path, g.body)
	}
}

// Whether the gateway says that it has, or that it will, is up to its release; what it
// says otherwise is in the error.
func TestStatus(t *testing.T) {
	g := newGateway(t)
	p := New(g.URL, "j").Collector(temperature(nil))
	for _, c := range []struct {
		status    int
		push, del bool // accepted
	}{{200, true, false}, {202, true, true}, {400, false, false}, {500, false, false}, {204, false, false}} {
		g.status, g.answer = c.status, ""
		if c.status >= 400 {
			g.answer = "the reason"
		}
		for send, good := range map[*func() error]bool{new(p.Push): c.push, new(p.Add): c.push, new(p.Delete): c.del} {
			err := (*send)()
			if (err == nil) != good {
				t.Errorf("status %d: %v", c.status, err)
			}
			if err != nil && g.answer != "" && !strings.HasSuffix(err.Error(), g.URL+"/metrics/job/j: the reason") {
				t.Errorf("status %d: %v", c.status, err)
			}
		}
	}
	g.status, g.answer = 400, "no"
	const want = "unexpected status code 400 while "
	if err := p.Push(); err == nil || err.Error() != want+"pushing to "+g.URL+"/metrics/job/j: no" {
		t.Error(err)
	}
	if err := p.Delete(); err == nil || err.Error() != want+"deleting "+g.URL+"/metrics/job/j: no" {
		t.Error(err)
	}
}

func TestGroupURL(t *testing.T) {
	for _, c := range []struct {
		url, job string
		grouping []string // names and values in turn
		want     string
	}{
		{"http://x:9091", "j", nil, "http://x:9091/metrics/job/j"},
		{"http://x:9091/", "j", nil, "http://x:9091/metrics/job/j"},
		{"x:9091", "j", nil, "http://x:9091/metrics/job/j"},
		{"https://x/gateway/", "j", nil, "https://x/gateway/metrics/job/j"},
		{"x", "a/b", nil, "http://x/metrics/job@base64/YS9i"},
		{"x", "a b+c", nil, "http://x/metrics/job/a+b%2Bc"},
		{"x", "é?#%", nil, "http://x/metrics/job/%C3%A9%3F%23%25"},
		{"x", "j", []string{"a", ""}, "http://x/metrics/job/j/a@base64/="},
		{"x", "j", []string{"a", "/"}, "http://x/metrics/job/j/a@base64/Lw"},
		{"x", "j", []string{"a", "ab??/>>"}, "http://x/metrics/job/j/a@base64/YWI_Py8-Pg"},
		{"x", ".", []string{"a", ".."}, "http://x/metrics/job@base64/Lg/a@base64/Li4"},
		{"x", "j", []string{"a", "..."}, "http://x/metrics/job/j/a/..."},
		{"x", "j", []string{"b", "1", "a", "2", "b", "3"}, "http://x/metrics/job/j/a/2/b/3"},
	} {
		p := New(c.url, c.job)
		for i := 0; i < len(c.grouping); i += 2 {
			p.Grouping(c.grouping[i], c.grouping[i+1])
		}
		if got := p.groupURL(); got != c.want || p.Error() != nil {
			t.Errorf("%s, %v; want %s", got, p.Error(), c.want)
		}
	}
}

// The first error stays, and nothing is sent after it.
func TestFirstErrorStays(t *testing.T) {
	g := newGateway(t)
	for _, c := range []struct {
		p    *Pusher
		want string
	}{
		{New(g.URL, ""), "job name is empty"},
		{New(g.URL, "j").Grouping("", "x"), "grouping label has invalid name: "},
		{New(g.URL, "j").Grouping("a\xff", "x"), "grouping label has invalid name: a\xff"},
		{New(g.URL, "").Grouping("", "x"), "job name is empty"},
		{New(g.URL, "j").Collector(temperature(nil)).Collector(temperature(nil)), "duplicate metrics collector registration attempted"},
	} {
		c.p.Collector(prometheus.NewGauge(prometheus.GaugeOpts{Name: "other"})).Grouping("a", "b")
		if err := c.p.Error(); err == nil || err.Error() != c.want {
			t.Errorf("%v, want %s", err, c.want)
		}
		for _, send := range []func() error{c.p.Push, c.p.Add, c.p.Delete} {
			if err := send(); err != c.p.Error() {
				t.Errorf("%v, want %v", err, c.p.Error())
			}
		}
	}
	if g.visits != 0 {
		t.Errorf("%d requests were sent", g.visits)
	}
}

// A label of the group's key in a metric is an error before anything is sent.
func TestLabelsOfTheGroup(t *testing.T) {
	g := newGateway(t)
	err := New(g.URL, "j").Collector(temperature(prometheus.Labels{"job": "x"})).Push()
	if err == nil || !strings.HasPrefix(err.Error(), "pushed metric temperature (") || !strings.HasSuffix(err.Error(), ") already contains a job label") {
		t.Error(err)
	}
	err = New(g.URL, "j").Grouping("host", "y").Collector(temperature(prometheus.Labels{"host": "x"})).Add()
	if err == nil || !strings.HasSuffix(err.Error(), ") already contains grouping label host") {
		t.Error(err)
	}
	if g.visits != 0 {
		t.Errorf("%d requests were sent", g.visits)
	}
}

func TestGatherError(t *testing.T) {
	want := errors.New("no")
	g := newGateway(t)
	p := New(g.URL, "j").Gatherer(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, want }))
	if err := p.Push(); err == nil || !strings.Contains(err.Error(), "no") || g.visits != 0 {
		t.Errorf("%v, %d requests", err, g.visits)
	}
	if err := p.Delete(); err != nil {
		t.Errorf("a deletion gathers nothing: %v", err)
	}
}

// The header goes with each request as it is then, and stays the caller's.
func TestHeaderAndPassword(t *testing.T) {
	g := newGateway(t)
	header := http.Header{"X-Scope": {"a"}}
	p := New(g.URL, "j").Header(header).BasicAuth("user", "secret")
	for _, send := range []func() error{p.Push, p.Delete} {
		if err := send(); err != nil {
			t.Fatal(err)
		}
		if user, password, ok := g.got.BasicAuth(); g.got.Header.Get("X-Scope") != "a" || user != "user" || password != "secret" || !ok {
			t.Errorf("%v", g.got.Header)
		}
	}
	if len(header) != 1 {
		t.Errorf("the caller's header is now %v", header)
	}
}

// doer is an HTTPDoer.
type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

func TestClient(t *testing.T) {
	want := errors.New("refused")
	p := New("x", "j").Client(doer(func(*http.Request) (*http.Response, error) { return nil, want }))
	for _, send := range []func() error{p.Push, p.Add, p.Delete} {
		if err := send(); err != want {
			t.Error(err)
		}
	}
	p = New("http://[", "j")
	for _, send := range []func() error{p.Push, p.Delete} {
		if err := send(); err == nil {
			t.Error("no error for an address that is none")
		}
	}
}

func TestContext(t *testing.T) {
	g := newGateway(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := New(g.URL, "j")
	for _, send := range []func(context.Context) error{p.PushContext, p.AddContext} {
		if err := send(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	if g.visits != 0 {
		t.Errorf("%d requests were sent", g.visits)
	}
}

func TestFormat(t *testing.T) {
	g := newGateway(t)
	for _, c := range []struct {
		typ  expfmt.FormatType
		want string
	}{
		{expfmt.TypeTextPlain, "# HELP temperature Degrees.\n# TYPE temperature gauge\ntemperature 21\n"},
		{expfmt.TypeOpenMetrics, "# HELP temperature Degrees.\n# TYPE temperature gauge\ntemperature 21.0\n# EOF\n"},
	} {
		format := expfmt.NewFormat(c.typ)
		if err := New(g.URL, "j").Format(format).Collector(temperature(nil)).Push(); err != nil {
			t.Fatal(err)
		}
		if g.body != c.want || g.got.Header.Get("Content-Type") != string(format) {
			t.Errorf("%s: %q", g.got.Header.Get("Content-Type"), g.body)
		}
	}
}
