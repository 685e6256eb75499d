package fuzz

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/engine"
)

// This page states what engine/policy.go and engine/errors.go promise, in other
// words and other code. The two must be changed together, by hand: that is
// their use.

// Registration is one attempt to register.
type Registration struct {
	Kind       Kind
	Name       string
	Help, Unit string
	Const      map[string]string
	Labels     []string // variable ones
	Bounds     []float64
	Native     engine.NativeOpts
	Max        int // MaxSeries

	BadLabelType bool // the label struct cannot be one
	NilFunc      bool // the callback is nil
	Legacy       bool // the registry takes legacy names alone
	FromTags     bool // the labels are named by the tags of a struct
}

// faults returns every reason for which the registration, whatever else is
// registered, must be refused. The engine may name any of them.
func (r *Registration) faults() []error {
	var faults []error
	wrong := func(is bool, err error) {
		if is {
			faults = append(faults, err)
		}
	}
	wrong(r.NilFunc, engine.ErrFunc)
	wrong(r.BadLabelType, engine.ErrLabelType)
	wrong(!r.isName(r.Name, true), engine.ErrName)
	wrong(!utf8.ValidString(r.Help), engine.ErrHelp)
	wrong(!fits(r.Unit, r.Name), engine.ErrUnit)
	wrong(r.Kind == Histogram && !r.nativeAlone() && !ascending(finite(r.Bounds)), engine.ErrBuckets)
	wrong(r.native() && (!(r.Native.Factor > 1) || math.IsNaN(r.Native.ZeroThreshold) || math.IsInf(r.Native.ZeroThreshold, 1)), engine.ErrBuckets)
	wrong(r.Max > 0 && len(r.Labels) == 0, engine.ErrLifetime)
	wrong(r.FromTags && slices.Contains(r.Labels, "-"), engine.ErrLabelName)
	all := r.allLabels()
	for i, l := range all {
		wrong(!r.isName(l, false) || strings.HasPrefix(l, "__") || slices.Contains(labelSpellings(l), "__name__"), engine.ErrLabelName)
		wrong(r.Kind == Histogram && l == "le", engine.ErrReserved)
		wrong(slices.ContainsFunc(all[:i], func(m string) bool { return meet(labelSpellings(l), labelSpellings(m)) }), engine.ErrDuplicateLabel)
	}
	for _, v := range r.Const {
		wrong(!utf8.ValidString(v), engine.ErrLabelValue)
	}
	return faults
}

// allLabels returns the names of const and variable labels, in no order.
func (r *Registration) allLabels() []string {
	all := slices.Clone(r.Labels)
	for n := range r.Const {
		all = append(all, n)
	}
	return all
}

// isName says whether s may name a family or a label of this registry.
func (r *Registration) isName(s string, metric bool) bool {
	return isName(s, metric) || !r.Legacy && goodName(s)
}

// isName says whether s is a legacy name, of a metric or of a label.
func isName(s string, metric bool) bool {
	for i, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c >= '0' && c <= '9' && i > 0:
		case c == ':' && metric:
		default:
			return false
		}
	}
	return len(s) > 0
}

// fits says whether a unit may stand with a name: it is the name's last part, or
// the last before _total, and needs no quotes.
func fits(unit, name string) bool {
	base, _ := strings.CutSuffix(name, "_total")
	return unit == "" || strings.HasSuffix(base, "_"+unit) && isName("_"+unit, true)
}

// native says whether this asks for a native histogram.
func (r *Registration) native() bool { return r.Kind == Histogram && r.Native.Factor != 0 }

// nativeAlone says whether there are no classic buckets beside.
func (r *Registration) nativeAlone() bool { return r.native() && r.Bounds == nil }

// finite returns the family's bounds without the last.
func (r *Registration) finite() []float64 {
	if r.nativeAlone() {
		return nil
	}
	return finite(r.Bounds)
}

// finite returns the bounds that a histogram will have, without the last.
func finite(bounds []float64) []float64 {
	if bounds == nil {
		return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	}
	if n := len(bounds); n > 0 && bounds[n-1] == math.Inf(1) {
		return bounds[:n-1]
	}
	return bounds
}

func ascending(bounds []float64) bool {
	for i, b := range bounds {
		if math.IsNaN(b) || math.IsInf(b, 0) || i > 0 && b <= bounds[i-1] {
			return false
		}
	}
	return len(bounds) > 0 && len(bounds) < tooMany
}

// claims returns the names that some scraper may know a family or its samples by.
func claims(kind Kind, name string) (names []string) {
	for scheme := range schemes {
		n := escapeName(name, scheme)
		switch kind.typeWord() {
		case "counter":
			base := strings.TrimSuffix(n, "_total") // as OpenMetrics 1.0 calls it
			names = append(names, n, base, base+"_total", base+"_created")
		case "histogram":
			names = append(names, n, n+"_bucket", n+"_sum", n+"_count", n+"_created")
		default:
			names = append(names, n)
		}
	}
	return names
}

// labelSpellings returns what schemes make of a label's name.
func labelSpellings(name string) (names []string) {
	for scheme := range schemes {
		names = append(names, escapeLabel(name, scheme))
	}
	return names
}

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// clash says whether two families cannot be exposed side by side, because to some
// scraper one has a name of the other's.
func clash(aKind Kind, a string, bKind Kind, b string) bool {
	return a != b && meet(claims(aKind, a), claims(bKind, b))
}

// clean returns a label value as it is exposed: each run of bytes that are not
// UTF-8 is one replacement character.
func clean(s string) string {
	var out []rune
	bad := false
	for i, r := range s {
		if r != utf8.RuneError || strings.HasPrefix(s[i:], "\uFFFD") {
			out = append(out, r)
			bad = false
			continue
		}
		if !bad {
			out = append(out, utf8.RuneError)
		}
		bad = true
	}
	return string(out)
}

// Reason is why a recording is refused.
type Reason string

// The reasons, as they stand in pawl_dropped_observations_total.
const (
	NotANumber Reason = "nan"
	Infinite   Reason = "inf"
	Negative   Reason = "negative"
	WrongCount Reason = "labels"
	NoCells    Reason = "store"
	NoMode     Reason = "mode"
	NoState    Reason = "state"
)

var reasons = []Reason{NotANumber, Infinite, Negative, WrongCount, NoCells, NoMode, NoState}

// countable says whether a counter can take v, or why not.
func countable(v float64) (why Reason, ok bool) {
	switch {
	case math.IsNaN(v):
		return NotANumber, false
	case v < 0:
		return Negative, false
	case math.IsInf(v, 1):
		return Infinite, false
	}
	return "", true
}
