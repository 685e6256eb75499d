package encode

import (
	"mime"
	"strings"
	"sync"
	"testing"
)

const protoClause = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

var (
	text004   = Format{Text004, Underscores}
	om100     = Format{OpenMetrics100, Underscores}
	om100UTF8 = Format{OpenMetrics100, AllowUTF8}
	protoUTF8 = Format{ProtobufDelimited, AllowUTF8}
)

// The Accept headers of every Prometheus since 2.42, and what the world
// sends besides.
var acceptHeaders = []struct {
	what   string
	accept string
	want   Format
}{
	{"Prometheus 3.15", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3", om100UTF8},
	{"Prometheus 3.15, protobuf first", protoClause + ";q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", protoUTF8},
	{"Prometheus 3.15, OpenMetrics 2, legacy names", "application/openmetrics-text;version=2.0.0;escaping=underscores;q=0.7,application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,*/*;q=0.5", Format{OpenMetrics200, Underscores}},
	{"Prometheus 3.15, OpenMetrics 2", "application/openmetrics-text;version=2.0.0;escaping=allow-utf-8;q=0.7,*/*;q=0.6", Format{OpenMetrics200, AllowUTF8}},
	{"Prometheus 3.15, text only", "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.7,text/plain;version=0.0.4;q=0.6,*/*;q=0.5", Format{Text100, AllowUTF8}},
	{"Prometheus 3.15, dots", "text/plain;version=1.0.0;escaping=dots;q=0.7,*/*;q=0.6", Format{Text100, Dots}},
	{"Prometheus 3.15, values", "application/openmetrics-text;version=1.0.0;escaping=values;q=0.7,*/*;q=0.6", Format{OpenMetrics100, Values}},
	{"Prometheus 3.4", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", om100UTF8},
	{"Prometheus 3.4, protobuf first", protoClause + ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2", protoUTF8},
	{"Prometheus 3.0", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2", om100UTF8},
	{"Prometheus 3.0, protobuf first", protoClause + ";escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2", protoUTF8},
	{"Prometheus 2.55", "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", om100},
	{"Prometheus 2.49", "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=2", om100},
	{"Prometheus 2.42", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", om100},
	{"Prometheus 2.42, protobuf first", protoClause + ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", protoUTF8},

	{"Firefox", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", text004},
	{"Chrome", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7", text004},
	{"curl", "*/*", text004},
	{"nothing", "", text004},
	{"JSON only", "application/json", text004},
	{"text of any kind", "text/*", text004},
	{"any application", "application/*", text004},

	{"OpenMetrics without a version", "application/openmetrics-text", om100},
	{"OpenMetrics 0.0.1", "application/openmetrics-text;version=0.0.1", Format{OpenMetrics001, Underscores}},
	{"an OpenMetrics that there is not", "application/openmetrics-text;version=7.0.0", text004},
	{"a draft of OpenMetrics 2", "application/openmetrics-text;version=2.0.0-rc0", text004},
	{"OpenMetrics 2 without escaping", "application/openmetrics-text;version=2.0.0", Format{OpenMetrics200, AllowUTF8}},
	{"protobuf without a message", "application/vnd.google.protobuf", text004},
	{"protobuf as text", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", text004},
	{"an escaping that there is not", "text/plain;version=1.0.0;escaping=rot13", Format{Text100, Underscores}},
	{"escaping of another clause", "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;escaping=values;q=0.1", text004},
	{"upper case", "APPLICATION/OpenMetrics-Text;VERSION=1.0.0;Escaping=Allow-UTF-8;Q=0.5", om100UTF8},
	{"quotes", `application/openmetrics-text;version="1.0.0";escaping="allow-utf-8"`, om100UTF8},
	{"a comma in quotes", `a/b;c="d,e/f;q=1",application/openmetrics-text`, om100},
	{"an escaped quote", `a/b;c="d\",text/plain",application/openmetrics-text`, om100},
	{"blanks", " application/openmetrics-text ; version=1.0.0 ; q=0.5 , text/plain;q=0.4 ", om100},
	{"weight 0 excludes", "application/openmetrics-text;version=1.0.0;q=0,text/plain;q=0.1", text004},
	{"weight 0 excludes", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=1.0.0;q=0.000", text004},
	{"all excluded", "text/plain;q=0,*/*;q=0", text004},
	{"the greatest weight, not the first", "text/plain;q=0.5,application/openmetrics-text;q=0.501", om100},
	{"the wildcard's weight counts", "application/openmetrics-text;q=0.3,*/*;q=0.8", text004},
	{"a tie", "text/plain,application/openmetrics-text", om100},
	{"malformed weight", "application/openmetrics-text;q=high,text/plain;version=1.0.0;q=0.1", Format{Text100, Underscores}},
	{"malformed weight", "application/openmetrics-text;q=0.1234,text/plain;version=1.0.0;q=0.1", Format{Text100, Underscores}},
	{"malformed weight", "application/openmetrics-text;q=1.001", text004},
	{"malformed weight", "application/openmetrics-text;q=", text004},
	{"malformed parameter", "application/openmetrics-text;version,*/*", text004},
	{"malformed quotes", `application/openmetrics-text;version="1.0.0`, text004},
	{"malformed type", "openmetrics-text,;,,/;q=1,=", text004},
	{"a semicolon too many", "application/openmetrics-text;;version=1.0.0;", om100},
}

func TestNegotiate(t *testing.T) {
	n := NewNegotiator(Offer{})
	for _, c := range acceptHeaders {
		if got := Negotiate([]string{c.accept}, Offer{}); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
		for range 2 {
			if got := n.Negotiate([]string{c.accept}); got != c.want {
				t.Errorf("%s: the negotiator says %v, want %v", c.what, got, c.want)
			}
		}
	}
}

func TestNegotiateOffers(t *testing.T) {
	prometheus, protobuf := acceptHeaders[0].accept, acceptHeaders[1].accept
	for _, c := range []struct {
		what   string
		accept string
		offer  Offer
		want   Format
	}{
		{"OpenMetrics is off", prometheus, Offer{Syntaxes: []Syntax{Text100, Text004}}, Format{Text100, AllowUTF8}},
		{"only 0.0.4 is on", prometheus, Offer{Syntaxes: []Syntax{Text004}}, text004},
		{"nothing is on", prometheus, Offer{Syntaxes: []Syntax{}}, text004},
		{"protobuf is off", protobuf, Offer{Syntaxes: []Syntax{OpenMetrics100, Text004}}, om100UTF8},
		{"protobuf like client_golang", protobuf, Offer{EscapeUnasked: true}, Format{ProtobufDelimited, Underscores}},
		{"another preference", "text/plain,application/openmetrics-text", Offer{Syntaxes: []Syntax{Text004, OpenMetrics100}}, text004},
	} {
		if got := Negotiate([]string{c.accept}, c.offer); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
		if got := NewNegotiator(c.offer).Negotiate([]string{c.accept}); got != c.want {
			t.Errorf("%s: the negotiator says %v, want %v", c.what, got, c.want)
		}
	}
}

func TestNegotiateSeveralHeaders(t *testing.T) {
	for range 2 {
		if got := NewNegotiator(Offer{}).Negotiate([]string{"text/plain;q=0.5", "application/openmetrics-text;q=0.6"}); got != om100 {
			t.Error(got)
		}
	}
	if got := Negotiate([]string{"application/openmetrics-text", "application/openmetrics-text;q=0"}, Offer{}); got != text004 {
		t.Error(got)
	}
	if got := Negotiate(nil, Offer{}); got != text004 {
		t.Error(got)
	}
}

func TestContentTypes(t *testing.T) {
	for f, want := range map[Format]string{
		{}:                               "text/plain; version=0.0.4; charset=utf-8",
		{Text004, Values}:                "text/plain; version=0.0.4; charset=utf-8; escaping=values",
		{Text100, Underscores}:           "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
		{OpenMetrics001, Underscores}:    "application/openmetrics-text; version=0.0.1; charset=utf-8",
		{OpenMetrics100, AllowUTF8}:      "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
		{OpenMetrics200, Dots}:           "application/openmetrics-text; version=2.0.0; charset=utf-8; escaping=dots",
		{ProtobufDelimited, Underscores}: "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
		{99, 99}:                         "text/plain; version=0.0.4; charset=utf-8",
	} {
		if got := f.ContentType(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if _, _, err := mime.ParseMediaType(f.ContentType()); err != nil {
			t.Error(err)
		}
	}
}

func TestNegotiatorRemembersSoMuch(t *testing.T) {
	n := NewNegotiator(Offer{})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				header := "application/openmetrics-text" + strings.Repeat(" ", 4*i+g)
				if got := n.Negotiate([]string{header}); got != om100 {
					t.Errorf("%v", got)
				}
			}
		})
	}
	wg.Wait()
	n.Negotiate([]string{strings.Repeat(" ", 2000)})
	if known := len(*n.known.Load()); known != rememberHeaders {
		t.Errorf("%d headers are remembered, want %d", known, rememberHeaders)
	}
}

func TestNegotiatingAgainAllocatesNothing(t *testing.T) {
	n := NewNegotiator(Offer{})
	accept := []string{acceptHeaders[0].accept}
	n.Negotiate(accept)
	if got := testing.AllocsPerRun(100, func() { _ = n.Negotiate(accept).ContentType() }); got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

func BenchmarkNegotiate(b *testing.B) {
	accept := []string{acceptHeaders[0].accept}
	n := NewNegotiator(Offer{})
	b.Run("impl=pawl", func(b *testing.B) {
		for b.Loop() {
			n.Negotiate(accept)
		}
	})
	b.Run("impl=pawl-uncached", func(b *testing.B) {
		for b.Loop() {
			Negotiate(accept, Offer{})
		}
	})
}
