package main

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/enginetest"
)

// with returns a registry that has one collector.
func with(c engine.Collector) *engine.Registry {
	reg := engine.NewRegistry()
	reg.MustRegister(c)
	return reg
}

// The real /proc of this machine.
func TestSystem(t *testing.T) {
	if _, err := os.Stat("/proc/meminfo"); err != nil {
		t.Skip("there is no /proc: ", err)
	}
	reg := with(&systemCollector{root: "/proc"})
	total := enginetest.Value(t, reg, `system_memory_bytes{type="total"}`)
	free := enginetest.Value(t, reg, `system_memory_bytes{type="available"}`)
	if !(total > free && free > 0) {
		t.Errorf("%v bytes of memory, %v available", total, free)
	}
	before := enginetest.Value(t, reg, `system_cpu_seconds_total{core="0",mode="user"}`)
	for begin := time.Now(); time.Since(begin) < 50*time.Millisecond; {
	}
	if after := enginetest.Value(t, reg, `system_cpu_seconds_total{core="0",mode="user"}`); after < before {
		t.Errorf("CPU time went from %v to %v", before, after)
	}
}

// A file of /proc that cannot be read costs the collector, not the scrape.
func TestSystemWithoutProc(t *testing.T) {
	reg := with(&systemCollector{root: t.TempDir()})
	reg.AppendText(nil)
	if text := string(reg.AppendText(nil)); strings.Contains(text, "\nsystem_") || !strings.Contains(text, "pawl_collector_errors_total") {
		t.Error(text)
	}
}

func TestHealth(t *testing.T) {
	well := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer well.Close()
	ill := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	defer ill.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	reg := with(&healthCollector{client: well.Client(), services: map[string]string{"well": well.URL, "ill": ill.URL, "gone": gone.URL}})
	for service, want := range map[string]float64{"well": 1, "ill": 0, "gone": 0} {
		if got := enginetest.Value(t, reg, `external_service_up{service="`+service+`"}`); got != want {
			t.Errorf("%s is %v, want %v", service, got, want)
		}
	}
	if !enginetest.Has(t, reg, `external_service_response_seconds{service="well"}`) {
		t.Error("how long did it take?")
	}
}

// A service that does not answer is down when the scrape's time is up; it does not take
// the scrape with it.
func TestHealthOfASlowService(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	c := &healthCollector{client: slow.Client(), services: map[string]string{"slow": slow.URL}}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if answers := c.askAll(ctx); answers["slow"].up {
		t.Errorf("%+v", answers)
	}
}

// A real database file.
func TestDatabase(t *testing.T) {
	db, err := openShop(filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	reg := with(&databaseCollector{db})
	for table, want := range map[string]float64{"users": 1000, "orders": 500, "products": 200} {
		if got := enginetest.Value(t, reg, `database_table_rows{table="`+table+`"}`); got != want {
			t.Errorf("%s has %v rows, want %v", table, got, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if reg.AppendText(nil); enginetest.Has(t, reg, `database_table_rows{table="users"}`) {
		t.Error("rows of a database that is closed")
	}
	if got := enginetest.Value(t, reg, `pawl_collector_errors_total{collector="database",reason="error"}`); got < 1 {
		t.Errorf("%v errors were counted", got)
	}
}

func TestApplication(t *testing.T) {
	var out bytes.Buffer
	if err := writeBoth(context.Background(), &out, with(applicationCollector{})); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# TYPE app_requests counter\n", "# TYPE app_requests_total counter\n",
		`app_requests_total{endpoint="/api/users",method="GET"} 1500`,
		"# UNIT app_response_time_seconds seconds\n",
		`app_response_time_seconds_bucket{service="user_service",le="+Inf"} 1000`,
		`app_query_seconds{database="primary",quantile="0.99"} 0.1`,
		`app_info{environment="production",version="2.1.0"} 1`,
		`app_features{app_features="new_checkout"} 1`, `app_features{app_features="dark_mode"} 0`,
		"# TYPE app_queue_age_seconds gaugehistogram\n", "app_queue_age_seconds_gcount 12",
		"# TYPE app_legacy_number unknown\n", "# EOF\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestSamples(t *testing.T) {
	reg := with(&samplesCollector{now: func() time.Time { return time.Unix(1700000000, 250000001) }})
	formats := map[encode.Syntax][]string{
		encode.Text004: {`custom_samples{instance="server1",job="app"} 42 1700000000250`},
		encode.OpenMetrics100: {`custom_samples{instance="server1",job="app"} 42.0 1700000000.250000001`,
			`custom_jobs_total{instance="server2"} 38.0 # {trace_id="abc123",span_id="def456"} 1.0 1700000000.250000001`},
		encode.OpenMetrics200: {`schema:0`},
	}
	for syntax, wants := range formats {
		text := string(reg.AppendExposition(nil, engine.ExpositionOptions{Format: encode.Format{Syntax: syntax, Scheme: encode.Underscores}}))
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%q is missing in\n%s", want, text)
			}
		}
	}
}

// A socket that takes Graphite's lines, as Carbon does.
func TestGraphite(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	lines := make(chan string, 1000)
	go take(listener, lines)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		sendToGraphite(ctx, listener.Addr().String(), with(applicationCollector{}))
	}()
	for line := range lines {
		if strings.HasPrefix(line, "advanced.app_requests_total;endpoint=/api/users;method=GET 1500 ") {
			break // or the test's time runs out
		}
	}
	cancel()
	<-done
}

// take accepts connections and passes on their lines.
func take(listener net.Listener, lines chan<- string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		for in := bufio.NewScanner(conn); in.Scan(); {
			lines <- in.Text()
		}
		conn.Close()
	}
}
