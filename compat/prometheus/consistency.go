package prometheus

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
)

// This file holds the checks of what is gathered. The errors are client_golang's, word for
// word: people look for them in their logs.

// typeOf returns the type of the family that a metric begins. ok is false for an empty one.
func typeOf(m *dto.Metric) (typ dto.MetricType, ok bool) {
	switch {
	case m.Gauge != nil:
		return dto.MetricType_GAUGE, true
	case m.Counter != nil:
		return dto.MetricType_COUNTER, true
	case m.Summary != nil:
		return dto.MetricType_SUMMARY, true
	case m.Untyped != nil:
		return dto.MetricType_UNTYPED, true
	case m.Histogram != nil:
		return dto.MetricType_HISTOGRAM, true
	}
	return 0, false
}

// isOf says whether a metric can be in a family of this type.
func isOf(m *dto.Metric, typ dto.MetricType) bool {
	switch typ {
	case dto.MetricType_GAUGE:
		return m.Gauge != nil
	case dto.MetricType_COUNTER:
		return m.Counter != nil
	case dto.MetricType_SUMMARY:
		return m.Summary != nil
	case dto.MetricType_UNTYPED:
		return m.Untyped != nil
	case dto.MetricType_HISTOGRAM:
		return m.Histogram != nil
	}
	return true // gauge histograms, which only other gatherers have
}

// shouldBe is the end of the error about a metric of another type.
var shouldBe = map[dto.MetricType]string{
	dto.MetricType_GAUGE:     "a Gauge",
	dto.MetricType_COUNTER:   "a Counter",
	dto.MetricType_SUMMARY:   "a Summary",
	dto.MetricType_UNTYPED:   "Untyped",
	dto.MetricType_HISTOGRAM: "a Histogram",
}

// checkMessage checks a metric's labels, and sorts them if they are not: in a copy, since
// they may be shared.
func checkMessage(name string, m *dto.Metric) error {
	sorted, last := true, ""
	for _, p := range m.Label {
		label := p.GetName()
		if err := checkPair(name, m, p, last); err != nil {
			return err
		}
		sorted, last = sorted && last < label, label
	}
	if sorted {
		return nil
	}
	m.Label = slices.Clone(m.Label)
	sortPairs(m.Label)
	for i, p := range m.Label[1:] { // those that were apart
		if m.Label[i].GetName() == p.GetName() {
			return labelTwice(name, m, p.GetName())
		}
	}
	return nil
}

// checkPair checks one label. last is the name of that before.
func checkPair(name string, m *dto.Metric, p *dto.LabelPair, last string) error {
	switch label := p.GetName(); {
	case label == last:
		return labelTwice(name, m, label)
	case !checkLabelName(label):
		return fmt.Errorf("collected metric %q { %s} has a label with an invalid name: %s", name, m, label)
	case m.Summary != nil && label == quantileLabel:
		return fmt.Errorf("collected metric %q { %s} must not have an explicit %q label", name, m, quantileLabel)
	case !utf8.ValidString(p.GetValue()):
		return fmt.Errorf("collected metric %q { %s} has a label named %q whose value is not utf8: %#v", name, m, label, p.GetValue())
	}
	return nil
}

func labelTwice(name string, m *dto.Metric, label string) error {
	return fmt.Errorf("collected metric %q { %s} has two or more labels with the same name: %s", name, m, label)
}

// checkDesc checks for a pedantic registry whether a metric is as it was described.
func (g *gathering) checkDesc(desc *Desc, m *dto.Metric) error {
	if !g.registered[desc.id] {
		return fmt.Errorf("collected metric %s %s with unregistered descriptor %s", desc.fqName, m, desc)
	}
	want := slices.Clone(desc.constLabels)
	for i := range desc.variableLabels.names {
		want = append(want, &dto.LabelPair{Name: &desc.variableLabels.names[i]})
	}
	sortPairs(want)
	if !slices.EqualFunc(want, m.Label, isAsDescribed) {
		return fmt.Errorf("labels in collected metric %s %s are inconsistent with descriptor %s", desc.fqName, m, desc)
	}
	return nil
}

// isAsDescribed compares a label with the description's, which has no value where it
// varies.
func isAsDescribed(want, have *dto.LabelPair) bool {
	return want.GetName() == have.GetName() && (want.Value == nil || want.GetValue() == have.GetValue())
}

// checkSuffixes says whether a new family would have a name that samples of a summary or
// histogram have, or the other way round.
func (g *gathering) checkSuffixes(name string, typ dto.MetricType) error {
	for _, suffix := range []string{"_count", "_sum", "_bucket"} {
		base, ok := strings.CutSuffix(name, suffix)
		other := g.families[base]
		if !ok || other == nil {
			continue
		}
		kind := sampleKind(other.message.GetType(), suffix)
		if kind != "" {
			return fmt.Errorf("collected metric named %q collides with previously collected %s named %q", name, kind, base)
		}
	}
	for _, suffix := range []string{"_count", "_sum", "_bucket"} {
		if sampleKind(typ, suffix) == "" || g.families[name+suffix] == nil {
			continue
		}
		kind := "histogram or summary"
		if suffix == "_bucket" {
			kind = "histogram"
		}
		return fmt.Errorf("collected %s named %q collides with previously collected metric named %q", kind, name, name+suffix)
	}
	return nil
}

// sampleKind names the type if its samples have this suffix.
func sampleKind(typ dto.MetricType, suffix string) string {
	switch {
	case typ == dto.MetricType_HISTOGRAM:
		return "histogram"
	case typ == dto.MetricType_SUMMARY && suffix != "_bucket":
		return "summary"
	}
	return ""
}
