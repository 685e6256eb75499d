package fuzz

import (
	"mime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/encode"
)

// FuzzNames checks names against prometheus/common.
func FuzzNames(f *testing.F) {
	for i, n := range append(append(append(encodeNames, encodeLabels...), oddNames...), texts...) {
		f.Add(n, uint8(i))
	}
	f.Fuzz(func(t *testing.T, name string, room uint8) {
		if got, want := encode.ValidName(name), model.LegacyValidation.IsValidMetricName(name); got != want {
			t.Errorf("ValidName(%q) = %v", name, got)
		}
		if got, want := encode.ValidLabelName(name), model.LegacyValidation.IsValidLabelName(name); got != want {
			t.Errorf("ValidLabelName(%q) = %v", name, got)
		}
		if got, want := encode.ValidUTF8Name(name), goodName(name); got != want {
			t.Errorf("ValidUTF8Name(%q) = %v", name, got)
		}
		if utf8.ValidString(name) {
			checkEscaping(t, name, room)
		}
		for ours, theirs := range schemes {
			if got, want := encode.UnescapeName(name, ours), model.UnescapeName(name, theirs); got != want && !strings.Contains(name, "U__") {
				t.Errorf("UnescapeName(%q, %v) = %q, want %q", name, ours, got, want)
			}
		}
	})
}

func checkEscaping(t *testing.T, name string, room uint8) {
	for scheme := range schemes {
		metric := func(dst []byte, s string) []byte { return encode.AppendName(dst, s, scheme) }
		label := func(dst []byte, s string) []byte { return encode.AppendLabelName(dst, s, scheme) }
		check(t, name, room, metric, escapeName(name, scheme))
		check(t, name, room, label, escapeLabel(name, scheme))
		if scheme != encode.AllowUTF8 && name != "" && !encode.ValidLabelName(string(label(nil, name))) {
			t.Errorf("label %q with %v becomes %q", name, scheme, label(nil, name))
		}
	}
	escaped := encode.EscapeName(name, encode.Values)
	if back := encode.UnescapeName(escaped, encode.Values); back != name && !strings.HasPrefix(name, "U__") {
		t.Errorf("%q with values comes back as %q", name, back)
	}
}

// FuzzLabelPairs checks that labels come to the same protobuf from their text as from
// themselves.
func FuzzLabelPairs(f *testing.F) {
	for i, v := range texts {
		f.Add(encodeLabels[i%len(encodeLabels)], v, strings.Repeat("x", 3*i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, name, a, b string, room uint8) {
		if !goodName(name) || !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		list := []encode.Label{{Name: "first", Value: a}, {Name: name, Value: b}, {Name: "last", Value: b + a}}
		text := string(encode.AppendSeries(nil, encode.Format{Scheme: encode.AllowUTF8}, "x", "", list))[1:]
		want := string(encode.AppendLabelPairs(nil, list, encode.AllowUTF8))
		check(t, text, room, encode.AppendLabelPairsText, want)
		if got := encode.AppendLabelPairsText(make([]byte, 0, 8*len(text)), text); string(got) != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		encode.AppendLabelPairsText(make([]byte, 0, 500), a) // does not panic
		encode.AppendLabelPairsText(nil, "{"+a)
		encode.AppendLabelPairsText(make([]byte, 0, 500), "{"+a)
	})
}

// FuzzNegotiate checks what must be so of every answer.
func FuzzNegotiate(f *testing.F) {
	for _, s := range []string{
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7,application/openmetrics-text;version=0.0.1;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3",
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,*/*;q=0.2",
		"application/openmetrics-text;version=2.0.0;escaping=dots;q=0.7,*/*;q=0.6",
		"text/html,*/*;q=0.8", "", "*/*", `a/b;c="d,e\"`, ";q=0,,text/plain;q=0;;", `text/plain;version="1.0.0"`,
	} {
		f.Add(s, uint8(0xff))
		f.Add(s, uint8(5))
	}
	f.Fuzz(func(t *testing.T, accept string, mask uint8) {
		offer := encode.Offer{Syntaxes: []encode.Syntax{}}
		for s := encode.Text004; s <= encode.ProtobufDelimited; s++ {
			if mask>>s&1 != 0 {
				offer.Syntaxes = append(offer.Syntaxes, s)
			}
		}
		got := encode.Negotiate([]string{accept}, offer)
		if got.Syntax != encode.Text004 && mask>>got.Syntax&1 == 0 {
			t.Errorf("%v is not offered", got)
		}
		lower := strings.ToLower(accept)
		if got.Syntax == encode.OpenMetrics200 && !strings.Contains(lower, "2.0.0") ||
			got.Syntax == encode.ProtobufDelimited && !strings.Contains(lower, "google.protobuf") {
			t.Errorf("%v was not asked for by name", got)
		}
		if _, _, err := mime.ParseMediaType(got.ContentType()); err != nil {
			t.Error(err)
		}
		n := encode.NewNegotiator(offer)
		if a, b := n.Negotiate([]string{accept}), n.Negotiate([]string{accept}); a != got || b != got {
			t.Errorf("%v, from memory %v", a, b)
		}
		if expfmt.Format(got.ContentType()).FormatType() == expfmt.TypeUnknown && got.Syntax != encode.Text100 {
			t.Errorf("expfmt does not know %v", got)
		}
	})
}
