package conformance

import (
	"net/http"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

const (
	proto      = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
	protoUTF8  = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8"
	om1UTF8    = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
	om1Escaped = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
	om2Escaped = "application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=underscores"
	text100    = "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
	text004    = "text/plain; version=0.0.4; charset=utf-8"
)

// What each Prometheus sends by default, with protobuf first (native histograms), and
// otherwise; and what it is answered.
var acceptHeaders = []struct{ what, accept, want string }{
	{"3.15", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3", om1UTF8},
	{"3.15, protobuf first", proto + ";q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", protoUTF8},
	{"3.15, OpenMetrics 2", "application/openmetrics-text;version=2.0.0;escaping=underscores;q=0.7,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.5", om2Escaped},
	{"3.15, text", "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.7,text/plain;version=0.0.4;q=0.6,*/*;q=0.5", text100},
	{"3.4", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", om1UTF8},
	{"3.4, protobuf first", proto + ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1", protoUTF8},
	{"3.0", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2", om1UTF8},
	{"3.0, protobuf first", proto + ";escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2", protoUTF8},
	{"2.55", "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", om1Escaped},
	{"2.49", "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=2", om1Escaped},
	{"2.42", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", om1Escaped},
	{"2.42, protobuf first", proto + ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", protoUTF8},
	{"curl", "*/*", text004},
	{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", text004},
}

// Every Prometheus is answered in the best format that it asks for.
func TestAccept(t *testing.T) {
	web := serve(t, scrape.Options{})
	for _, c := range acceptHeaders {
		request, err := http.NewRequest("GET", web.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", c.accept)
		answer, err := web.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != c.want {
			t.Errorf("%s: %s, %q, want %q", c.what, answer.Status, got, c.want)
		}
	}
}
