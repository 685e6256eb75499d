package validations

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

var camelCase = regexp.MustCompile(`[a-z][A-Z]`)

// LintMetricUnits checks that a unit in a name is a base unit.
func LintMetricUnits(mf *dto.MetricFamily) []error {
	unit, base, ok := unitIn(mf.GetName())
	if !ok || unit == base {
		return nil
	}
	return []error{fmt.Errorf("use base unit %q instead of %q", base, unit)}
}

// LintMetricTypeInName checks that a name does not have the type in it.
func LintMetricTypeInName(mf *dto.MetricFamily) []error {
	typ := strings.ToLower(mf.GetType().String())
	if mf.GetType() == dto.MetricType_UNTYPED || !hasWord(mf.GetName(), typ) {
		return nil
	}
	return []error{fmt.Errorf("metric name should not include type '%s'", typ)}
}

// LintReservedChars checks that there are no colons in a name: those are for what
// recording rules make.
func LintReservedChars(mf *dto.MetricFamily) []error {
	return says(strings.Contains(mf.GetName(), ":"), "metric names should not contain ':'")
}

// LintCamelCase checks that the names of the family and its labels are in snake_case.
func LintCamelCase(mf *dto.MetricFamily) []error {
	problems := says(camelCase.MatchString(mf.GetName()), "metric names should be written in 'snake_case' not 'camelCase'")
	for name := range labelNames(mf) {
		problems = append(problems, says(camelCase.MatchString(name), "label names should be written in 'snake_case' not 'camelCase'")...)
	}
	return problems
}

// unitAbbreviations are units too short to be understood.
var unitAbbreviations = strings.Fields("s ms us ns sec b kb mb gb tb pb m h d")

// LintUnitAbbreviations checks that units in a name are written out.
func LintUnitAbbreviations(mf *dto.MetricFamily) (problems []error) {
	for _, short := range unitAbbreviations {
		if hasWord(mf.GetName(), short) {
			problems = append(problems, errors.New("metric names should not contain abbreviated units"))
		}
	}
	return problems
}

// hasWord says whether a word stands in a name, in whatever case, but not at its
// beginning.
func hasWord(name, word string) bool {
	return strings.Contains(strings.ToLower(name)+"_", "_"+word+"_")
}
