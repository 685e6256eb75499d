// Package enginetest helps services test what they record.
//
//	reg := engine.NewRegistry()
//	s := newService(reg)
//	s.handle(request)
//	if got := enginetest.Value(t, reg, `requests_total{code="200"}`); got != 1 { ... }
//
// A series is written as it stands in the exposition: labels in the order of their
// names, const labels included, values escaped. [Series] lists what there is. A
// test should make a registry of its own; nothing here resets one.
package enginetest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
)

// TB is the part of testing.TB that this package uses.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Value returns the value of one series, and fails the test at once when there is
// no such series. The rarer types have the series of their exposition: histograms
// name_sum, name_count and name_bucket{...,le="..."}; summaries name{...,quantile="..."};
// enums and statesets name{...,name="state"}; infos name_info. So do the families
// of collectors.
func Value(t TB, reg *engine.Registry, series string) float64 {
	t.Helper()
	all := samples(t, reg)
	v, ok := all[series]
	if !ok {
		t.Fatalf("enginetest: no series %s; there are:\n%s", series, strings.Join(slices.Sorted(maps.Keys(all)), "\n"))
	}
	return v
}

// Has says whether a series is exposed.
func Has(t TB, reg *engine.Registry, series string) bool {
	t.Helper()
	_, ok := samples(t, reg)[series]
	return ok
}

// Series returns the series of the named families, sorted; of all families when
// none is named. The registry's own pawl_ families are listed only by name.
func Series(t TB, reg *engine.Registry, families ...string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(Text(reg, families...)) {
		if line[0] != '#' {
			series, _, _ := cutValue(line)
			list = append(list, series)
		}
	}
	slices.Sort(list)
	return list
}

// Text returns the exposition of the named families in text format 0.0.4; of all
// families when none is named, but for the registry's own pawl_ families.
func Text(reg *engine.Registry, families ...string) string {
	var out strings.Builder
	for name, text := range split(string(reg.AppendText(nil))) {
		if slices.Contains(families, name) || len(families) == 0 && !strings.HasPrefix(name, "pawl_") {
			out.WriteString(text)
		}
	}
	return out.String()
}

// Compare fails the test when the exposition of the named families (of all when
// none is named, but for the registry's own) is not want. Leading and trailing
// space of want and of its lines does not count, so that it can be indented.
func Compare(t TB, reg *engine.Registry, want string, families ...string) {
	t.Helper()
	have, wanted := lines(Text(reg, families...)), lines(want)
	if slices.Equal(have, wanted) {
		return
	}
	var diff strings.Builder
	for _, l := range wanted {
		if !slices.Contains(have, l) {
			fmt.Fprintf(&diff, "missing:    %s\n", l)
		}
	}
	for _, l := range have {
		if !slices.Contains(wanted, l) {
			fmt.Fprintf(&diff, "unexpected: %s\n", l)
		}
	}
	if diff.Len() == 0 {
		fmt.Fprintf(&diff, "the same lines in another order; have:\n%s\n", strings.Join(have, "\n"))
	}
	t.Errorf("enginetest: the exposition differs:\n%s", diff.String())
}

func lines(text string) (list []string) {
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			list = append(list, l)
		}
	}
	return list
}

// split cuts an exposition into families, in order: each begins with its HELP
// line, or with its TYPE line when it has no help.
func split(text string) func(yield func(name, text string) bool) {
	return func(yield func(string, string) bool) {
		name, start, at := "", 0, 0
		for line := range strings.Lines(text) {
			if next, ok := headed(line); ok && next != name {
				if name != "" && !yield(name, text[start:at]) {
					return
				}
				name, start = next, at
			}
			at += len(line)
		}
		if name != "" {
			yield(name, text[start:])
		}
	}
}

// headed returns the family that a HELP or TYPE line is about.
func headed(line string) (name string, ok bool) {
	for _, kind := range []string{"# HELP ", "# TYPE "} {
		if rest, ok := strings.CutPrefix(line, kind); ok {
			name, _, _ = strings.Cut(rest, " ")
			return name, true
		}
	}
	return "", false
}

func samples(t TB, reg *engine.Registry) map[string]float64 {
	t.Helper()
	all := map[string]float64{}
	for line := range strings.Lines(string(reg.AppendText(nil))) {
		if line[0] == '#' {
			continue
		}
		series, v, err := cutValue(line)
		if err != nil {
			t.Fatalf("enginetest: line %q: %v", line, err)
		}
		all[series] = v
	}
	return all
}

// cutValue splits a sample line at its last space: label values may hold others.
func cutValue(line string) (series string, v float64, err error) {
	line = strings.TrimSuffix(line, "\n")
	cut := strings.LastIndexByte(line, ' ')
	if cut < 0 {
		return line, 0, fmt.Errorf("no value")
	}
	v, err = strconv.ParseFloat(line[cut+1:], 64)
	return line[:cut], v, err
}
