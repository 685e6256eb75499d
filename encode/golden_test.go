package encode_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// golden is what Python's prometheus_client does, recorded by running it: the parts
// that concern this package. The others are looked at by package scrape (gzip), the
// exports (grouping, graphite) and mmap/clientpython (mmap_key, merge).
type golden struct {
	FloatToGoString []struct{ Bits, Repr, Out string }
	Escape          []struct {
		In            string
		Metric, Label map[string]string
	}
	Accept []struct {
		In          string
		ContentType string `json:"content_type"`
	}
	Timestamp []struct {
		Sec, Nsec int64
		Str       string
		TextMS    int64 `json:"text_ms"`
	}
}

func readGolden(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/client_python.json")
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(g.FloatToGoString) < 25 || len(g.Escape) < 12 || len(g.Accept) < 9 || len(g.Timestamp) < 5 {
		t.Fatalf("cases are missing: %+v", g)
	}
	return g
}

func TestGoldenFloats(t *testing.T) {
	for _, c := range readGolden(t).FloatToGoString {
		bits, err := strconv.ParseUint(c.Bits, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		v := math.Float64frombits(bits)
		if got := string(encode.AppendPythonFloat([]byte("x"), v)); got != "x"+c.Out {
			t.Errorf("%s is written %s, want %s", c.Repr, got[1:], c.Out)
		}
		if got := string(encode.AppendPythonRepr([]byte("x"), v)); got != "x"+c.Repr {
			t.Errorf("%s is printed %s", c.Repr, got[1:])
		}
	}
}

var schemes = map[string]encode.Scheme{"underscores": encode.Underscores, "dots": encode.Dots, "values": encode.Values}

// The fourth scheme leaves names as they are; that prometheus_client's function puts
// quotes around some is part of writing a line here.
func TestGoldenEscaping(t *testing.T) {
	for _, c := range readGolden(t).Escape {
		for name, scheme := range schemes {
			if got, want := encode.EscapeName(c.In, scheme), fixed(escapeFixes, name+" "+c.In, c.Metric[name]); got != want {
				t.Errorf("metric %q in %s: %q, want %q", c.In, name, got, want)
			}
			got := string(encode.AppendLabelName(nil, c.In, scheme))
			if want := fixed(escapeFixes, name+" "+c.In, c.Label[name]); got != want {
				t.Errorf("label %q in %s: %q, want %q", c.In, name, got, want)
			}
		}
	}
}

// fixed returns what is wanted where we deliberately differ, and else what was recorded.
func fixed(fixes map[string]string, key, recorded string) string {
	if fix, ok := fixes[key]; ok {
		return fix
	}
	return recorded
}

// escapeFixes: a name that is legal in every format is left alone under every scheme, as
// Prometheus itself has it. prometheus_client changes such names under dots, and takes
// label names that begin with __ for illegal under values: they are only reserved.
var escapeFixes = map[string]string{"dots _": "_", "dots __x": "__x", "values __x": "__x"}

// acceptFixes: media types know no case (RFC 9110, 8.3.1). And where Prometheus' text
// formats may be escaped they say how, as client_golang has it.
var acceptFixes = map[string]string{
	"application/openmetrics-text":               "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
	"APPLICATION/OPENMETRICS-TEXT;version=1.0.0": "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
}

func TestGoldenAccept(t *testing.T) {
	for _, c := range readGolden(t).Accept {
		want := fixed(acceptFixes, c.In, c.ContentType)
		if got := encode.Negotiate([]string{c.In}, encode.Offer{}).ContentType(); got != want {
			t.Errorf("Accept: %q\n got %q\nwant %q", c.In, got, want)
		}
	}
}

// The seconds and nanoseconds of prometheus_client's Timestamp have one sign.
func TestGoldenTimestamps(t *testing.T) {
	for _, c := range readGolden(t).Timestamp {
		nsec := c.Nsec
		if c.Sec < 0 {
			nsec = -nsec
		}
		ts := encode.UnixTimestamp(c.Sec, nsec)
		str := fixed(secondsFixes, c.Str, strings.TrimRight(c.Str, "0")) // zeros at the end say nothing
		if got := string(encode.AppendSeconds(nil, ts)); got != str {
			t.Errorf("%s: %s, want %s", c.Str, got, str)
		}
		ms := fixed(millisFixes, c.Str, " "+strconv.FormatInt(c.TextMS, 10))
		if got := string(encode.AppendMillis(nil, ts)); got != ms {
			t.Errorf("%s: %q ms, want %q", c.Str, got, ms)
		}
	}
}

// secondsFixes: a number has one sign, at its beginning.
var secondsFixes = map[string]string{"-1.-500000000": "-1.5"}

// millisFixes: what lies before 1970 has no timestamp in text (see Timestamp), and
// milliseconds are cut off exactly: prometheus_client goes by way of a float, which here
// rounds up.
var millisFixes = map[string]string{"-1.-500000000": "", "1520879607.999999999": " 1520879607999"}
