package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// This file says which names a family takes.

// ownSuffixes are what the samples of a type have behind the family's name, in any
// format. No other family may have such a name: some scraper would see one name
// for both.
var ownSuffixes = map[encode.Type][]string{
	encode.Counter:        {"_total", "_created"},
	encode.Histogram:      {"_bucket", "_sum", "_count", "_created"},
	encode.Summary:        {"_sum", "_count", "_created"},
	encode.GaugeHistogram: {"_bucket", "_gsum", "_gcount", "_sum", "_count"},
	encode.Info:           {"_info"},
}

// nameEnd is what a type's samples end in by themselves, and OpenMetrics 1.0 takes
// off for the family's name.
var nameEnd = map[encode.Type]string{encode.Counter: "_total", encode.Info: "_info"}

// sampleNames returns the names that a family takes, in the spelling of every
// scheme: its own, that which OpenMetrics 1.0 gives it, and those of its samples.
func sampleNames(family string, typ encode.Type) []string {
	var names []string
	for scheme := range encode.Scheme(schemes) {
		name := encode.EscapeName(family, scheme)
		base := strings.TrimSuffix(name, nameEnd[typ])
		names = append(names, name, base)
		for _, suffix := range ownSuffixes[typ] {
			names = append(names, base+suffix)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// collectedNames returns the names that a collector's family takes. They are those of
// sampleNames, but that a counter x_total leaves x to others: Go's own metrics have
// the gauge go_memstats_alloc_bytes beside the counter
// go_memstats_alloc_bytes_total. See pass.untwinned for what becomes of it.
func collectedNames(family string, typ encode.Type) []string {
	names := sampleNames(family, typ)
	if typ != encode.Counter || !strings.HasSuffix(family, nameEnd[typ]) {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool {
		for scheme := range encode.Scheme(schemes) {
			if name == strings.TrimSuffix(encode.EscapeName(family, scheme), nameEnd[typ]) {
				return true
			}
		}
		return false
	})
}

// hasSample says whether a family has samples of this name: what the name[] of a
// scrape asks for. A counter x_total has x_total, not x, which is a family's name in
// one format; a histogram has its own name too, which it has in three.
func hasSample(family string, typ encode.Type, name string) bool {
	rest, ok := strings.CutPrefix(name, strings.TrimSuffix(family, nameEnd[typ]))
	switch {
	case !ok:
		return false
	case typ == encode.Counter:
		return name == family || rest == "_created"
	case rest == "":
		return typ != encode.Info
	}
	return slices.Contains(ownSuffixes[typ], rest)
}

// claim gives names to an owner. The caller holds mu.
func (r *contents) claim(names []string, o *owner) {
	for _, name := range names {
		r.claims[name] = o
	}
	r.epoch.Add(1)
}

// disclaim takes names away from owners. The caller holds mu.
func (r *contents) disclaim(gone func(*owner) bool) {
	maps.DeleteFunc(r.claims, func(_ string, o *owner) bool { return gone(o) })
	r.epoch.Add(1)
}
