package encode

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/nativehist"
)

func hexIs(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if h := hex.EncodeToString(got); h != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s: %s, want %s", what, h, want)
	}
}

// Prometheus' decoder keeps the last untyped value where one is left out.
func TestZerosAreWritten(t *testing.T) {
	hexIs(t, "untyped", AppendUntypedMessage(nil, 0), "2a 09 09 0000000000000000")
	hexIs(t, "gauge", AppendGaugeMessage(nil, 0), "12 09 09 0000000000000000")
	hexIs(t, "counter", AppendCounterMessage(nil, 0, Timestamp{}, nil, 0), "1a 09 09 0000000000000000")
	hexIs(t, "summary", AppendSummaryMessage(nil, &SummaryValue{}, Timestamp{}), "22 0b 0800 11 0000000000000000")
	hexIs(t, "histogram", AppendHistogramMessage(nil, &HistogramValue{}, Timestamp{}, false, 0), "3a 0b 0800 11 0000000000000000")
}

// As it is, a gauge with these bits would become a marker of a stale series.
func TestProtobufHasOneNaN(t *testing.T) {
	for _, bits := range []uint64{0x7ff0000000000002, 0x7ff8000000000001, 0xfff8dead0000beef} {
		hexIs(t, "NaN", AppendGaugeMessage(nil, math.Float64frombits(bits)), "12 09 09 010000000000f87f")
	}
}

// The server knows a native histogram by its spans, or its zero threshold.
func TestAnEmptyNativeHistogramHasASpanOfNothing(t *testing.T) {
	h := &nativehist.Histogram{Schema: 3}
	hexIs(t, "empty", AppendHistogramMessage(nil, &HistogramValue{Native: h}, Timestamp{}, false, 0),
		"3a 1e 0800 11 0000000000000000 2806 31 0000000000000000 3800 62 04 0800 1000")
	h.ZeroThreshold = 1
	hexIs(t, "with a threshold", AppendHistogramMessage(nil, &HistogramValue{Native: h}, Timestamp{}, false, 0),
		"3a 18 0800 11 0000000000000000 2806 31 000000000000f03f 3800")
}

func TestBucketsAreDeltas(t *testing.T) {
	hexIs(t, "deltas", appendDeltas(nil, histogramPositiveDelta, []uint64{1, 3, 0, math.MaxInt64}),
		"6a 0d 02 04 05 feffffffffffffffff01")
	hexIs(t, "no deltas", appendDeltas(nil, histogramPositiveDelta, nil), "")
}

func TestLengthsOfAnySize(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 129, 16383, 16384, 1 << 21} {
		body := bytes.Repeat([]byte{'x'}, n)
		dst, m := openMessage([]byte("before"), 1)
		got := m.close(append(dst, body...))
		want := append(AppendVarint([]byte("before\x0a"), uint64(n)), body...)
		if !bytes.Equal(got, want) {
			t.Errorf("a message of %d bytes begins %x, want %x", n, got[:min(20, len(got))], want[:min(20, len(want))])
		}
	}
}

func TestLabelPairsFromText(t *testing.T) {
	for _, labels := range [][]Label{
		nil, {{"a", ""}}, {{"code", "200"}, {"method", "GET"}}, {{"a", "\"\\\n}{,="}, {"b", `\\`}}, {{"a", "\\"}}, {{"a", "\x00\r"}},
		{{"a.b", "1"}, {"c", "2"}}, {{"c", "2"}, {`a"=\`, "1"}}, {{"a", strings.Repeat("x", 200)}, {"b", strings.Repeat("\n", 200)}},
		{{"a", strings.Repeat("x", 122)}, {"a2", strings.Repeat("x", 121)}, {"a3", strings.Repeat("x", 123)}},
	} {
		text := string(AppendSeries(nil, Format{Text100, AllowUTF8}, "", "", labels))
		if labels == nil {
			text = " "
		} else {
			text = "{" + text[len(`{"",`):]
		}
		want := AppendLabelPairs(nil, labels, AllowUTF8)
		for _, text := range []string{text, strings.TrimSuffix(text, " ")} {
			for _, room := range []int{0, len(want), len(want) + 3, 4096} {
				got := AppendLabelPairsText(append(make([]byte, 0, 1+room), 'x'), text)
				if string(got) != "x"+string(want) {
					t.Errorf("%s becomes\n%q, want\n%q", text, got, want)
				}
			}
		}
	}
}

func TestLabelTextThatIsNone(t *testing.T) {
	for _, text := range []string{"", "{", "{}", "{} ", "{a", "{a=", `{a="`, `{a="b`, `{"`, `{"a`, `{"a"`, `{"a"=`, `{a="b",`, `{a="b\`, `{\`, `{,`, `{="`} {
		AppendLabelPairsText(nil, text) // does not panic
		AppendLabelPairsText(make([]byte, 0, 100), text)
	}
}

func BenchmarkAppendLabelPairsText(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"three", `{code="200",handler="/api/v1",method="GET"} `},
		{"escaped", `{code="200",handler="/a\\b",method="GET"} `},
		{"long", `{handler="` + strings.Repeat("x", 60) + `",instance="10.0.0.1:8080",job="api-server"} `},
	} {
		b.Run("impl=pawl/labels="+c.name, func(b *testing.B) {
			buf := make([]byte, 0, 256)
			for b.Loop() {
				buf = AppendLabelPairsText(buf[:0], c.text)
			}
		})
	}
	labels := []Label{{"code", "200"}, {"handler", "/api/v1"}, {"method", "GET"}}
	b.Run("impl=pawl-labels/labels=three", func(b *testing.B) {
		buf := make([]byte, 0, 256)
		for b.Loop() {
			buf = AppendLabelPairs(buf[:0], labels, AllowUTF8)
		}
	})
}
