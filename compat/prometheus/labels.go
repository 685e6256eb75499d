package prometheus

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
)

// Labels are names of labels with their values:
//
//	requests.With(prometheus.Labels{"code": "404", "method": "GET"}).Inc()
//
// What is kept of them is copied: the caller may go on using the map.
type Labels map[string]string

// variableLabels are the names of a descriptor's variable labels, in the order in which
// values are given, and what the values of some are passed through. Immutable.
type variableLabels struct {
	names       []string
	constraints map[string]LabelConstraint // nil for none
}

// compile and labelNames make them ConstrainableLabels.
func (l *variableLabels) compile() *variableLabels { return l }

func (l *variableLabels) labelNames() []string { return l.names }

// constrain returns the value that stands for this one.
func (l *variableLabels) constrain(name, value string) string {
	if f := l.constraints[name]; f != nil {
		return f(value)
	}
	return value
}

// String returns the names as Desc.String has them.
func (l *variableLabels) String() string {
	shown := make([]string, len(l.names))
	for i, name := range l.names {
		if shown[i] = name; l.constraints[name] != nil {
			shown[i] = "c(" + name + ")"
		}
	}
	return strings.Join(shown, ",")
}

// errInconsistentCardinality is what all errors about a wrong number of label values wrap.
var errInconsistentCardinality = errors.New("inconsistent label cardinality")

// checkLabelValues says what is wrong with the values of variable labels.
func checkLabelValues(vals []string, expected int) error {
	if len(vals) != expected {
		vals := append([]string(nil), vals...) // so that the caller's list can stay on the stack
		return fmt.Errorf("%w: expected %d label values but got %d in %#v",
			errInconsistentCardinality, expected, len(vals), vals)
	}
	for _, v := range vals {
		if !utf8.ValidString(v) {
			return fmt.Errorf("label value %q is not valid UTF-8", v)
		}
	}
	return nil
}

// checkLabels is checkLabelValues for values with names.
func checkLabels(labels Labels, expected int) error {
	if len(labels) != expected {
		return fmt.Errorf("%w: expected %d label values but got %d in %#v",
			errInconsistentCardinality, expected, len(labels), labels)
	}
	for name, v := range labels {
		if !utf8.ValidString(v) {
			return fmt.Errorf("label %s: value %q is not valid UTF-8", name, v)
		}
	}
	return nil
}

// checkLabelName says whether users may have a label of this name.
func checkLabelName(name string) bool {
	return validName(name) && !strings.HasPrefix(name, "__")
}

// validName says whether a metric or a label may have this name.
func validName(name string) bool { return name != "" && utf8.ValidString(name) }

// MakeLabelPairs returns all labels of a metric, sorted by name, given the values of the
// variable ones in their order. Implementations of [Metric] need it in Write; the result
// may be kept and must not be changed.
func MakeLabelPairs(desc *Desc, labelValues []string) []*dto.LabelPair {
	names := desc.variableLabels.names
	if len(names) == 0 {
		return desc.constLabels
	}
	type room struct { // one allocation for all pairs
		pair  dto.LabelPair
		value string
	}
	rooms := make([]room, len(names))
	pairs := make([]*dto.LabelPair, 0, len(names)+len(desc.constLabels))
	for i := range rooms {
		r := &rooms[i]
		r.value = labelValues[i]
		r.pair.Name, r.pair.Value = &names[i], &r.value
		pairs = append(pairs, &r.pair)
	}
	pairs = append(pairs, desc.constLabels...)
	sortPairs(pairs)
	return pairs
}

// constPairs returns labels as they go out. Names are sorted.
func constPairs(names []string, labels Labels) []*dto.LabelPair {
	if len(names) == 0 {
		return nil
	}
	pairs := make([]*dto.LabelPair, len(names))
	for i, name := range names {
		pairs[i] = &dto.LabelPair{Name: new(name), Value: new(labels[name])}
	}
	return pairs
}
