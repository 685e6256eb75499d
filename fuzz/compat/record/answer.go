package record

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	prom "github.com/prometheus/prometheus/model/exemplar"
	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// Ask sends a request to a handler and writes the answer down: status, every header,
// and the body as Prometheus' parser and expfmt read it.
func (l *Log) Ask(what string, h http.Handler, r *http.Request) {
	rec := httptest.NewRecorder()
	l.Try(what, func() { h.ServeHTTP(rec, r) })
	l.Printf("%s: status %d", what, rec.Code)
	for _, name := range slices.Sorted(maps.Keys(rec.Header())) {
		if name != "Date" {
			l.Printf("%s: %s: %s", what, name, strings.Join(rec.Header()[name], " | "))
		}
	}
	body, err := unpack(rec.Body.Bytes(), rec.Header().Get("Content-Encoding"))
	if err != nil {
		l.Err(what+": body", err)
		return
	}
	l.Body(what, body, rec.Header().Get("Content-Type"))
}

func unpack(body []byte, coding string) ([]byte, error) {
	switch coding {
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case "zstd":
		r, err := zstd.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	}
	return body, nil
}

// Body writes down what an exposition says; anything else, word by word.
func (l *Log) Body(what string, body []byte, contentType string) {
	switch format := expfmt.ResponseFormat(http.Header{"Content-Type": {contentType}}); {
	case strings.HasPrefix(contentType, "application/openmetrics-text"):
		l.entries(what, body, contentType)
	case contentType == "text/plain; charset=utf-8" || format.FormatType() == expfmt.TypeUnknown:
		l.Printf("%s: body %q", what, sortedLines(clean(string(body))))
	case format.FormatType() == expfmt.TypeTextPlain:
		l.entries(what, body, contentType)
		p := expfmt.NewTextParser(model.UTF8Validation)
		parsed, err := p.TextToMetricFamilies(bytes.NewReader(body))
		l.Families(what+": text", slices.SortedFunc(maps.Values(parsed), byName), err)
	case format.FormatType() == expfmt.TypeProtoDelim:
		l.entries(what, body, contentType)
		list, err := decode(body, format)
		l.Families(what+": protobuf", list, err)
	default:
		l.Printf("%s: body %q", what, clean(string(body)))
	}
}

// sortedLines: of several errors, the order is nobody's promise.
func sortedLines(text string) []string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return lines
}

func byName(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) }

func decode(body []byte, format expfmt.Format) (list []*dto.MetricFamily, err error) {
	dec := expfmt.NewDecoder(bufio.NewReader(bytes.NewReader(body)), format)
	for {
		var f dto.MetricFamily
		if err := dec.Decode(&f); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return list, err
		}
		list = append(list, &f)
	}
}

// entries writes down what the Prometheus server would keep, family by family in the
// order of the document. Within a family there is no order that means anything.
func (l *Log) entries(what string, body []byte, contentType string) {
	p, err := textparse.New(bytes.Clone(body), contentType, promlabels.NewSymbolTable(),
		textparse.ParserOptions{EnableOpenMetrics2: true, KeepClassicOnClassicAndNativeHistograms: true})
	if err != nil || p == nil {
		l.Printf("%s: no parser for %s: %v", what, contentType, err)
		return
	}
	f := family{open: strings.HasPrefix(contentType, "application/openmetrics-text")}
	for {
		e, err := p.Next()
		if err != nil {
			l.family(what, f)
			if !errors.Is(err, io.EOF) {
				l.Err(what+": parser", err)
			}
			return
		}
		if line := metadata(p, e); line != "" {
			if len(f.points) > 0 {
				l.family(what, f)
				f = family{open: f.open}
			}
			f.about = append(f.about, line)
			continue
		}
		f.add(p, e)
	}
}

// family is a part of a document.
type family struct {
	open          bool // OpenMetrics
	about, points []string
}

func (l *Log) family(what string, f family) {
	l.about(what, f.about)
	slices.Sort(f.points)
	for _, line := range f.points {
		l.Printf("%s: %s", what, line)
	}
}

// about writes down what is said of a family, which may be said in any order.
func (l *Log) about(what string, lines []string) {
	slices.Sort(lines)
	for _, line := range lines {
		if !strings.HasSuffix(line, emptyHelp) {
			l.Printf("%s: %s", what, line)
		}
	}
}

// emptyHelp ends a HELP line that says no more than none.
const emptyHelp = ` ""`

// metadata returns a line about a family, sorted by the family first.
func metadata(p textparse.Parser, e textparse.Entry) string {
	switch e {
	case textparse.EntryHelp:
		name, help := p.Help()
		return fmt.Sprintf("%s HELP %q", name, help)
	case textparse.EntryType:
		name, word := p.Type()
		return fmt.Sprintf("%s TYPE %s", name, word)
	case textparse.EntryUnit:
		name, unit := p.Unit()
		return fmt.Sprintf("%s UNIT %s", name, unit)
	}
	return ""
}

func (f *family) add(p textparse.Parser, e textparse.Entry) {
	switch e {
	case textparse.EntrySeries:
		_, at, v := p.Series()
		f.point(p, at, func(name string) string { return shown(name, v) })
	case textparse.EntryHistogram:
		_, at, h, fh := p.Histogram()
		f.point(p, at, func(string) string { return fmt.Sprint(h, fh) })
	case textparse.EntryComment:
		f.points = append(f.points, "a comment")
	}
}

func (f *family) point(p textparse.Parser, at *int64, value func(name string) string) {
	var set promlabels.Labels
	p.Labels(&set)
	name := set.Get(model.MetricNameLabel)
	text := value(name)
	if f.open && (strings.HasSuffix(name, "_sum") || strings.HasSuffix(name, "_count") || set.Has("quantile")) || f.unknown() && strings.HasSuffix(name, "_created") {
		return // OpenMetrics has none where values are negative, and none of an unknown type: see Differences
	}
	if q := set.Get("quantile"); q != "" && text != "NaN" {
		text = "some"
	}
	line := set.String() + " " + text
	if at != nil {
		line += fmt.Sprint(" at ", *at)
	}
	for x := (prom.Exemplar{}); p.Exemplar(&x); x = (prom.Exemplar{}) {
		if !f.unknown() {
			line += fmt.Sprintf(" # %s %v timed %t", x.Labels, x.Value, x.HasTs)
		}
	}
	f.points = append(f.points, line)
}

// unknown: such a family has no exemplars in OpenMetrics, see Differences.
func (f *family) unknown() bool {
	return f.open && slices.ContainsFunc(f.about, func(s string) bool { return strings.HasSuffix(s, " TYPE unknown") })
}

// shown is a sample's value, or that it is a moment.
func shown(name string, v float64) string {
	if strings.HasSuffix(name, "_created") {
		return "a moment"
	}
	if v == 0 {
		return "0" // expfmt's OpenMetrics has no sign there
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
