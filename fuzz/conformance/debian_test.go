//go:build integration

package conformance

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// Prometheus 2.42, which Debian has, is of the time before UTF-8 names, start timestamps
// and OpenMetrics 2. It is run as it is and asked over its HTTP API.
func TestDebianOpenMetrics(t *testing.T) {
	web := serve(t, scrape.Options{})
	p := startDebian(t, web.addr(), "exemplar-storage")
	p.checkFloats(t, recorded())
	p.checkExemplars(t, web, wantExemplars(false))
	p.checkMetadata(t, "requests", "counter", helpText, "")
	p.checkMetadata(t, "wait_seconds", "histogram", "Both.", "seconds")
	if got := web.answered.Load().Get("Content-Type"); got != om1Escaped {
		t.Errorf("answered in %s", got)
	}
}

// With native histograms on, it asks for protobuf, and takes of a histogram the native
// part alone. It knows no names with dots, which a scrape of protobuf has unless
// Options.Offer says otherwise.
func TestDebianProtobuf(t *testing.T) {
	offer := scrape.Options{}
	offer.Offer.EscapeUnasked = true
	web := serve(t, offer)
	p := startDebian(t, web.addr(), "exemplar-storage,native-histograms")
	want := recorded()
	want.without("size_bytes")
	want.without("wait_seconds")
	p.checkFloats(t, want)
	p.checkExemplars(t, web, debianExemplars())
	for _, name := range []string{"size_bytes", "wait_seconds"} {
		for q, v := range nativeQueriesOf(name) {
			if strings.Contains(q, "histogram_avg") { // not invented yet
				continue
			}
			if got := p.query(t, q); len(got) != 1 || !near(got[0].value, v) {
				t.Errorf("%s is %v, want %v", q, got, v)
			}
		}
	}
	if got := web.answered.Load().Get("Content-Type"); !strings.HasPrefix(got, contentTypes["PrometheusProto"]) {
		t.Errorf("answered in %s", got)
	}
}

// debianExemplars are those that it takes from protobuf: of native histograms no more
// than one, which must stand at a classic bucket.
func debianExemplars() values {
	v := wantExemplars(true)
	v.without("size_bytes")
	v.without("wait_seconds")
	v[`wait_seconds{route="/a"} # {kind="é",trace_id="b7"}`] = 7
	return v
}

// debian is a running server.
type debian struct{ url string }

const debianConfig = `
global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
- job_name: pawl
  static_configs: [{targets: [%q]}]
`

// startDebian runs a server that scrapes a target twice a second, and waits until it has.
func startDebian(t *testing.T, target, features string) debian {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("NOT RUN: Prometheus is missing (Debian: prometheus), and with it the check against release 2.42")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(config, []byte(fmt.Sprintf(debianConfig, target)), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	cmd := exec.Command(path, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+addr, "--enable-feature="+features)
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
	p := debian{"http://" + addr}
	p.wait(t)
	return p
}

// wait waits until the target has been scraped twice. Before that the server needs some
// seconds to find it.
func (p debian) wait(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if p.ready() {
			if got := p.query(t, `count_over_time(up[1m]) >= 2 and up == 1`); len(got) == 1 {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("Prometheus has not scraped: up is %v", p.query(t, "up"))
		}
	}
}

func (p debian) ready() bool {
	answer, err := http.Get(p.url + "/-/ready")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func freeAddr(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// get asks the API and puts the data of its answer into data.
func (p debian) get(t *testing.T, path string, args url.Values, data any) {
	t.Helper()
	resp, err := http.Get(p.url + "/api/v1/" + path + "?" + args.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	if err == nil && answer.Status != "success" {
		err = fmt.Errorf("%s", answer.Error)
	}
	if err == nil {
		err = json.Unmarshal(answer.Data, data)
	}
	if err != nil {
		t.Fatalf("%s %v: %v", path, args, err)
	}
}

// sample is one float of a query's answer.
type sample struct {
	series string
	value  float64
}

// query returns the floats that a query has now; native histograms are passed over.
func (p debian) query(t *testing.T, q string) (list []sample) {
	t.Helper()
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  []any
		}
	}
	p.get(t, "query", url.Values{"query": {q}}, &data)
	for _, r := range data.Result {
		if len(r.Value) == 2 {
			list = append(list, sample{mapKey(r.Metric), number(t, r.Value[1].(string))})
		}
	}
	return list
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// checkFloats compares all floats that the server has of the service. It stores bounds
// as they come: le="10" in protobuf, le="10.0" in OpenMetrics.
func (p debian) checkFloats(t *testing.T, want values) {
	t.Helper()
	got := make(values)
	for _, s := range p.query(t, `{job="pawl", __name__!~"up|scrape_.+"}`) {
		for _, b := range bounds {
			s.series = strings.Replace(s.series, fmt.Sprintf("le=\"%v\"", b), fmt.Sprintf("le=%q", canonical(b)), 1)
		}
		got[s.series] = s.value
	}
	if diff := want.diff(got); diff != "" {
		t.Errorf("Prometheus has not what was recorded:\n%s", diff)
	}
}

func (p debian) checkExemplars(t *testing.T, web *service, want values) {
	t.Helper()
	var data []struct {
		SeriesLabels map[string]string
		Exemplars    []struct {
			Labels    map[string]string
			Value     string
			Timestamp float64
		}
	}
	now := time.Now()
	p.get(t, "query_exemplars", url.Values{"query": {`{__name__=~".+"}`},
		"start": {fmt.Sprint(now.Add(-time.Hour).Unix())}, "end": {fmt.Sprint(now.Add(time.Hour).Unix())}}, &data)
	got := make(values)
	for _, series := range data {
		for _, e := range series.Exemplars {
			k := mapKey(series.SeriesLabels) + " # " + key("", e.Labels)
			got[k] = number(t, e.Value)
			web.checkMoment(t, k, int64(e.Timestamp*1000+0.5))
		}
	}
	if diff := underscored(want).diff(got); diff != "" {
		t.Errorf("exemplars:\n%s", diff)
	}
}

func (p debian) checkMetadata(t *testing.T, family, typ, help, unit string) {
	t.Helper()
	var data map[string][]struct{ Type, Help, Unit string }
	p.get(t, "metadata", url.Values{"metric": {family}}, &data)
	if list := data[family]; len(list) != 1 || list[0].Type != typ || list[0].Help != help || list[0].Unit != unit {
		t.Errorf("%s: %q, want %s, %q, %q", family, list, typ, help, unit)
	}
}
