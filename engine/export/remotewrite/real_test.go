//go:build integration

package remotewrite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/internal/line"
	"github.com/pawl-metrics/pawl/engine/export/internal/peer"
)

// victoria is Debian's VictoriaMetrics 1.79, which knows version 1.0 alone.
type victoria struct {
	url string
	*peer.Process
}

func startVictoria(t *testing.T, dir, addr string) *victoria {
	t.Helper()
	p := peer.Start(t, "victoria-metrics", "victoria-metrics", "-storageDataPath="+dir, "-httpListenAddr="+addr, "-search.latencyOffset=0s")
	v := &victoria{"http://" + addr, p}
	peer.Ready(t, v.url+"/health")
	return v
}

// query returns the values of a query at a moment, by their labels.
func (v *victoria) query(t *testing.T, q string, at time.Time) map[string]float64 {
	t.Helper()
	peer.Get(t, v.url+"/internal/force_flush") // or it is a second late
	args := url.Values{"query": {q}, "time": {fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000)}}
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Value  []any
			}
		}
	}
	if err := json.Unmarshal([]byte(peer.Get(t, v.url+"/api/v1/query?"+args.Encode())), &answer); err != nil {
		t.Fatal(err)
	}
	values := make(map[string]float64)
	for _, r := range answer.Data.Result {
		value, err := strconv.ParseFloat(r.Value[1].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		values[seriesKey(r.Metric)] = value
	}
	return values
}

func seriesKey(labels map[string]string) string {
	var list []string
	for name, value := range labels {
		list = append(list, fmt.Sprintf("%s=%q", name, value))
	}
	sort.Strings(list)
	return strings.Join(list, ",")
}

// exposed returns what a scrape of the registry would bring.
func exposed(reg *engine.Registry) map[string]float64 {
	values := make(map[string]float64)
	for s := range line.Samples(reg.AppendText(nil)) {
		labels := map[string]string{"__name__": string(s.Name), "job": "pawl"}
		for name, value := range s.Pairs() {
			if string(name) == "le" {
				bound, _ := strconv.ParseFloat(string(value), 64)
				value = encode.AppendCanonicalBound(nil, bound)
			}
			if len(value) > 0 {
				labels[string(name)] = string(line.Unescape(value))
			}
		}
		values[seriesKey(labels)], _ = strconv.ParseFloat(string(s.Value), 64)
	}
	return values
}

func recorded() *engine.Registry {
	reg := engine.NewRegistry()
	odd := engine.MustStringGaugeVec(reg, engine.Opts{Name: "odd", Help: "Odd."}, "n", "value")
	for i, s := range []string{"", "a b", `"`, `\`, "\n", "é😀", "a=b,c", "{}", "~", "\x00", "'", "$1", "%", "=~"} {
		odd.With(fmt.Sprint(i), s).Set(float64(i) + 0.5)
	}
	numbers := engine.MustStringGaugeVec(reg, engine.Opts{Name: "numbers"}, "as")
	for _, v := range []float64{0, 1, -1, 0.1, 1e15, 123456789, -2.5e-7, math.Inf(1), math.Inf(-1)} {
		numbers.With(fmt.Sprint(v)).Set(v)
	}
	engine.MustCounter(reg, engine.Opts{Name: "dotted.name_total"}).Add(42)
	h := engine.MustStringHistogramVec(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "took_seconds", Help: "Took."}, Buckets: []float64{0.5, 1, 1e6}}, "route")
	for i := range 100 {
		h.With("/a").Observe(float64(i) / 50)
	}
	return reg
}

func TestRealVictoria(t *testing.T) {
	v := startVictoria(t, t.TempDir(), peer.Free(t))
	reg := recorded()
	at := time.Now().Add(-time.Second)
	w := writer(t, reg, Options{URL: v.url + "/api/v1/write", Labels: map[string]string{"job": "pawl"}, MaxSamples: 7,
		Now: func() time.Time { return at }})
	want := exposed(reg)
	if err := w.Push(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := v.query(t, `{job="pawl"}`, at)
	for key, value := range want {
		if strings.Contains(key, `"pawl_`) { // counts of the registry itself
			continue
		}
		if g, ok := got[key]; !ok || math.Abs(g-value) > 1e-12*math.Abs(value) {
			t.Errorf("%s is %v there (%v), want %v", key, g, ok, value)
		}
	}
	if s := w.Stats(); len(got) != len(want) || int(s.Sent) != len(want) || s.Invalid != 0 {
		t.Errorf("%d series, want %d; %+v", len(got), len(want), s)
	}
	for q, want := range map[string]float64{`sum(dotted_name_total)`: 42, `histogram_quantile(0.5, sum(took_seconds_bucket) by (le))`: 0.98,
		`sum(took_seconds_sum) / sum(took_seconds_count)`: 0.99, `count(odd)`: 14} {
		if got := v.query(t, q, at); len(got) != 1 || math.Abs(got[""]-want) > 0.03 {
			t.Errorf("%s: %v, want %v", q, got, want)
		}
	}
}

// With the mark a series ends at once, without it after minutes.
func TestRealStale(t *testing.T) {
	v := startVictoria(t, t.TempDir(), peer.Free(t))
	for _, stale := range []bool{false, true} {
		reg := engine.NewRegistry()
		engine.MustGauge(reg, engine.Opts{Name: "g"}).Set(1)
		w := writer(t, reg, Options{URL: v.url + "/api/v1/write", Labels: map[string]string{"job": fmt.Sprint(stale)}, StaleAtEnd: stale, Now: time.Now})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		got := v.query(t, fmt.Sprintf(`g{job="%v"}`, stale), time.Now().Add(2*time.Second))
		if (len(got) == 0) != stale {
			t.Errorf("StaleAtEnd %v: %v", stale, got)
		}
	}
}

// A receiver that is killed and comes back gets every push that it had not taken.
func TestRealRestart(t *testing.T) {
	dir, addr := t.TempDir(), peer.Free(t)
	v := startVictoria(t, dir, addr)
	reg := engine.NewRegistry()
	engine.MustGauge(reg, engine.Opts{Name: "g"}).Set(42)
	var pushes []time.Time
	w := writer(t, reg, Options{URL: v.url + "/api/v1/write", Interval: 200 * time.Millisecond, Now: func() time.Time {
		now := time.Now()
		pushes = append(pushes, now)
		return now
	}})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx) }()
	samples := uint64(len(exposed(reg)))
	peer.Wait(t, "second push", func() bool { return w.Stats().Sent >= 2*samples })
	v.Kill()
	peer.Wait(t, "failed push", func() bool { return w.Stats().Retries > 0 && w.Stats().WaitingBatches > 2 })
	before := w.Stats().Sent / samples
	v = startVictoria(t, dir, addr)
	peer.Wait(t, "later push", func() bool { return w.Stats().Sent/samples >= before+5 })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if s := w.Stats(); s.Sent != samples*uint64(len(pushes)) || s.Refused+s.Overflowed+s.Unsent != 0 {
		t.Errorf("%+v of %d pushes", s, len(pushes))
	}
	for _, at := range pushes[before:] {
		peer.Wait(t, fmt.Sprintf("point at %d", at.UnixMilli()), func() bool {
			peer.Get(t, v.url+"/internal/force_flush")
			return strings.Contains(peer.Get(t, v.url+"/api/v1/export?match[]=g"), fmt.Sprint(at.UnixMilli()))
		})
	}
}
