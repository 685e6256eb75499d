package thirdparty

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	sink "github.com/hashicorp/go-metrics/prometheus"
	"github.com/mwitkow/go-conntrack"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"google.golang.org/grpc"

	compat "github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// TestIsPawl: the registry that these modules are handed is one of compat's.
func TestIsPawl(t *testing.T) {
	var r any = prometheus.NewRegistry()
	if _, ok := r.(*compat.Registry); !ok {
		t.Fatalf("a %T", r)
	}
}

// scrape returns the exposition of a registry.
func scrape(t *testing.T, g prometheus.Gatherer) string {
	t.Helper()
	rec := httptest.NewRecorder()
	promhttp.HandlerFor(g, promhttp.HandlerOpts{}).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusOK {
		t.Fatalf("status %d: %s", rec.Code, rec.Body)
	}
	return rec.Body.String()
}

// has fails the test for each line that the text lacks.
func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !regexp.MustCompile("(?m)^" + regexp.QuoteMeta(line) + "$").MatchString(text) {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
}

func TestConntrack(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln = conntrack.NewListener(ln, conntrack.TrackWithName("here"))
	defer ln.Close()
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	dial := conntrack.NewDialContextFunc(conntrack.DialWithName("there"))
	for range 3 {
		conn, err := dial(context.Background(), "tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.ReadAll(conn) // the other side has closed it, and so counted it
		conn.Close()
	}
	has(t, scrape(t, prometheus.DefaultGatherer),
		`net_conntrack_listener_conn_accepted_total{listener_name="here"} 3`,
		`net_conntrack_dialer_conn_attempted_total{dialer_name="there"} 3`,
		`net_conntrack_dialer_conn_established_total{dialer_name="there"} 3`,
		"# TYPE net_conntrack_dialer_conn_failed_total counter")
}

func TestGRPC(t *testing.T) {
	m := grpcprom.NewServerMetrics(grpcprom.WithServerHandlingTimeHistogram(grpcprom.WithHistogramBuckets([]float64{1000})))
	r := prometheus.NewRegistry()
	r.MustRegister(m)
	intercept := m.UnaryServerInterceptor()
	for range 2 {
		_, err := intercept(context.Background(), nil, &grpc.UnaryServerInfo{FullMethod: "/service/Method"},
			func(context.Context, any) (any, error) { return nil, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	has(t, scrape(t, r),
		`grpc_server_handled_total{grpc_code="OK",grpc_method="Method",grpc_service="service",grpc_type="unary"} 2`,
		`grpc_server_started_total{grpc_method="Method",grpc_service="service",grpc_type="unary"} 2`,
		`grpc_server_handling_seconds_bucket{grpc_method="Method",grpc_service="service",grpc_type="unary",le="1000"} 2`)
}

func TestGoMetrics(t *testing.T) {
	r := prometheus.NewRegistry()
	s, err := sink.NewPrometheusSinkFrom(sink.PrometheusOpts{Registerer: r, Expiration: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	s.IncrCounter([]string{"jobs", "done"}, 2)
	s.IncrCounter([]string{"jobs", "done"}, 3)
	s.SetGauge([]string{"queue"}, 7)
	s.AddSample([]string{"took"}, 4)
	has(t, scrape(t, r), "jobs_done 5", "queue 7", "took_sum 4", "took_count 1")
	// compat's quantiles are within 1 % of the value.
	if !regexp.MustCompile(`(?m)^took\{quantile="0.5"\} (3\.9[6-9]|4$|4\.0[0-3])`).MatchString(scrape(t, r)) {
		t.Error(scrape(t, r))
	}
}

func TestOpenTelemetry(t *testing.T) {
	r := prometheus.NewRegistry()
	e, err := exporter.New(exporter.WithRegisterer(r), exporter.WithoutScopeInfo())
	if err != nil {
		t.Fatal(err)
	}
	meter := sdk.NewMeterProvider(sdk.WithReader(e)).Meter("thirdparty")
	c, err := meter.Int64Counter("requests", metric.WithDescription("Requests."))
	if err != nil {
		t.Fatal(err)
	}
	h, err := meter.Float64Histogram("duration", metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	c.Add(context.Background(), 5)
	h.Record(context.Background(), 1.5)
	text := scrape(t, r)
	has(t, text, "# HELP requests_total Requests.", "# TYPE requests_total counter")
	for _, line := range []string{`requests_total.* 5`, `duration_seconds_bucket\{.*le="2"\} 1`, `target_info\{.*\} 1`} {
		if !regexp.MustCompile("(?m)^" + line + "$").MatchString(text) {
			t.Errorf("no line like %s in\n%s", line, text)
		}
	}
	if strings.Contains(text, "\nNaN") {
		t.Error(text)
	}
}
