package graphite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// carbon listens, and gives what each connection brought.
func carbon(t *testing.T) (addr string, pushes <-chan string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	ch := make(chan string, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			text, _ := io.ReadAll(c)
			c.Close()
			ch <- string(text)
		}
	}()
	return l.Addr().String(), ch
}

// log is a Logger.
type log chan string

func (l log) Println(v ...any) { l <- fmt.Sprintln(v...) }

func families(t *testing.T, cs ...prometheus.Collector) []*dto.MetricFamily {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(cs...)
	list, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestLines(t *testing.T) {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total", ConstLabels: prometheus.Labels{"b": "b c"}}, []string{"a"})
	counter.WithLabelValues("x/y").Add(2)
	counter.WithLabelValues("é_日").Inc()
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "took_seconds", Buckets: []float64{0.5, 2}})
	histogram.Observe(1.25)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "size"})
	summary.Observe(3)
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g:x"})
	gauge.Set(1e-7)
	for _, c := range []struct {
		name   string
		config Config
		of     prometheus.Collector
		want   string
	}{
		{"labels", Config{Prefix: "p.q"}, counter, "p.q.requests_total.a.x_y.b.b.c 2 1700000000\np.q.requests_total.a._.b.b.c 1 1700000000\n"},
		{"tags", Config{UseTags: true}, counter, "requests_total;a=x/y;b=b c 2 1700000000\nrequests_total;a=é_日;b=b c 1 1700000000\n"},
		{"histogram", Config{}, histogram, "took_seconds_bucket.le.0_5 0 1700000000\ntook_seconds_bucket.le.2 1 1700000000\n" +
			"took_seconds_bucket.le._Inf 1 1700000000\ntook_seconds_sum 1.25 1700000000\ntook_seconds_count 1 1700000000\n"},
		{"summary", Config{}, summary, "size_sum 3 1700000000\nsize_count 1 1700000000\n"},
		{"a small number", Config{Prefix: "é"}, gauge, "é.g:x 1e-07 1700000000\n"},
	} {
		got, err := c.config.lines(families(t, c.of), model.Time(1700000000999))
		if err != nil || sorted(string(got)) != sorted(c.want) {
			t.Errorf("%s: %v\n%swant\n%s", c.name, err, got, c.want)
		}
	}
}

// sorted puts lines in order: expfmt has the parts of a histogram in an order of its own.
func sorted(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// A sample's own time goes before the push's.
func TestTime(t *testing.T) {
	desc := prometheus.NewDesc("x", "", nil, nil)
	m := prometheus.NewMetricWithTimestamp(time.UnixMilli(1500000000123), prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, math.Inf(1)))
	pb := new(dto.Metric)
	if err := m.Write(pb); err != nil {
		t.Fatal(err)
	}
	mf := &dto.MetricFamily{Name: new("x"), Type: new(dto.MetricType_GAUGE), Metric: []*dto.Metric{pb}}
	if got, err := (&Config{}).lines([]*dto.MetricFamily{mf}, 1); string(got) != "x +Inf 1500000000\n" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	mf.Type = new(dto.MetricType(77))
	if got, err := (&Config{}).lines([]*dto.MetricFamily{mf}, 1); err == nil {
		t.Errorf("no error for a type that is none: %s", got)
	}
}

