package conformance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery/targetgroup"
	"github.com/prometheus/prometheus/scrape"
	"github.com/prometheus/prometheus/tsdb"
)

// protocols are all that Prometheus 3.16 knows.
var protocols = []string{"PrometheusProto", "OpenMetricsText2.0.0", "OpenMetricsText1.0.0",
	"OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"}

// hasNative says whether a protocol has native histograms.
func hasNative(protocol string) bool {
	return protocol == "PrometheusProto" || protocol == "OpenMetricsText2.0.0"
}

// hasNames says whether Prometheus can have dotted names in a protocol.
func hasNames(protocol string) bool {
	return protocol != "PrometheusText0.0.4" && protocol != "OpenMetricsText0.0.1"
}

// setting is how a server scrapes.
type setting struct {
	Protocol string
	Scheme   string // how names are escaped; blank is allow-utf-8, Prometheus' choice
	Native   bool   // native histograms are scraped, and the classic ones beside them
	Starts   bool   // start timestamps become zeros: created-timestamp-zero-ingestion
}

const configText = `
global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
- job_name: pawl
  scrape_protocols: [%s]
  metric_name_escaping_scheme: %s
  scrape_native_histograms: %v
  always_scrape_classic_histograms: %v
`

func (s setting) config(t *testing.T) *config.Config {
	scheme := s.Scheme
	if scheme == "" {
		scheme = "allow-utf-8"
	}
	c, err := config.Load(fmt.Sprintf(configText, s.Protocol, scheme, s.Native, s.Native), promslog.NewNopLogger())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// server is Prometheus' scrape loop with a database behind it: all of a Prometheus
// server that a scrape goes through.
type server struct {
	t       *testing.T
	db      *tsdb.DB
	manager *scrape.Manager
}

// watch starts a server that scrapes one target twice a second.
func watch(t *testing.T, addr string, how setting) *server {
	s := &server{t: t, db: openDB(t, how)}
	var err error
	s.manager, err = scrape.NewManager(&scrape.Options{
		EnableStartTimestampZeroIngestion: how.Starts,
		ParseST:                           how.Starts,
		EnableOpenMetrics2:                true,
		DiscoveryReloadOnStartup:          true,
	}, nil, nil, nil, s.db, prometheus.NewRegistry())
	if err == nil {
		err = s.manager.ApplyConfig(how.config(t))
	}
	if err != nil {
		t.Fatal(err)
	}
	targets := make(chan map[string][]*targetgroup.Group, 1)
	targets <- map[string][]*targetgroup.Group{"pawl": {{Targets: []model.LabelSet{{model.AddressLabel: model.LabelValue(addr)}}}}}
	go s.manager.Run(targets)
	t.Cleanup(s.manager.Stop)
	return s
}

func openDB(t *testing.T, how setting) *tsdb.DB {
	o := tsdb.DefaultOptions()
	o.EnableExemplarStorage, o.MaxExemplars = true, 10000
	o.EnableSTAsZeroSample = how.Starts
	db, err := tsdb.Open(t.TempDir(), promslog.NewNopLogger(), nil, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// scraped waits until n scrapes are in the database, all of which went well.
func (s *server) scraped(n int) *server {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ups := s.history("up")
		for _, up := range ups {
			if up.value != 1 {
				s.t.Fatalf("a scrape failed: %v", s.target().LastError())
			}
		}
		if len(ups) >= n {
			return s
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d scrapes, want %d", len(ups), n)
		}
	}
}

func (s *server) target() *scrape.Target {
	for _, list := range s.manager.TargetsActive() {
		for _, target := range list {
			return target
		}
	}
	s.t.Fatal("there is no target")
	return nil
}

func background() context.Context { return context.Background() }
