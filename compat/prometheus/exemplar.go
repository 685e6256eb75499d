package prometheus

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/engine"
)

// ExemplarAdder is what counters offer besides [Counter]: an addition that leaves a
// link to an example of what was counted, mostly a trace. All counters of this
// package implement it.
type ExemplarAdder interface {
	// AddWithExemplar adds value, and makes exemplar, with this value and the present
	// time, the counter's exemplar. Labels that are empty make an exemplar without
	// labels; nil leaves the exemplar that there is. It panics when value is negative, and when
	// exemplar has an invalid name, a value that is not UTF-8, or more than
	// ExemplarMaxRunes runes.
	AddWithExemplar(value float64, exemplar Labels)
}

// exemplarLabels checks an exemplar's labels and returns them in the order of their
// names. (client_golang's order is that of a map.)
func exemplarLabels(labels Labels) ([]engine.Label, error) {
	list, runes := make([]engine.Label, 0, len(labels)), 0
	for name, value := range labels {
		if !checkLabelName(name) {
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
	slices.SortFunc(list, func(a, b engine.Label) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}