func TestParts(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a": "a", "a b": "a.b", "a  b": "a..b", "_a__b___c_": "_a_b_c_", "a.b/c": "a_b_c", "a./b": "a_b", "é日\xff": "_",
		"A-Z:0-9": "A-Z:0-9", "a _ b": "a._.b",
	} {
		if got := string(appendPart(nil, in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := string(appendPart([]byte("_"), "_x")); got != "__x" {
		t.Errorf("what stands before is not looked at: %q", got)
	}
}

func TestConfig(t *testing.T) {
	if _, err := NewBridge(&Config{}); err == nil || err.Error() != "missing URL" {
		t.Error(err)
	}
	b, err := NewBridge(&Config{URL: "x:1"})
	if err != nil || b.c.Interval != 15*time.Second || b.c.Timeout != 15*time.Second || b.c.Gatherer != prometheus.DefaultGatherer {
		t.Errorf("%+v, %v", b, err)
	}
	b, err = NewBridge(&Config{URL: "x:1", Interval: 1, Timeout: 2, Gatherer: prometheus.NewRegistry()})
	if err != nil || b.c.Interval != 1 || b.c.Timeout != 2 || b.c.Gatherer == prometheus.DefaultGatherer {
		t.Errorf("%+v, %v", b, err)
	}
}

func bridge(t *testing.T, c Config) *Bridge {
	t.Helper()
	b, err := NewBridge(&c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func registry(t *testing.T) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "x"})
	g.Set(3)
	reg.MustRegister(g)
	return reg
}

func TestPush(t *testing.T) {
	addr, pushes := carbon(t)
	if err := bridge(t, Config{URL: addr, Gatherer: registry(t), Prefix: "p"}).Push(); err != nil {
		t.Fatal(err)
	}
	if got := <-pushes; !strings.HasPrefix(got, "p.x 3 ") || !strings.HasSuffix(got, "\n") {
		t.Errorf("%q", got)
	}
}

// What is gathered beside an error is sent, or not, as configured; and logged anyway
// where it is sent.
func TestErrorHandling(t *testing.T) {
	addr, pushes := carbon(t)
	want := errors.New("no")
	reg := registry(t)
	some := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		list, _ := reg.Gather()
		return list, want
	})
	logged := make(log, 10)
	if err := bridge(t, Config{URL: addr, Gatherer: some, Logger: logged}).Push(); err != nil {
		t.Error(err)
	}
	if got := <-pushes; !strings.HasPrefix(got, "x 3 ") {
		t.Errorf("%q", got)
	}
	if got := <-logged; got != "continue on error: no\n" {
		t.Errorf("logged %q", got)
	}
	if err := bridge(t, Config{URL: addr, Gatherer: some}).Push(); err != nil || !strings.HasPrefix(<-pushes, "x 3 ") {
		t.Errorf("without a logger: %v", err)
	}
	if err := bridge(t, Config{URL: addr, Gatherer: some, ErrorHandling: AbortOnError}).Push(); err != want {
		t.Error(err)
	}
	if err := bridge(t, Config{URL: addr, Gatherer: prometheus.NewRegistry(), ErrorHandling: AbortOnError}).Push(); err != nil {
		t.Errorf("nothing to send: %v", err)
	}
	if len(pushes) != 0 {
		t.Errorf("%d pushes more", len(pushes))
	}
	defer func() {
		if r := recover(); r != "unrecognized error handling value" {
			t.Errorf("panics %v", r)
		}
	}()
	_ = bridge(t, Config{URL: addr, Gatherer: some, ErrorHandling: 7}).Push()
}

// Run pushes until it is told to stop, whatever happens.
func TestRun(t *testing.T) {
	addr, pushes := carbon(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		bridge(t, Config{URL: addr, Gatherer: registry(t), Interval: time.Millisecond}).Run(ctx)
	}()
	for range 3 {
		if got := <-pushes; !strings.HasPrefix(got, "x 3 ") {
			t.Errorf("%q", got)
		}
	}
	cancel()
	<-done

	logged := make(log)
	ctx, cancel = context.WithCancel(t.Context())
	failing := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errors.New("no") })
	done = make(chan struct{})
	go func() {
		defer close(done)
		bridge(t, Config{URL: addr, Gatherer: failing, ErrorHandling: AbortOnError, Interval: time.Millisecond, Logger: logged}).Run(ctx)
	}()
	for range 2 {
		if got := <-logged; got != "error pushing to Graphite: no\n" {
			t.Errorf("logged %q", got)
		}
	}
	cancel()
	for {
		select {
		case <-logged: // one more may be on its way
		case <-done:
			return
		}
	}
}

// A receiver that takes nothing costs a push its timeout, no more.
func TestTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	label := &dto.LabelPair{Name: new("a"), Value: new(strings.Repeat("long", 1<<18))}
	large := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		mf := &dto.MetricFamily{Name: new("x"), Type: new(dto.MetricType_GAUGE)}
		for range 24 {
			mf.Metric = append(mf.Metric, &dto.Metric{Gauge: &dto.Gauge{Value: new(1.0)}, Label: []*dto.LabelPair{label}})
		}
		return []*dto.MetricFamily{mf}, nil
	})
	err = bridge(t, Config{URL: l.Addr().String(), Gatherer: large, UseTags: true, Timeout: 100 * time.Millisecond}).Push()
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Error(err)
	}
}

func ExampleBridge() {
	bridge, err := NewBridge(&Config{
		URL:      "graphite.example.org:2003",
		Gatherer: prometheus.DefaultGatherer,
		Prefix:   "shop",
		Interval: 15 * time.Second,
		Timeout:  10 * time.Second,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go bridge.Run(ctx)
}
