package fuzz

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// ReadExpfmt reads text with the parser of prometheus/common. It reports families
// in name order, for the parser keeps none, and samples in the document's.
//
// Known tolerances: leading blanks of a help text are lost, and so is a family
// without samples.
func ReadExpfmt(text []byte) ([]Family, error) {
	p := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := p.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	var list []Family
	for name, mf := range parsed {
		f := Family{Name: name, Help: mf.GetHelp(), Type: strings.ToLower(mf.GetType().String())}
		for _, m := range mf.GetMetric() {
			if m.TimestampMs != nil {
				return nil, fmt.Errorf("%s has a timestamp", name)
			}
			f.Samples = append(f.Samples, fromMetric(name, m)...)
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Family) int { return cmp.Compare(a.Name, b.Name) })
	return list, nil
}

func fromMetric(name string, m *dto.Metric) []Sample {
	one := Sample{Name: name}
	for _, p := range m.GetLabel() {
		one.Labels = append(one.Labels, Label{p.GetName(), p.GetValue()})
	}
	byName(one.Labels)
	switch {
	case m.Counter != nil:
		one.Value = m.GetCounter().GetValue()
	case m.Gauge != nil:
		one.Value = m.GetGauge().GetValue()
	case m.Histogram != nil:
		return fromHistogram(one, m.GetHistogram())
	default:
		one.Name += " of some other type"
	}
	return []Sample{one}
}

// fromHistogram takes a histogram apart again. A missing +Inf bucket or count
// shows as a sample that is missing or wrong.
func fromHistogram(one Sample, h *dto.Histogram) (list []Sample) {
	for _, b := range h.GetBucket() {
		le := strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)
		list = append(list, Sample{Name: one.Name + "_bucket",
			Labels: sortedWith(slices.Clone(one.Labels), Label{"le", le}),
			Value:  float64(b.GetCumulativeCount()) + b.GetCumulativeCountFloat()})
	}
	sum := math.NaN()
	if h.SampleSum != nil {
		sum = h.GetSampleSum()
	}
	return append(list,
		Sample{Name: one.Name + "_sum", Labels: one.Labels, Value: sum},
		Sample{Name: one.Name + "_count", Labels: one.Labels, Value: float64(h.GetSampleCount()) + h.GetSampleCountFloat()})
}
