package fuzz

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/exemplar"
	prom "github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// ReadExposed reads an exposition of any format with the Prometheus server's
// parser for its Content-Type.
func ReadExposed(doc []byte, f encode.Format) (Exposed, error) {
	return readExposed(doc, f, func(ms int64) int64 { return ms })
}

// readExposed passes start timestamps and those of exemplars through moment.
func readExposed(doc []byte, f encode.Format, moment func(ms int64) int64) (Exposed, error) {
	p, err := textparse.New(bytes.Clone(doc), f.ContentType(), labels.NewSymbolTable(),
		textparse.ParserOptions{EnableOpenMetrics2: true, KeepClassicOnClassicAndNativeHistograms: true})
	if err != nil || p == nil {
		return Exposed{}, fmt.Errorf("no parser for %q: %w", f.ContentType(), err)
	}
	r := exposedReader{p: p, f: f, moment: moment}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return r.out, nil
		}
		if err == nil {
			err = r.entry(entry)
		}
		if err != nil {
			return r.out, err
		}
	}
}

type exposedReader struct {
	p      textparse.Parser
	f      encode.Format
	moment func(int64) int64
	out    Exposed
}

func (r *exposedReader) entry(e textparse.Entry) error {
	switch e {
	case textparse.EntryHelp:
		name, help := r.p.Help()
		if m := r.meta(name); len(help) > 0 {
			m.Help = string(help)
		}
	case textparse.EntryType:
		name, typ := r.p.Type()
		r.meta(name).Type = string(typ)
	case textparse.EntryUnit:
		name, unit := r.p.Unit()
		r.meta(name).Unit = string(unit)
	case textparse.EntrySeries:
		_, ts, v := r.p.Series()
		return r.point(ts, bitsText(v, r.f))
	case textparse.EntryHistogram:
		_, ts, h, fh := r.p.Histogram()
		if fh != nil {
			return errors.New("an integer histogram came back as one of floats")
		}
		if err := h.Validate(); err != nil {
			return err
		}
		return r.point(ts, nativeText(plain(h)))
	default:
		return fmt.Errorf("an entry of kind %d", e)
	}
	return nil
}

// bitsText is bitsOf, without its tolerance for NaNs: the server's are what it
// stores.
func bitsText(v float64, _ encode.Format) string {
	if v != v {
		return "7ff8000000000001"
	}
	return bitsOf(v)
}

func (r *exposedReader) meta(name []byte) *Metadata {
	n := string(name)
	if r.f.Syntax != encode.ProtobufDelimited {
		n, _ = unescape(n, true)
	}
	if k := len(r.out.Meta); k > 0 && r.out.Meta[k-1].Name == n {
		return &r.out.Meta[k-1]
	}
	r.out.Meta = append(r.out.Meta, Metadata{Name: n})
	return &r.out.Meta[len(r.out.Meta)-1]
}

func (r *exposedReader) point(ts *int64, value string) error {
	p := Point{Value: value}
	if ts != nil {
		p.Time = strconv.FormatInt(*ts, 10)
	}
	var set labels.Labels
	r.p.Labels(&set)
	p.Name, p.Labels = splitLabels(set)
	for x := (exemplar.Exemplar{}); r.p.Exemplar(&x); x = (exemplar.Exemplar{}) {
		at := ""
		if x.HasTs {
			at = strconv.FormatInt(r.moment(x.Ts), 10)
		}
		_, text := splitLabels(x.Labels)
		p.Exemplars += exemplarText(text, x.Value, at)
	}
	// In OpenMetrics 1.0 asking reads on in the document, and spoils the parser's
	// state when the labels have not been read yet.
	if r.f.Syntax == encode.OpenMetrics200 || r.f.Syntax == encode.ProtobufDelimited {
		p.Start = r.moment(r.p.StartTimestamp())
	}
	r.out.Points = append(r.out.Points, p)
	return nil
}

func splitLabels(set labels.Labels) (name, rest string) {
	m := make(map[string]string)
	set.Range(func(l labels.Label) {
		if l.Name == labels.MetricName {
			name = l.Value
			return
		}
		if _, dup := m[l.Name]; dup {
			name += " with a label twice"
		}
		m[l.Name] = l.Value
	})
	return name, key(m)
}

// plain undoes the server's deltas.
func plain(h *prom.Histogram) *nativehist.Histogram {
	side := func(spans []prom.Span, deltas []int64) (out []nativehist.Span, counts []uint64) {
		for _, s := range spans {
			out = append(out, nativehist.Span{Offset: s.Offset, Length: s.Length})
		}
		n := int64(0)
		for _, d := range deltas {
			n += d
			counts = append(counts, uint64(n))
		}
		return out, counts
	}
	p := &nativehist.Histogram{Schema: h.Schema, ZeroThreshold: h.ZeroThreshold, ZeroCount: h.ZeroCount, Count: h.Count, Sum: h.Sum}
	p.PositiveSpans, p.PositiveCounts = side(h.PositiveSpans, h.PositiveBuckets)
	p.NegativeSpans, p.NegativeCounts = side(h.NegativeSpans, h.NegativeBuckets)
	return p
}

// same compares what was read with what was expected.
func (got Exposed) same(want Exposed) error {
	for i := range max(len(got.Meta), len(want.Meta)) {
		if i >= len(got.Meta) || i >= len(want.Meta) || got.Meta[i] != want.Meta[i] {
			return fmt.Errorf("metadata:\n got %.3000q\nwant %.3000q", got.Meta, want.Meta)
		}
	}
	sortPoints(got.Points)
	sortPoints(want.Points)
	for i := range max(len(got.Points), len(want.Points)) {
		if i >= len(got.Points) || i >= len(want.Points) || got.Points[i] != want.Points[i] {
			return fmt.Errorf("point %d:\n got %.3000s\nwant %.3000s", i, fmt.Sprintf("%+v", got.Points[min(i, len(got.Points)):]), fmt.Sprintf("%+v", want.Points[min(i, len(want.Points)):]))
		}
	}
	return nil
}

func sortPoints(list []Point) {
	slices.SortFunc(list, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Labels, b.Labels), cmp.Compare(a.Value, b.Value),
			cmp.Compare(a.Time, b.Time), cmp.Compare(a.Start, b.Start), cmp.Compare(a.Exemplars, b.Exemplars))
	})
}
