package prometheus

// What the instruments' files declare, until they are here. They replace this file.

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

type ours interface {
	Collector
	each(f func(Metric))
	source() *engine.Registry
	family() *Desc
}

func asOurs(Collector) ours { return nil }

const quantileLabel = "quantile"

// LabelConstraint makes of a label's value the one that is used.
type LabelConstraint func(string) string

// UnconstrainedLabels are the names of labels without constraints.
type UnconstrainedLabels []string

func (l UnconstrainedLabels) compile() *variableLabels {
	return &variableLabels{names: slices.Clone(l)}
}

func exemplarLabels(labels Labels) ([]engine.Label, error) {
	list, runes := make([]engine.Label, 0, len(labels)), 0
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value := labels[name]
		if name == "" || strings.HasPrefix(name, "__") {
			return nil, fmt.Errorf("exemplar label name %q is invalid", name)
		}
		if !utf8.ValidString(value) {
			return nil, fmt.Errorf("exemplar label value %q is not valid UTF-8", value)
		}
		runes += utf8.RuneCountInString(name) + utf8.RuneCountInString(value)
		list = append(list, engine.Label{Name: name, Value: value})
	}
	if runes > ExemplarMaxRunes {
		return nil, fmt.Errorf("exemplar labels have %d runes, exceeding the limit of %d", runes, ExemplarMaxRunes)
	}
	return list, nil
}

func labelPairs(labels []engine.Label) []*dto.LabelPair {
	var pairs []*dto.LabelPair
	for _, l := range labels {
		pairs = append(pairs, &dto.LabelPair{Name: new(l.Name), Value: new(l.Value)})
	}
	return pairs
}

type valueFunc struct {
	desc  *Desc
	typ   ValueType
	value func() float64
}

func (f *valueFunc) Desc() *Desc              { return f.desc }
func (f *valueFunc) Write(*dto.Metric) error  { return nil }
func (f *valueFunc) Describe(ch chan<- *Desc) { ch <- f.desc }
func (f *valueFunc) Collect(ch chan<- Metric) { ch <- f }
