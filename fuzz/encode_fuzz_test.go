package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/pawl-metrics/pawl/encode"
)

// The targets below draw families, encode them, and have the server's parser for
// the format read them back: what it says must be what was drawn.

func FuzzFamilyText(f *testing.F) { fuzzFamily(f, encode.Text004, encode.Text100) }

func FuzzFamilyOpenMetrics1(f *testing.F) {
	fuzzFamily(f, encode.OpenMetrics100, encode.OpenMetrics001)
}

func FuzzFamilyOpenMetrics2(f *testing.F) { fuzzFamily(f, encode.OpenMetrics200) }

func FuzzFamilyProtobuf(f *testing.F) { fuzzFamily(f, encode.ProtobufDelimited) }

func fuzzFamily(f *testing.F, syntaxes ...encode.Syntax) {
	for _, data := range familySeeds(300) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, syntax := range syntaxes {
			if list, err := checkFamilies(data, syntax); err != nil {
				t.Fatalf("%v\nfamilies: %.3000s", err, fmt.Sprintf("%+v", list))
			}
		}
	})
}

// familySeeds returns random programs, the same ones each time.
func familySeeds(n int) (list [][]byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		data := make([]byte, r.IntN(300))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		list = append(list, data)
	}
	return list
}

// drawCase draws a format, options and families.
func drawCase(data []byte, syntax encode.Syntax) (encode.Format, encode.Options, []encode.Family) {
	s := NewSource(data)
	b := s.Byte()
	f := encode.Format{Syntax: syntax, Scheme: encode.Scheme(b & 3)}
	opts := encode.Options{Exemplars: b&4 != 0, Created: b&8 != 0}
	return f, opts, drawing{s}.families()
}

func checkFamilies(data []byte, syntax encode.Syntax) ([]encode.Family, error) {
	f, opts, list := drawCase(data, syntax)
	doc := appendAll(nil, f, opts, list)
	if err := checkDocument(doc, f); err != nil {
		return list, fmt.Errorf("%v: %w\n%.3000q", f, err, doc)
	}
	got, err := ReadExposed(doc, f)
	if err == nil {
		err = compareExposed(got, expect(list, f, opts), f)
	}
	if err == nil {
		err = checkOthers(doc, f, expect(list, f, opts))
	}
	if err != nil {
		return list, fmt.Errorf("%v %+v: %w\n%.3000q", f, opts, err, doc)
	}
	return list, checkAppends(doc, f, opts, list)
}

func appendAll(dst []byte, f encode.Format, opts encode.Options, list []encode.Family) []byte {
	for i := range list {
		dst = encode.AppendFamily(dst, f, opts, &list[i])
	}
	return encode.AppendEOF(dst, f)
}

// compareExposed takes off what the server's parsers are known to lose.
func compareExposed(got, want Exposed, f encode.Format) error {
	for i := range want.Meta {
		if f.Syntax <= encode.Text100 { // formats.md 1.7
			want.Meta[i].Help = trimBlank(want.Meta[i].Help)
		}
	}
	return got.same(want)
}

// checkDocument asks what must be so whatever was drawn.
func checkDocument(doc []byte, f encode.Format) error {
	if f.Syntax == encode.ProtobufDelimited {
		return nil
	}
	om := f.Syntax >= encode.OpenMetrics001
	switch {
	case !utf8.Valid(doc):
		return fmt.Errorf("not UTF-8")
	case len(doc) > 0 && doc[len(doc)-1] != '\n':
		return fmt.Errorf("no end of line")
	case bytes.Contains(doc, []byte("\n\n")) || bytes.HasPrefix(doc, []byte("\n")):
		return fmt.Errorf("a blank line")
	case om != bytes.HasSuffix(doc, []byte("# EOF\n")):
		return fmt.Errorf("the wrong end")
	}
	for line := range strings.Lines(string(doc)) {
		if strings.HasPrefix(line, "# EOF") && line != "# EOF\n" {
			return fmt.Errorf("a false end")
		}
	}
	return nil
}

// checkAppends appends with too little room, and behind what is there already.
func checkAppends(doc []byte, f encode.Format, opts encode.Options, list []encode.Family) error {
	for _, room := range []int{0, len(doc) / 2, len(doc), len(doc) + 300} {
		memory := bytes.Repeat([]byte{'!'}, 1+room+64)
		got := appendAll(memory[:1:1+room], f, opts, list)
		if string(got) != "!"+string(doc) {
			return fmt.Errorf("with room for %d bytes the exposition is another: %.2000q", room, got)
		}
		if behind := memory[1+room:]; bytes.Count(behind, []byte{'!'}) != len(behind) {
			return fmt.Errorf("with room for %d bytes something was written behind it", room)
		}
	}
	return nil
}

// TestCreatedIsFound asks Prometheus' OpenMetrics 1.0 parser for start timestamps,
// which it looks for from each sample on, forward. It finds those that stand directly
// behind their metric's samples, with the same labels.
func TestCreatedIsFound(t *testing.T) {
	h := &encode.HistogramValue{Count: 1, Sum: 1, Buckets: []encode.Bucket{{UpperBound: 1, Count: 1}}}
	families := []encode.Family{{Name: "a_total", Type: encode.Counter}, {Name: "b", Type: encode.Histogram}, {Name: "c", Type: encode.Summary}}
	for i := range families {
		for j := range int64(3) {
			families[i].Samples = append(families[i].Samples, encode.Sample{Labels: []encode.Label{{Name: "i", Value: fmt.Sprint(j)}},
				Histogram: h, Summary: &encode.SummaryValue{}, Start: encode.UnixTimestamp(1_520_430_000+j, 500_000_000)})
		}
	}
	f := encode.Format{Syntax: encode.OpenMetrics100}
	starts, err := readStarts(appendAll(nil, f, encode.Options{Created: true}, families))
	if err != nil || len(starts) != 3*(1+4+2) {
		t.Fatalf("%d samples: %v", len(starts), err)
	}
	for series, st := range starts {
		want := int64(1_520_430_000_500)
		for j := range int64(3) {
			if strings.Contains(series, fmt.Sprintf(`i="%d"`, j)) {
				want += 1000 * j
			}
		}
		if st != want {
			t.Errorf("%s has started at %d, want %d", series, st, want)
		}
	}
}

// readStarts returns the start timestamp of each series.
func readStarts(doc []byte) (map[string]int64, error) {
	p := textparse.NewOpenMetricsParser(doc, labels.NewSymbolTable(), textparse.WithOMParserSTSeriesSkipped())
	starts := make(map[string]int64)
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return starts, nil
		}
		if err != nil {
			return nil, err
		}
		if entry == textparse.EntrySeries {
			series, _, _ := p.Series()
			name := string(series)
			starts[name] = p.StartTimestamp()
		}
	}
}
