package fuzz

import (
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// Point is one series of a scrape, as the Prometheus server takes it in.
type Point struct {
	Name, Labels string // labels in name order, quoted
	Value        string // bits, or a native histogram
	Time         string // milliseconds
	Start        int64
	Exemplars    string
}

// Metadata is what a scrape says of a family.
type Metadata struct{ Name, Type, Help, Unit string }

// Exposed is what a scrape comes to: points in any order.
type Exposed struct {
	Meta   []Metadata
	Points []Point
}

// expectation says, for one format, what the server must see of families. It is
// the policy of package encode a second time, and shares no code with it.
type expectation struct {
	f    encode.Format
	opts encode.Options
	out  Exposed

	fam      *encode.Family
	typ      encode.Type
	name     string // escaped
	families int
}

// expect returns what the server must see.
func expect(list []encode.Family, f encode.Format, opts encode.Options) Exposed {
	e := expectation{f: f, opts: opts}
	for i := range list {
		e.family(&list[i])
	}
	return e.out
}

func (e *expectation) om() bool { return e.om1() || e.f.Syntax == encode.OpenMetrics200 }
func (e *expectation) om1() bool {
	return e.f.Syntax == encode.OpenMetrics100 || e.f.Syntax == encode.OpenMetrics001
}
func (e *expectation) proto() bool { return e.f.Syntax == encode.ProtobufDelimited }
func (e *expectation) text() bool  { return !e.om() && !e.proto() }

var schemes = map[encode.Scheme]model.EscapingScheme{encode.AllowUTF8: model.NoEscaping, encode.Underscores: model.UnderscoreEscaping,
	encode.Dots: model.DotsEscaping, encode.Values: model.ValueEncodingEscaping}

// escapeName escapes a metric name as expfmt does.
func escapeName(name string, s encode.Scheme) string {
	if model.LegacyValidation.IsValidMetricName(name) {
		return name
	}
	return model.EscapeName(name, schemes[s])
}

// escapeLabel escapes a label name: as model does, but a colon is like any other
// odd character.
func escapeLabel(name string, s encode.Scheme) string {
	if model.LegacyValidation.IsValidLabelName(name) || s == encode.AllowUTF8 {
		return name
	}
	stand := '\uE000' // for the colon: a character that the name does not have
	for strings.ContainsRune(name, stand) || strings.Contains(name, fmt.Sprintf("_%x_", stand)) {
		stand++
	}
	name = model.EscapeName(strings.ReplaceAll(name, ":", string(stand)), schemes[s])
	return strings.ReplaceAll(name, fmt.Sprintf("_%x_", stand), "_3a_")
}

func goodName(s string) bool { return s != "" && utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// labels returns the labels as they arrive; ok is false when they cost their
// sample.
func (e *expectation) labels(list []encode.Label, reserved string) (set map[string]string, ok bool) {
	set = make(map[string]string)
	for _, l := range list {
		n := escapeLabel(l.Name, e.f.Scheme)
		if _, dup := set[n]; dup || !goodName(l.Name) || n == "__name__" || n == reserved {
			return nil, false
		}
		set[n] = strings.ToValidUTF8(l.Value, "\uFFFD")
	}
	return set, true
}

func (e *expectation) family(f *encode.Family) {
	if !goodName(f.Name) {
		return
	}
	e.fam, e.typ, e.name = f, f.Type, escapeName(f.Name, e.f.Scheme)
	if e.typ > encode.StateSet {
		e.typ = encode.Untyped
	}
	if e.typ == encode.Info && !strings.HasSuffix(e.name, "_info") {
		e.name += "_info"
	}
	base := e.name
	switch {
	case e.typ == encode.StateSet && e.om() && escapeLabel(f.Name, e.f.Scheme) != e.name:
		e.typ = encode.Gauge
	case e.om1() && e.typ == encode.Info && e.name == "_info": // of which nothing would be left
		e.typ = encode.Gauge
	case e.om1() && e.typ == encode.Info:
		base = strings.TrimSuffix(e.name, "_info")
	case e.om1() && e.typ == encode.Counter && (!strings.HasSuffix(e.name, "_total") || e.name == "_total"):
		e.typ = encode.Untyped
	case e.om1() && e.typ == encode.Counter:
		base = strings.TrimSuffix(e.name, "_total")
	}
	before := len(e.out.Points)
	for i := range f.Samples {
		e.sample(&f.Samples[i], base)
	}
	if len(e.out.Points) > before {
		e.out.Meta = append(e.out.Meta, e.metadata(base))
		e.families++
	}
}

func (e *expectation) metadata(base string) Metadata {
	words := []string{"unknown", "counter", "gauge", "histogram", "summary", "gaugehistogram", "info", "stateset"}
	if !e.om() {
		words[6], words[7] = "gauge", "gauge"
	}
	if e.text() {
		words[5] = "histogram"
	}
	m := Metadata{Name: base, Type: words[e.typ], Help: strings.ToValidUTF8(e.fam.Help, "\uFFFD")}
	unit := e.fam.Unit
	switch {
	case e.proto():
		m.Unit = unit
	case e.om() && e.typ != encode.Info && e.typ != encode.StateSet && unit != "-":
		if e.f.Syntax == encode.OpenMetrics200 || strings.HasSuffix(base, "_"+unit) {
			m.Unit = unit
		}
	}
	if e.f.Syntax == encode.OpenMetrics200 {
		m.Help = strings.TrimRight(m.Help, "\r")
	}
	return m
}

func (e *expectation) sample(s *encode.Sample, base string) {
	reserved := map[encode.Type]string{encode.Histogram: "le", encode.GaugeHistogram: "le", encode.Summary: "quantile",
		encode.StateSet: escapeLabel(e.fam.Name, e.f.Scheme)}[e.fam.Type]
	set, ok := e.labels(s.Labels, reserved)
	if !ok {
		return
	}
	before := len(e.out.Points)
	switch {
	case e.fam.Type == encode.StateSet:
		e.states(s, set, reserved)
	case e.typ == encode.Histogram || e.typ == encode.GaugeHistogram:
		e.histogram(s, set)
	case e.typ == encode.Summary:
		e.summary(s, set)
	default:
		e.value(s, set)
	}
	added := e.out.Points[before:]
	for i := range added {
		added[i].Time = e.time(s.Timestamp)
		if t := e.typ; t == encode.Counter || t == encode.Histogram || t == encode.Summary {
			added[i].Start = e.start(s.Start)
		}
	}
	if _, set2 := unix(s.Start); set2 && len(added) > 0 && e.om1() && e.opts.Created &&
		(e.typ == encode.Counter || e.typ == encode.Histogram || e.typ == encode.Summary) {
		v, _ := strconv.ParseFloat(decimal(s.Start), 64)
		e.out.Points = append(e.out.Points, Point{Name: base + "_created", Labels: key(set), Value: bitsOf(v), Time: e.time(s.Timestamp)})
	}
}

func (e *expectation) add(suffix string, set map[string]string, v float64, exemplars string) {
	e.out.Points = append(e.out.Points, Point{Name: e.name + suffix, Labels: key(set), Value: bitsOf(v), Exemplars: exemplars})
}

func bitsOf(v float64) string { return fmt.Sprintf("%016x", bits(v)) }

func with(set map[string]string, name, value string) map[string]string {
	set = maps.Clone(set)
	set[name] = value
	return set
}

func (e *expectation) value(s *encode.Sample, set map[string]string) {
	v := s.Value
	if e.typ == encode.Info {
		v = 1
	}
	if e.typ == encode.Counter && e.om() && !(v >= 0) {
		return
	}
	list := s.Exemplars
	if e.typ != encode.Counter {
		list = nil
	}
	if e.f.Syntax != encode.OpenMetrics200 && len(list) > 1 {
		list = list[len(list)-1:]
	}
	e.add("", set, v, e.exemplars(list))
}

func (e *expectation) states(s *encode.Sample, set map[string]string, label string) {
	seen := make(map[string]bool)
	for _, st := range s.States {
		if seen[st.Name] {
			continue
		}
		seen[st.Name] = true
		v := 0.0
		if st.On {
			v = 1
		}
		e.add("", with(set, label, strings.ToValidUTF8(st.Name, "\uFFFD")), v, "")
	}
}

func (e *expectation) summary(s *encode.Sample, set map[string]string) {
	last := math.Inf(-1)
	first := true
	for _, q := range s.Summary.Quantiles {
		at := q.Quantile
		if math.IsNaN(at) || !first && at <= last || e.om() && (at < 0 || at > 1) {
			continue
		}
		last, first = at, false
		if e.om1() && q.Value < 0 {
			continue
		}
		if at == 0 {
			at = 0
		}
		e.add("", with(set, "quantile", labels.FormatOpenMetricsFloat(math.Abs(at)*sign(at))), q.Value, "")
	}
	if !e.om1() || s.Summary.Sum >= 0 {
		e.add("_sum", set, s.Summary.Sum, "")
	}
	e.add("_count", set, float64(s.Summary.Count), "")
}

// sign is 1 for both zeros.
func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

func (e *expectation) histogram(s *encode.Sample, set map[string]string) {
	h := s.Histogram
	count, sum := h.Count, h.Sum
	native := ""
	if h.Native != nil {
		count, sum = h.Native.Count, h.Native.Sum
		if !e.text() && !e.om1() && rightNative(h.Native) && (e.proto() || count <= 1<<53) {
			native = nativeText(h.Native)
		}
	}
	buckets := rightBuckets(h.Buckets, count)
	if native != "" {
		e.out.Points = append(e.out.Points, Point{Name: e.name, Labels: key(set), Value: native, Exemplars: e.nativeExemplars(h, buckets)})
		if len(h.Buckets) == 0 || e.proto() && !e.protoBuckets(buckets) {
			return
		}
	}
	sumName, countName := "_sum", "_count"
	if e.typ == encode.GaugeHistogram && e.om() {
		sumName, countName = "_gsum", "_gcount"
	}
	if !e.om1() || e.mayHaveSum(buckets, sum) {
		e.add(sumName, set, sum, "")
		e.add(countName, set, float64(count), "")
	}
	lower := math.Inf(-1)
	for i, b := range buckets {
		var list []encode.Exemplar
		if b.Exemplar != nil {
			list = append(list, *b.Exemplar)
		}
		if e.f.Syntax == encode.OpenMetrics200 {
			list = within(e.om2Exemplars(h, buckets), lower, b.UpperBound, i == 0)
		}
		lower = b.UpperBound
		e.add("_bucket", with(set, "le", labels.FormatOpenMetricsFloat(math.Abs(b.UpperBound)*sign(b.UpperBound))), float64(b.Count), e.exemplars(list))
	}
}

// protoBuckets says whether there is a bucket in the message.
func (e *expectation) protoBuckets(list []encode.Bucket) bool {
	last := list[len(list)-1]
	return len(list) > 1 || last.Exemplar != nil && e.opts.Exemplars
}

// within picks the exemplars that the server gives to one bucket of a line.
func within(list []encode.Exemplar, lower, upper float64, first bool) (picked []encode.Exemplar) {
	for _, x := range list {
		if x.Value <= upper && (first || x.Value > lower) || math.IsInf(upper, 1) && math.IsNaN(x.Value) {
			picked = append(picked, x)
		}
	}
	return picked
}

func (e *expectation) om2Exemplars(h *encode.HistogramValue, buckets []encode.Bucket) []encode.Exemplar {
	if len(h.Exemplars) > 0 {
		return h.Exemplars
	}
	var list []encode.Exemplar
	for _, b := range buckets {
		if b.Exemplar != nil {
			list = append(list, *b.Exemplar)
		}
	}
	return list
}

func (e *expectation) nativeExemplars(h *encode.HistogramValue, buckets []encode.Bucket) string {
	if e.f.Syntax == encode.OpenMetrics200 {
		return e.exemplars(e.om2Exemplars(h, buckets))
	}
	timed := func(list []encode.Exemplar) []encode.Exemplar {
		return slices.DeleteFunc(slices.Clone(list), func(x encode.Exemplar) bool { return !x.Timestamp.IsSet() })
	}
	if list := e.exemplars(timed(h.Exemplars)); list != "" {
		return list
	}
	return e.exemplars(timed(e.om2Exemplars(&encode.HistogramValue{}, buckets)))
}

func (e *expectation) mayHaveSum(buckets []encode.Bucket, sum float64) bool {
	below := slices.ContainsFunc(buckets, func(b encode.Bucket) bool { return b.UpperBound < 0 })
	if e.typ == encode.GaugeHistogram {
		return !math.IsNaN(sum) && (sum >= 0 || below)
	}
	return sum >= 0 && !below
}

func rightBuckets(list []encode.Bucket, count uint64) (right []encode.Bucket) {
	var inf *encode.Exemplar
	last, n := math.Inf(-1), uint64(0)
	for i, b := range list {
		if math.IsInf(b.UpperBound, 1) {
			if i == len(list)-1 {
				inf = b.Exemplar
			}
			continue
		}
		if math.IsNaN(b.UpperBound) || len(right) > 0 && b.UpperBound <= last || b.Count < n || b.Count > count {
			continue
		}
		last, n = b.UpperBound, b.Count
		right = append(right, b)
	}
	return append(right, encode.Bucket{UpperBound: math.Inf(1), Count: count, Exemplar: inf})
}

// rightNative says whether the server takes h.
func rightNative(h *nativehist.Histogram) bool {
	total := new(big.Int).SetUint64(h.ZeroCount)
	for _, n := range append(slices.Clone(h.PositiveCounts), h.NegativeCounts...) {
		total.Add(total, new(big.Int).SetUint64(n))
	}
	diff := total.Cmp(new(big.Int).SetUint64(h.Count))
	return h.Schema >= -4 && h.Schema <= 8 && h.ZeroThreshold >= 0 && !math.IsInf(h.ZeroThreshold, 0) && h.Count < 1<<63 &&
		(diff == 0 || diff < 0 && math.IsNaN(h.Sum)) &&
		rightSpans(h.PositiveSpans, len(h.PositiveCounts)) && rightSpans(h.NegativeSpans, len(h.NegativeCounts))
}

func rightSpans(spans []nativehist.Span, n int) bool {
	at := int64(0)
	for i, s := range spans {
		if i > 0 && s.Offset < 0 || s.Offset < -1<<29 {
			return false
		}
		at += int64(s.Offset) + int64(s.Length)
		n -= int(s.Length)
		if at > 1<<29 { // the server overflows when it compacts
			return false
		}
	}
	return n == 0
}

func nativeText(h *nativehist.Histogram) string {
	return fmt.Sprintf("schema %d zero %s:%d count %d sum %s +%v -%v", h.Schema, bitsOf(h.ZeroThreshold), h.ZeroCount, h.Count,
		bitsOf(h.Sum), populated(h.PositiveSpans, h.PositiveCounts), populated(h.NegativeSpans, h.NegativeCounts))
}

// populated lists the buckets that are not empty.
func populated(spans []nativehist.Span, counts []uint64) (list []string) {
	at, i := int64(0), 0
	for _, s := range spans {
		at += int64(s.Offset)
		for range s.Length {
			if counts[i] > 0 {
				list = append(list, fmt.Sprintf("%d:%d", at, counts[i]))
			}
			at, i = at+1, i+1
		}
	}
	return list
}

// exemplars renders those that the format can carry.
func (e *expectation) exemplars(list []encode.Exemplar) (text string) {
	if !e.opts.Exemplars || e.text() {
		return ""
	}
	for _, x := range list {
		set, ok := e.labels(x.Labels, "")
		if !ok || e.f.Syntax == encode.OpenMetrics200 && !x.Timestamp.IsSet() {
			continue
		}
		length, nul := 0, false
		for n, v := range set {
			nul = nul || strings.Contains(v, "\x00")
			length += utf8.RuneCountInString(n + v)
		}
		if e.om1() && (length > 128 || nul) {
			continue
		}
		if e.om1() { // the server does not unescape here
			raw := make(map[string]string)
			for n, v := range set {
				raw[escapedValue.Replace(n)] = escapedValue.Replace(v)
			}
			set = raw
		}
		text += exemplarText(key(set), x.Value, e.exemplarTime(x.Timestamp))
	}
	return text
}

func exemplarText(labels string, v float64, ts string) string {
	return fmt.Sprintf("{%s} %s @%s; ", labels, bitsOf(v), ts)
}

func unix(t encode.Timestamp) (r *big.Rat, ok bool) {
	sec, nsec := t.Unix()
	r = new(big.Rat).SetInt64(sec)
	return r.Add(r, big.NewRat(int64(nsec), 1_000_000_000)), t.IsSet()
}

func decimal(t encode.Timestamp) string {
	r, _ := unix(t)
	return r.FloatString(9)
}

// omMillis is what the server makes of seconds.
func omMillis(t encode.Timestamp) int64 {
	v, _ := strconv.ParseFloat(decimal(t), 64)
	return int64(v * 1000)
}

func (e *expectation) time(t encode.Timestamp) string {
	sec, nsec := t.Unix()
	switch {
	case !t.IsSet():
		return ""
	case e.om():
		return strconv.FormatInt(omMillis(t), 10)
	case sec > math.MaxInt64/1000-1 || sec < -(math.MaxInt64/1000-1):
		return ""
	}
	ms := sec*1000 + int64(nsec/1e6)
	if e.text() && ms < 0 || e.proto() && ms == 0 {
		return ""
	}
	return strconv.FormatInt(ms, 10)
}

func (e *expectation) exemplarTime(t encode.Timestamp) string {
	sec, nsec := t.Unix()
	switch {
	case !t.IsSet():
		return ""
	case e.om():
		return strconv.FormatInt(omMillis(t), 10)
	}
	return strconv.FormatInt(sec*1000+int64(nsec/1e6), 10)
}

func (e *expectation) start(t encode.Timestamp) int64 {
	sec, nsec := t.Unix()
	switch {
	case !t.IsSet():
		return 0
	case e.f.Syntax == encode.OpenMetrics200:
		return omMillis(t)
	case e.proto():
		return sec*1000 + int64(nsec/1e6)
	}
	return 0
}
