package record

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// Families writes down what a Gatherer returned, in its order.
func (l *Log) Families(what string, list []*dto.MetricFamily, err error) {
	l.Err(what, err)
	for _, f := range list {
		l.Printf("%s: %s %s help %q unit %s", what, f.GetName(), f.GetType(), f.GetHelp(), present(f.Unit))
		for _, m := range f.GetMetric() {
			l.Metric(what+":   ", m)
		}
	}
}

// present tells "" from nothing.
func present[T any](p *T) string {
	if p == nil {
		return "none"
	}
	return fmt.Sprintf("%q", fmt.Sprint(*p))
}

// Metric writes one series down: labels in their order, every number, and of
// timestamps that are taken from the clock whether they are there.
func (l *Log) Metric(what string, m *dto.Metric) {
	at := ""
	if m.TimestampMs != nil {
		at = fmt.Sprintf(" at %d", m.GetTimestampMs())
	}
	l.Printf("%s%s%s%s", what, labels(m.GetLabel()), value(m), at)
	if m.Histogram != nil {
		l.histogram(what+"  ", m.Histogram)
	}
}

func labels(pairs []*dto.LabelPair) string {
	list := make([]string, len(pairs))
	for i, p := range pairs {
		list[i] = fmt.Sprintf("%s=%q", p.GetName(), p.GetValue())
	}
	return "{" + strings.Join(list, ",") + "}"
}

func value(m *dto.Metric) (s string) {
	if c := m.Counter; c != nil {
		s += fmt.Sprintf(" counter %s start %s%s", number(c.Value), created(c.CreatedTimestamp != nil), exemplar(c.Exemplar))
	}
	if g := m.Gauge; g != nil {
		s += " gauge " + number(g.Value)
	}
	if u := m.Untyped; u != nil {
		s += " untyped " + number(u.Value)
	}
	if h := m.Histogram; h != nil {
		s += fmt.Sprintf(" histogram count %s sum %s start %s", present(h.SampleCount), number(h.SampleSum), created(h.CreatedTimestamp != nil))
	}
	if q := m.Summary; q != nil {
		s += fmt.Sprintf(" summary count %s sum %s start %s", present(q.SampleCount), number(q.SampleSum), created(q.CreatedTimestamp != nil))
		for _, x := range q.Quantile {
			s += fmt.Sprintf(" %s:%s", number(x.Quantile), quantile(x.Value))
		}
	}
	return s
}

// quantile says no more of a quantile than both libraries promise alike: whether
// there is one.
func quantile(v *float64) string {
	if v == nil || math.IsNaN(*v) {
		return number(v)
	}
	return "some"
}

func created(there bool) string { return strconv.FormatBool(there) }

func number(v *float64) string {
	if v == nil {
		return "none"
	}
	if *v == 0 {
		return "0" // expfmt writes no sign there
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// exemplar sorts the labels, which upstream takes from a map as they come.
func exemplar(e *dto.Exemplar) string {
	if e == nil {
		return ""
	}
	pairs := slices.Clone(e.Label)
	slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return fmt.Sprintf(" # %s %s timed %t", labels(pairs), number(e.Value), e.Timestamp != nil)
}

func (l *Log) histogram(what string, h *dto.Histogram) {
	for _, b := range h.Bucket {
		l.Printf("%sle %s: %s%s", what, number(b.UpperBound), present(b.CumulativeCount), exemplar(b.Exemplar))
	}
	if h.Schema == nil {
		return
	}
	l.Printf("%sschema %d zero %s: %s", what, h.GetSchema(), number(h.ZeroThreshold), present(h.ZeroCount))
	if h.GetZeroCount() > 0 && len(h.PositiveDelta) == 0 {
		h.PositiveSpan = nil // an empty one says that this is native, which the zero bucket has said
	}
	l.Printf("%spositive %s %d", what, spans(h.PositiveSpan), h.PositiveDelta)
	l.Printf("%snegative %s %d", what, spans(h.NegativeSpan), h.NegativeDelta)
	for _, e := range h.Exemplars {
		l.Printf("%s%s", what, exemplar(e))
	}
}

func spans(list []*dto.BucketSpan) string {
	var s []string
	for _, x := range list {
		s = append(s, fmt.Sprintf("%d+%d", x.GetOffset(), x.GetLength()))
	}
	return "[" + strings.Join(s, " ") + "]"
}
