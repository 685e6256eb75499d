//go:build integration

package pushgateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/internal/line"
	"github.com/pawl-metrics/pawl/engine/export/internal/peer"
)

// oddValues are grouping values that have gone wrong somewhere, sometime.
var oddValues = []string{"", "a", "/", "//", "a b", " ", "a+b", "a:b", "a%b", "%2F", "%", ".", "..", "...", "a/../b", "é", "日本語", "😀",
	`"`, `\`, `\n`, "\n", "\t", "\x00", "?", "#", "a?b#c", "a=b&c", "@base64", "=", "~", ";", "ab??/>>", "{}", "http://x:9/y?z",
	strings.Repeat("long", 100)}

func startGateway(t *testing.T) string {
	addr := peer.Free(t)
	peer.Start(t, "prometheus-pushgateway", "prometheus-pushgateway", "--web.listen-address="+addr)
	url := "http://" + addr
	peer.Ready(t, url+"/-/ready")
	return url
}

// A real gateway re-exposes each group under the labels that were meant, in each format.
func TestRealGateway(t *testing.T) {
	url := startGateway(t)
	for _, o := range []Options{{}, {Gzip: true}, {Format: encode.Format{Syntax: encode.ProtobufDelimited}},
		{Format: encode.Format{Syntax: encode.ProtobufDelimited}, Gzip: true}} {
		t.Run(fmt.Sprint(o.Format.Syntax, o.Gzip), func(t *testing.T) { testOddValues(t, url, o) })
	}
}

func testOddValues(t *testing.T, url string, o Options) {
	reg := engine.NewRegistry()
	value := engine.MustGauge(reg, engine.Opts{Name: "pushed", Help: "A number."})
	engine.MustHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "took_seconds"}, Buckets: []float64{1, 2}}).Observe(1.5)
	o.URL = url
	for i, odd := range oddValues {
		value.Set(float64(i))
		for _, as := range []string{"job", "other"} {
			key := o
			key.Job, key.Grouping = "j", map[string]string{"instance": "x", "other": odd}
			if as == "job" && odd != "" {
				key.Job, key.Grouping = odd, map[string]string{"instance": "x"}
			}
			p := pusher(t, reg, key)
			if err := p.Push(t.Context()); err != nil {
				t.Errorf("%q: %v", odd, err)
				continue
			}
			exposed(t, url, "pushed", p.key, fmt.Sprint(i))
			exposed(t, url, "took_seconds_count", p.key, "1")
			if err := p.Delete(t.Context()); err != nil {
				t.Errorf("%q: %v", odd, err)
			}
			peer.Wait(t, "deletion", func() bool { return !strings.Contains(peer.Get(t, url+"/metrics"), "\npushed{") })
		}
	}
}

// exposed checks that the gateway has just one series of that name, with those labels.
// Of an empty label an exposition may say that it is empty, or nothing.
func exposed(t *testing.T, url, name string, key checker, value string) {
	t.Helper()
	found := 0
	for s := range line.Samples([]byte(peer.Get(t, url+"/metrics"))) {
		if string(s.Name) != name {
			continue
		}
		found++
		got := make(map[string]string)
		for name, value := range s.Pairs() {
			got[string(name)] = string(line.Unescape(value))
		}
		for name, want := range key {
			if got[name] != want {
				t.Errorf("%s: label %s is %q, want %q", s.Name, name, got[name], want)
			}
		}
		if string(s.Value) != value {
			t.Errorf("%s %s, want %s", s.Name, s.Value, value)
		}
	}
	if found != 1 {
		t.Errorf("%d series of %s, key %q", found, name, key)
	}
}

// Push replaces the group, Add what it has, and what the gateway refuses says why.
func TestRealMethods(t *testing.T) {
	url := startGateway(t)
	push := func(name string, send func(*Pusher) error) error {
		reg := engine.NewRegistry()
		engine.MustGauge(reg, engine.Opts{Name: name}).Set(1)
		return send(pusher(t, reg, Options{URL: url, Job: "j"}))
	}
	has := func(name string) bool { return strings.Contains(peer.Get(t, url+"/metrics"), "\n"+name+"{") }
	for _, step := range []struct {
		name    string
		send    func(*Pusher) error
		a, b, c bool
	}{
		{"a", func(p *Pusher) error { return p.Push(t.Context()) }, true, false, false},
		{"b", func(p *Pusher) error { return p.Add(t.Context()) }, true, true, false},
		{"c", func(p *Pusher) error { return p.Push(t.Context()) }, false, false, true},
	} {
		if err := push(step.name, step.send); err != nil {
			t.Fatal(err)
		}
		if has("a") != step.a || has("b") != step.b || has("c") != step.c {
			t.Errorf("after %s: %v %v %v", step.name, has("a"), has("b"), has("c"))
		}
	}
	err := pusher(t, written("x 1 1500\n"), Options{URL: url, Job: "j"}).Push(t.Context())
	var status *StatusError
	if !errors.As(err, &status) || status.Status != http.StatusBadRequest || !strings.Contains(err.Error(), "timestamp") {
		t.Errorf("a timestamp: %v", err)
	}
	err = pusher(t, written("# TYPE c counter\nc 1\n"), Options{URL: url, Job: "k"}).Push(t.Context())
	if !errors.As(err, &status) || status.Status != http.StatusBadRequest {
		t.Errorf("another type than in the other group: %v", err)
	}
}

// written is a source with just this text.
type written string

func (s written) WriteExpositionContext(_ context.Context, w io.Writer, _ engine.ExpositionOptions) (int64, error) {
	n, err := io.WriteString(w, string(s))
	return int64(n), err
}
