package scrape

import (
	"strconv"
	"strings"
)

// coding is how the bytes of an answer are coded.
type coding uint8

const (
	identity coding = iota
	zstandard
	gzipped
	codings // how many there are
)

// String is what Content-Encoding says.
func (c coding) String() string { return [codings]string{"identity", "zstd", "gzip"}[c] }

// negotiate returns the coding that Accept-Encoding headers give the greatest
// weight, and of several the last of the list above (RFC 9110, 12.5.3): on
// expositions our gzip takes half of zstd's time, and makes no more bytes. Only
// what is named counts: whoever sends a wildcard has not said what it can unpack.
func negotiate(headers []string) (best coding) {
	weights := [codings]float64{-1, -1, -1}
	for _, h := range headers {
		for clause := range strings.SplitSeq(h, ",") {
			if c, q, ok := parseClause(clause); ok {
				weights[c] = max(weights[c], q)
			}
		}
	}
	for c := range codings {
		if weights[c] > 0 && weights[c] >= weights[best] {
			best = c
		}
	}
	return best
}

// parseClause returns the coding that a clause names, if it is one of ours, and
// its weight. A weight that is no number from 0 to 1 counts as 0: what is garbled is
// not a wish.
func parseClause(clause string) (c coding, q float64, ok bool) {
	name, params, _ := strings.Cut(clause, ";")
	if c, ok = codingNamed(strings.TrimSpace(name)); !ok {
		return
	}
	q = 1
	for p := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			q = parseWeight(strings.TrimSpace(value))
		}
	}
	return c, q, true
}

func codingNamed(name string) (coding, bool) {
	switch {
	case strings.EqualFold(name, "gzip"), strings.EqualFold(name, "x-gzip"):
		return gzipped, true
	case strings.EqualFold(name, "zstd"):
		return zstandard, true
	}
	return identity, strings.EqualFold(name, "identity")
}

func parseWeight(value string) float64 {
	if v, err := strconv.ParseFloat(value, 64); err == nil && v >= 0 && v <= 1 {
		return v
	}
	return 0
}
