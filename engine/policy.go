package engine

import (
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// This page says what becomes of every value and name that is out of the
// ordinary. Registration answers with an error; recording never panics, never
// returns an error, and counts what it refuses in
// pawl_dropped_observations_total{reason="..."} of the same registry.
//
//	                NaN           +Inf          -Inf          -0     negative
//	Counter         refused,nan   refused,inf   refused,neg   0      refused,neg
//	Gauge.Set       kept          kept          kept          kept   kept
//	Gauge.Add       kept: NaN     kept          kept          kept   kept       (recent modes: all refused,mode)
//	UpDown          (integers: every int64 is exact; the sum wraps at 2^63)
//	Histogram       refused,nan   +Inf bucket   first bucket  0      first bucket
//	Summary         refused,nan   kept          kept          0      kept
//	Enum, StateSet  (a state that they do not have: refused,state)
//
// Counter: one infinite or NaN addition would end all counting, so none is
// let in. An addition of 0 is nothing and is not counted as dropped. Whole
// amounts below 2^64 are added exactly to an integer; the rest go to a float64.
// The integer wraps at 2^64, which every reader takes for a reset. Finite additions
// whose sum exceeds every float64 make the float +Inf, for good.
//
// Gauge: NaN and infinities are values that Prometheus stores. Set puts an end to
// them.
//
// Histogram: a NaN belongs in no bucket and would make the sum NaN for ever. An
// infinity has a bucket; the sum then is infinite, as the observations' sum is, and
// NaN once both infinities have been observed.
// A native histogram has negative buckets, one more at either end for the
// infinities, and a zero bucket for what is no larger than its threshold.
// A negative observation lowers the sum, which Prometheus takes for a reset of
// the _sum series: expose negative quantities if you must, but do not rate() them.
//
// Summary: infinities make the sum infinite or NaN, as a histogram's, and are values
// like others to its quantiles: an infinite one is what those say that it is. OpenMetrics
// knows no quantile below 0, and no sum that may fall: they are left out there.
//
// Info: names of what it says are label names of the family's, and an error otherwise;
// values are label values.
//
// Collectors: what they make is plain data, and its values are theirs. NaN, infinities
// and what goes down are passed on, as far as the format can say them. What cannot be
// exposed (a wrong number of label values, an invalid label name, a histogram without
// a histogram; a series for the second time; a family whose name another one has)
// costs itself and is counted in pawl_collector_dropped_total. Invalid UTF-8 in label
// values becomes U+FFFD in what is added sample by sample, and costs its sample in
// families that are handed in whole, which are not copied.
//
// Names: any UTF-8 without NUL; with LegacyNames, [a-zA-Z_:][a-zA-Z0-9_:]* for
// families, [a-zA-Z_][a-zA-Z0-9_]* for labels. Label names do not begin with "__",
// which Prometheus keeps for itself, nor does any scheme spell one __name__; le is
// a histogram's own, quantile a summary's, and the family's name that of an enum or a
// stateset. Two families, or two labels of one, must differ in every
// format and under every escaping scheme: the counter x_total is called x in
// OpenMetrics 1.0, and leaves no room for a gauge x; a.b is a_b to scrapers that
// know no other names. Anything else is a registration error.
//
// Label values: any string. What is not valid UTF-8 would cost a scrape, and
// refusing the recording would lose it, so each run of invalid bytes is replaced
// by U+FFFD when its series is made; two values that differ only in invalid bytes
// are one series. An empty value is kept; to Prometheus it is the same as no
// label. The strings are copied: the caller may reuse their memory.
//
// Exemplars: label names and values of at most 128 characters together, all of them
// valid UTF-8, no name twice or empty. Another one is left out and counted in
// pawl_dropped_exemplars_total, and its value is recorded without it. The
// exemplar of a value that is refused is left out too, and not counted.
//
// Help: valid UTF-8. Const label values: valid UTF-8. Both are the programmer's
// own, so that they are errors and not repaired.
//
// An instrument that only refuses (a wrong label count, a store without cells)
// counts everything it is given under that reason, whatever the value.
//
// Label counts: a struct cannot have a wrong count. Slices can: With on the wrong
// number of values returns an instrument that drops and counts what it is
// given, reason "labels".
//
// Too many label sets: at the limit of Opts.MaxSeries a new one gets the overflow series,
// all of whose variable labels are __overflow__; nothing is refused. Lookups that got
// it for want of room are counted in pawl_overflow_lookups_total{family="..."}.
//
// Idle series: with Opts.ExpireAfter a series without a recording leaves the exposition.
// No recording is lost by it: every scrape looks at what is hidden. What is no
// recording: to add 0 to a counter, or a fraction too small to change it. A gauge is
// not idle when it is set to the value that it has. Series that have no handle left are
// forgotten, and begin anew.
//
// Duplicates: a name may be registered again with the same type, help, unit,
// label names (and buckets) and different const label values. Everything else is
// ErrDuplicate or ErrConflict.

// drop is a reason for refusing a recording.
type drop int

const (
	dropNaN      drop = iota // not a number
	dropInf                  // infinite, where that would end all counting
	dropNegative             // below zero, where only growth is allowed
	dropLabels               // recorded on an instrument of a wrong label count
	dropStore                // the store had no cells for the series
	dropMode                 // added to a gauge that can only be set
	dropState                // a state that is none of the family's
	drops
)

var dropReasons = [drops]string{"nan", "inf", "negative", "labels", "store", "mode", "state"}

// counterDrop says why v cannot be added to a counter. Only called for values
// that cannot.
func counterDrop(v float64) drop {
	switch {
	case v != v:
		return dropNaN
	case v < 0:
		return dropNegative
	}
	return dropInf
}

// cleanValue returns a label value as it will be exposed.
func cleanValue(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// checkLabelName refuses a label name that cannot be on a family of this type.
func checkLabelName(family, name string, reserved string, names NameRule) error {
	switch {
	case !names.validLabel(name):
		return refuse(family, ErrLabelName, "label %q: %s", name, names.want("[a-zA-Z_][a-zA-Z0-9_]*"))
	case strings.HasPrefix(name, "__"):
		return refuse(family, ErrLabelName, "label %q: names that begin with __ are Prometheus' own", name)
	case becomesName(name):
		return refuse(family, ErrLabelName, "label %q: some formats spell it __name__, which is the family's name", name)
	case name == reserved && name != "":
		return refuse(family, ErrReserved, "label %q belongs to the type", name)
	}
	return nil
}

// becomesName says whether some scheme spells a label as the one that holds the
// family's name: _.name__ does so with underscores.
func becomesName(label string) bool {
	for scheme := range encode.Scheme(schemes) {
		if string(encode.AppendLabelName(nil, label, scheme)) == "__name__" {
			return true
		}
	}
	return false
}

// wholeCount returns v as an integer when a counter can add it as one: a whole
// number from 0 up to, not including, 2^64.
func wholeCount(v float64) (n uint64, ok bool) {
	const half = 1 << 63 // up to here the conversion is one instruction
	switch {
	case v >= 0 && v < half:
		i := int64(v)
		return uint64(i), float64(i) == v
	case v >= half && v < 2*half: // floats of this size are all whole
		return uint64(v), true
	}
	return 0, false
}
