// Package promlint says what is unusual about metrics that are valid: a counter whose name
// does not end in _total, a unit that is not a base unit, a name in camelCase. What is
// usual is written down in Prometheus' documentation, under "Metric and label naming".
//
// Package validations has the checks one by one.
package promlint

import (
	"cmp"
	"errors"
	"io"
	"slices"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus/testutil/promlint/validations"
)

// Problem is one thing that is unusual.
type Problem struct {
	Metric string // the family's name
	Text   string
}

// Validation is a check of one family.
type Validation = func(mf *dto.MetricFamily) []error

var defaultValidations = []Validation{
	validations.LintHelp,
	validations.LintMetricUnits,
	validations.LintCounter,
	validations.LintHistogramSummaryReserved,
	validations.LintMetricTypeInName,
	validations.LintReservedChars,
	validations.LintCamelCase,
	validations.LintUnitAbbreviations,
	validations.LintDuplicateMetric,
}

// Linter checks metrics. It belongs to one goroutine.
type Linter struct {
	text     io.Reader // or nil
	families []*dto.MetricFamily
	checks   []Validation
}

// New returns a Linter of an exposition as text, which is read when Lint is called.
func New(r io.Reader) *Linter {
	return &Linter{text: r, checks: slices.Clone(defaultValidations)}
}

// NewWithMetricFamilies returns a Linter of families.
func NewWithMetricFamilies(mfs []*dto.MetricFamily) *Linter {
	return &Linter{families: mfs, checks: slices.Clone(defaultValidations)}
}

// AddCustomValidations adds checks to those that there are.
func (l *Linter) AddCustomValidations(vs ...Validation) { l.checks = append(l.checks, vs...) }

// Lint returns all problems, in the order of the families' names and of the texts. An
// error is one of reading the exposition.
func (l *Linter) Lint() ([]Problem, error) {
	var problems []Problem
	if l.text != nil {
		dec := expfmt.NewDecoder(l.text, expfmt.NewFormat(expfmt.TypeTextPlain))
		for {
			var mf dto.MetricFamily
			if err := dec.Decode(&mf); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			problems = l.check(problems, &mf)
		}
	}
	for _, mf := range l.families {
		problems = l.check(problems, mf)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Metric, b.Metric), cmp.Compare(a.Text, b.Text))
	})
	return problems, nil
}

func (l *Linter) check(problems []Problem, mf *dto.MetricFamily) []Problem {
	for _, check := range l.checks {
		for _, err := range check(mf) {
			problems = append(problems, Problem{mf.GetName(), err.Error()})
		}
	}
	return problems
}
