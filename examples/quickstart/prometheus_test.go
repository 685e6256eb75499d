//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestPrometheus lets a real Prometheus server scrape the quickstart while its
// clients drive it, and asks in PromQL for everything that was sent.
func TestPrometheus(t *testing.T) {
	s := newService()
	held, release := hold(t, s)
	web := httptest.NewServer(s)
	defer web.Close()
	prom := startPrometheus(t, strings.TrimPrefix(web.URL, "http://"))

	// Prometheus takes some seconds to find its targets.
	for deadline := time.Now().Add(30 * time.Second); len(query(t, prom, "up == 1")) == 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("Prometheus does not scrape")
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 4*time.Second)
	defer stop()
	sent := startFleet(ctx, web.URL, 8).wait()
	if sent.failed > 0 || sent.total() == 0 {
		t.Fatalf("%d answers, %d requests failed", sent.total(), sent.failed)
	}
	holders := held(3)

	// Handlers record after the client has its answer, and Prometheus scrapes
	// five times a second: ask until it has seen the end.
	want := expected(sent, 3)
	deadline := time.Now().Add(20 * time.Second)
	for diff := compare(t, prom, want); diff != ""; diff = compare(t, prom, want) {
		if time.Now().After(deadline) {
			t.Fatalf("Prometheus has not what was sent:\n%s", diff)
		}
		time.Sleep(100 * time.Millisecond)
	}
	checkHistory(t, prom)
	release()
	holders()
}

// hold adds a route on which requests stay in flight until release.
func hold(t *testing.T, s *service) (start func(n int) (wait func()), release func()) {
	entered, free := make(chan struct{}), make(chan struct{})
	s.Handle("GET /hold", s.measure(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-free
	})))
	start = func(n int) func() {
		web := httptest.NewServer(s)
		done := make(chan error, n)
		for range n {
			go func() {
				_, _, err := send(http.DefaultTransport, "GET", web.URL+"/hold")
				done <- err
			}()
			<-entered
		}
		return func() {
			for range n {
				if err := <-done; err != nil {
					t.Error(err)
				}
			}
			web.Close()
		}
	}
	return start, func() { close(free) }
}

func (t tally) total() (n uint64) {
	for _, a := range t.answers {
		n += a
	}
	return n
}

// bodies are the sizes of the answers, by call.
var bodies = map[call]uint64{calls[0]: 8, calls[2]: 8, calls[3]: 14}

// expected is every query and its one answer.
func expected(sent tally, held int) map[string]float64 {
	want := map[string]float64{
		`http_requests_in_flight`:                      float64(held),
		`sum(http_requests_total)`:                     float64(sent.total()),
		`http_response_size_bytes_sum`:                 float64(sent.bytes),
		`http_response_size_bytes_count`:               float64(sent.total()),
		`http_response_size_bytes_bucket{le=~"1|1.0"}`: 0,
		`http_response_size_bytes_bucket{le="+Inf"}`:   float64(sent.total()),
		`sum(http_request_duration_seconds_count)`:     float64(sent.total()),
		`count(http_request_duration_seconds_bucket)`:  3 * 12,
		`max(pawl_dropped_observations_total)`:         0,
	}
	var upTo8, upTo64 uint64
	for c, n := range sent.answers {
		labels := fmt.Sprintf(`{code="%d",method="%s",route="%s"}`, c.status, c.method, c.path)
		want["http_requests_total"+labels] = float64(n)
		want["http_request_duration_seconds_count"+labels] = float64(n)
		want[fmt.Sprintf(`http_request_duration_seconds_bucket{le="+Inf",code="%d",method="%s",route="%s"}`, c.status, c.method, c.path)] = float64(n)
		if bodies[c] <= 8 {
			upTo8 += n
		}
		if bodies[c] <= 64 {
			upTo64 += n
		}
	}
	want[`http_response_size_bytes_bucket{le=~"8|8.0"}`] = float64(upTo8)
	want[`http_response_size_bytes_bucket{le=~"64|64.0"}`] = float64(upTo64)
	want[`http_response_size_bytes_bucket{le=~"512|512.0"}`] = float64(upTo64)
	return want
}

func compare(t *testing.T, prom string, want map[string]float64) (diff string) {
	for q, v := range want {
		got := query(t, prom, q)
		if len(got) != 1 || got[0] != v {
			diff += fmt.Sprintf("%s\n\tis %v, want %v\n", q, got, v)
		}
	}
	return diff
}

// checkHistory looks at every scrape that Prometheus stored: counters never went
// down, and in each a histogram's count was its +Inf bucket.
func checkHistory(t *testing.T, prom string) {
	for _, name := range []string{"http_requests_total", "http_response_size_bytes_count", "http_response_size_bytes_sum"} {
		if got := query(t, prom, "max(resets("+name+"[5m]))"); len(got) != 1 || got[0] != 0 {
			t.Errorf("%s went down %v times", name, got)
		}
	}
	if got := query(t, prom, "count_over_time(http_response_size_bytes_count[5m])"); len(got) != 1 || got[0] < 5 {
		t.Errorf("Prometheus stored %v scrapes, want 5 at the least", got)
	}
	q := `max_over_time((http_response_size_bytes_count - ignoring(le) http_response_size_bytes_bucket{le="+Inf"})[5m:100ms])`
	if got := query(t, prom, q); len(got) != 1 || got[0] != 0 {
		t.Errorf("count and +Inf bucket differed by %v", got)
	}
}

// query returns the values of an instant query.
func query(t *testing.T, prom, q string) (values []float64) {
	t.Helper()
	resp, err := http.Get(prom + "/api/v1/query?query=" + url.QueryEscape(q))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct{ Value [2]any }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer.Status != "success" {
		t.Fatalf("%s: %s", q, answer.Error)
	}
	for _, r := range answer.Data.Result {
		v, err := strconv.ParseFloat(r.Value[1].(string), 64)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

// startPrometheus runs a Prometheus server that scrapes target five times a
// second, and returns its address.
func startPrometheus(t *testing.T, target string) string {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Fatal("needs Debian's prometheus: apt-get install prometheus")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("global: {scrape_interval: 200ms, scrape_timeout: 200ms}\nscrape_configs:\n- job_name: quickstart\n  static_configs: [{targets: [%q]}]\n", target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	cmd := exec.Command(path, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	log := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Log(log)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get("http://" + addr + "/-/ready"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return "http://" + addr
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("Prometheus does not come up")
		}
	}
}

func freeAddr(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
