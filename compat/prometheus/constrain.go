package prometheus

import "slices"

// LabelConstraint makes of a label's value the one that is used: it lowers its case, or
// puts what is not expected together under one name. It is called in every lookup, by
// several goroutines at once, and should give for one value always the same.
type LabelConstraint func(string) string

// ConstrainableLabels are the variable labels of a vec: [UnconstrainedLabels] or
// [ConstrainedLabels].
type ConstrainableLabels interface {
	compile() *variableLabels
	labelNames() []string
}

// ConstrainedLabel is a label, and what its values are passed through; nil is nothing.
type ConstrainedLabel struct {
	Name       string
	Constraint LabelConstraint
}

// ConstrainedLabels are labels of which some have constraints:
//
//	prometheus.ConstrainedLabels{{Name: "method", Constraint: strings.ToLower}, {Name: "code"}}
type ConstrainedLabels []ConstrainedLabel

func (l ConstrainedLabels) compile() *variableLabels {
	c := &variableLabels{names: l.labelNames()}
	for _, label := range l {
		if label.Constraint == nil {
			continue
		}
		if c.constraints == nil {
			c.constraints = make(map[string]LabelConstraint)
		}
		c.constraints[label.Name] = label.Constraint
	}
	return c
}

func (l ConstrainedLabels) labelNames() []string {
	names := make([]string, len(l))
	for i := range l {
		names[i] = l[i].Name
	}
	return names
}

// UnconstrainedLabels are the names of labels without constraints.
type UnconstrainedLabels []string

func (l UnconstrainedLabels) compile() *variableLabels {
	return &variableLabels{names: slices.Clone(l)}
}

func (l UnconstrainedLabels) labelNames() []string { return l }

// compiled returns labels ready for use. Nil is none, as the documentation of the options
// says (in client_golang it is a panic).
func compiled(labels ConstrainableLabels) *variableLabels {
	if labels == nil {
		return &variableLabels{}
	}
	return labels.compile()
}
