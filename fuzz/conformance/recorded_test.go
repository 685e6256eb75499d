package conformance

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// bounds are those of the classic histograms, and traces the observations that have
// an exemplar.
var (
	bounds = []float64{0.5, 10, 25, 50, 100}
	traces = map[float64]string{7: "b7", 33: "b33", 90: "b90"}
)

// values has a value for each series: name{label="value",...}, labels by name.
type values map[string]float64

// recorded is what the service has recorded, as floats and classic histograms. Names
// are those that a scraper gets who knows underscores alone.
func recorded() values {
	v := values{
		`requests_total{code="200",method="GET"}`:  7,
		`requests_total{code="500",method="POST"}`: 1,
		`work_seconds_total`:                       2.75,
		`bytes_total`:                              1 << 53,
		`hits`:                                     3,
		`ticks_total`:                              12,
		`http_requests_total{http_route="/a"}`:     5,
		`temperature_celsius`:                      -3.5,
		`odd{value="NaN"}`:                         math.NaN(),
		`odd{value="+Inf"}`:                        math.Inf(1),
		`odd{value="-Inf"}`:                        math.Inf(-1),
		`odd{value="least"}`:                       math.SmallestNonzeroFloat64,
		`odd{value="largest"}`:                     math.MaxFloat64,
		key("odd", map[string]string{"value": "a \"quote\", a \\ and\na line: é😀{}#"}): 1,
		`connections`:                  -4,
		`load_ratio`:                   0.25,
		`pawl_dropped_exemplars_total`: 0,
	}
	for _, reason := range []string{"nan", "inf", "negative", "labels", "store", "mode", "state"} {
		v[key("pawl_dropped_observations_total", map[string]string{"reason": reason})] = 0
	}
	for _, name := range []string{"latency_seconds", "wait_seconds", "http_duration_seconds"} {
		v.histogram(name, bounds)
	}
	v.histogram("size_bytes", nil)
	return v
}

// histogram adds a classic histogram of the observations 1 to 100.
func (v values) histogram(name string, bounds []float64) {
	v[name+`_count{route="/a"}`] = 100
	v[name+`_sum{route="/a"}`] = 5050
	for _, b := range append(slices.Clone(bounds), math.Inf(1)) {
		set := map[string]string{"route": "/a", "le": canonical(b)}
		v[key(name+"_bucket", set)] = min(100, math.Floor(b))
	}
}

// without takes out the series of a family.
func (v values) without(name string) {
	maps.DeleteFunc(v, func(k string, _ float64) bool { return strings.HasPrefix(k, name) })
}

// canonical is how Prometheus 3 stores a bound, whatever the format says.
func canonical(bound float64) string {
	s := strconv.FormatFloat(bound, 'g', -1, 64)
	if strings.ContainsAny(s, ".eI") {
		return s
	}
	return s + ".0"
}

// key names a series.
func key(name string, set map[string]string) string {
	var pairs []string
	for _, l := range slices.Sorted(maps.Keys(set)) {
		pairs = append(pairs, fmt.Sprintf("%s=%q", l, set[l]))
	}
	if pairs == nil {
		return name
	}
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// diff says where got is not want, or nothing.
func (want values) diff(got values) (report string) {
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[k]; !ok {
			report += fmt.Sprintf("\t%s is missing\n", k)
		} else if !same(v, want[k]) {
			report += fmt.Sprintf("\t%s is %v, want %v\n", k, v, want[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			report += fmt.Sprintf("\t%s %v is one too many\n", k, got[k])
		}
	}
	return report
}

func same(a, b float64) bool { return a == b || a != a && b != b }
