package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/graphite"
	"github.com/prometheus/client_golang/prometheus/push"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// doer writes down each request and answers with a status.
type doer struct {
	l      *record.Log
	status int
	err    error
}

func (d doer) Do(r *http.Request) (*http.Response, error) {
	d.l.Printf("%s %s", r.Method, r.URL)
	if r.Method == http.MethodDelete {
		r.Header.Del("Content-Type") // client_golang leaves an earlier push's in the caller's header
	}
	for _, name := range []string{"Content-Type", "Authorization", "X-Custom", "User-Agent"} {
		d.l.Printf("%s: %q", name, r.Header[name])
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		d.l.Err("body", err)
		if r.Method != http.MethodDelete {
			d.l.Body("pushed", body, r.Header.Get("Content-Type"))
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	return &http.Response{StatusCode: d.status, Body: io.NopCloser(strings.NewReader("the answer"))}, nil
}

func pushes(l *record.Log) {
	r := prometheus.NewRegistry()
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "v", Help: "h"}, []string{"x"})
	h := prometheus.NewHistogram(native(1.1))
	h.Observe(3)
	vec.WithLabelValues("1").Inc()
	r.MustRegister(vec, h)
	g := gaugeNamed("g", "h", nil)
	ok := doer{l: l, status: http.StatusOK}
	for _, p := range []func() *push.Pusher{
		func() *push.Pusher { return push.New("http://gateway:9091", "job") },
		func() *push.Pusher { return push.New("gateway:9091/", "job/with slash") },
		func() *push.Pusher {
			return push.New("https://gateway/path/", "ünï").Grouping("a", "b")
		},
		func() *push.Pusher { return push.New("gateway", "j").Grouping("c", "") },
		func() *push.Pusher { return push.New("gateway", "j").Grouping("d", "x/y") },
		func() *push.Pusher {
			return push.New("gateway", "j").Grouping("d", "x").Grouping("d", "y")
		},
		func() *push.Pusher { return push.New("gateway", "") },
		func() *push.Pusher { return push.New("gateway", "j").Grouping("job", "x") },
		func() *push.Pusher { return push.New("gateway", "j").Grouping("a b", "x") },
		func() *push.Pusher { return push.New("gateway", "j").Grouping("__x", "x") },
		func() *push.Pusher {
			return push.New("gateway", "j").BasicAuth("user", "secret").Header(http.Header{"X-Custom": {"1", "2"}})
		},
		func() *push.Pusher { return push.New("gateway", "j").Format(expfmt.NewFormat(expfmt.TypeTextPlain)) },
		func() *push.Pusher { return push.New("gateway", "j").Collector(g) },
		func() *push.Pusher { return push.New("gateway", "j").Collector(g).Collector(g).Gatherer(r) },
		func() *push.Pusher { return push.New("gateway", "j").Collector(gaugeNamed("", "", nil)) },
	} {
		p := p().Client(ok)
		l.Err("options", p.Error())
		l.Err("push", p.Gatherer(r).Push())
		l.Err("add", p.Add())
		l.Err("delete", p.Delete())
	}
	grouped := prometheus.NewRegistry()
	grouped.MustRegister(gaugeNamed("g", "h", prometheus.Labels{"a": "x"}), gaugeNamed("j", "h", prometheus.Labels{"job": "x"}))
	l.Err("a job label", push.New("gateway", "j").Client(ok).Gatherer(grouped).Push())
	grouped = prometheus.NewRegistry()
	grouped.MustRegister(gaugeNamed("g", "h", prometheus.Labels{"a": "x"}))
	l.Err("a grouping label", push.New("gateway", "j").Grouping("a", "y").Client(ok).Gatherer(grouped).Push())
	for _, d := range []doer{{l, 202, nil}, {l, 400, nil}, {l, 500, nil}, {l, 0, errors.New("no route")}} {
		p := push.New("gateway", "j").Client(d).Gatherer(r)
		l.Err("push", p.Push())
		l.Err("add", p.Add())
		l.Err("delete", p.Delete())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.Err("context", push.New("gateway", "j").Client(ok).Gatherer(r).PushContext(ctx))
	l.Err("context", push.New("gateway", "j").Client(ok).Gatherer(r).AddContext(ctx))
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("broken") })
	l.Err("broken", push.New("gateway", "j").Client(ok).Gatherer(broken).Push())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.Printf("%s %s", r.Method, r.URL)
	}))
	defer server.Close()
	l.Err("a real server", push.New(server.URL, "j").Gatherer(r).Push())
}

func graphites(l *record.Log) {
	_, err := graphite.NewBridge(&graphite.Config{})
	l.Err("no URL", err)
	r := everythingAt("/a\"b\\c")
	for _, c := range []graphite.Config{{}, {UseTags: true}, {Prefix: "pre fix."}, {Prefix: "p", UseTags: true}} {
		lines := received(l, func(address string) {
			c.URL, c.Gatherer, c.Timeout = address, r, time.Second*10
			b, err := graphite.NewBridge(&c)
			l.Err("bridge", err)
			l.Err("push", b.Push())
		})
		var shown []string
		for _, line := range lines {
			fields := strings.Fields(line)
			if len(fields) > 2 && !strings.Contains(line, "quantile") {
				tags := strings.Split(fields[0], ";") // in any order
				slices.Sort(tags[1:])
				shown = append(shown, fmt.Sprint(tags, fields[1:len(fields)-1])) // the last is the time
			}
		}
		slices.Sort(shown)
		l.Printf("%s", strings.Join(shown, "\n"))
	}
	broken := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{{Name: new("a"), Type: new(dto.MetricType_GAUGE), Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: new(3.0)}}}}}, errors.New("broken")
	})
	for _, mode := range []graphite.HandlerErrorHandling{graphite.ContinueOnError, graphite.AbortOnError, 7} {
		var logged bytes.Buffer
		lines := received(l, func(address string) {
			b, err := graphite.NewBridge(&graphite.Config{URL: address, Gatherer: broken, ErrorHandling: mode, Logger: log.New(&logged, "", 0)})
			l.Err("bridge", err)
			l.Try("push", func() { l.Err("push", b.Push()) })
		})
		l.Printf("%d lines, logged %q", len(lines), logged.String())
	}
}

// received returns, in order, the lines that came in while f ran.
func received(l *record.Log, f func(address string)) []string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	l.Err("listen", err)
	got := make(chan string)
	go func() {
		var all bytes.Buffer
		for {
			conn, err := ln.Accept()
			if err != nil {
				break
			}
			io.Copy(&all, conn)
			conn.Close()
		}
		got <- all.String()
	}()
	f(ln.Addr().String())
	// One more connection, behind which all earlier ones have been read.
	if conn, err := net.Dial("tcp", ln.Addr().String()); err == nil {
		fmt.Fprint(conn, "")
		conn.Close()
	}
	ln.Close()
	lines := strings.Split(strings.TrimSpace(<-got), "\n")
	slices.Sort(lines)
	return lines
}
