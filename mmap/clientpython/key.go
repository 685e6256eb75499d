package clientpython

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// key is what an entry's key says.
type key struct {
	family, sample, help string
	labels               []encode.Label // by name; without le if the entry is a bucket
	pid                  string         // of gauges, when there is such a label; not in labels
	part                 part
	bound                float64 // of a bucket
}

// part is which of a series' numbers an entry is.
type part uint8

const (
	theValue part = iota
	theCount
	theSum
	aBucket
	nothing // the count of a histogram: it is that of the buckets
)

// parts are the samples that families of a type have, by what is behind the name.
var parts = map[encode.Type]map[string]part{
	encode.Counter:   {"_total": theValue},
	encode.Gauge:     {"": theValue},
	encode.Summary:   {"_count": theCount, "_sum": theSum},
	encode.Histogram: {"_bucket": aBucket, "_sum": theSum, "_count": nothing},
}

// parseKey parses the key of an entry in a file of families of a type.
func parseKey(raw []byte, typ encode.Type) (k key, err error) {
	labels, err := k.decode(raw)
	if err != nil {
		return key{}, fmt.Errorf("%w: %v", ErrKey, err)
	}
	suffix, ok := strings.CutPrefix(k.sample, k.family)
	if ok {
		k.part, ok = parts[typ][suffix]
	}
	if !ok {
		return key{}, fmt.Errorf("%w: a %s %q has no sample %q", ErrKey, typ, k.family, k.sample)
	}
	if typ == encode.Gauge {
		k.pid = labels["pid"]
		delete(labels, "pid")
	}
	if k.part == aBucket {
		if k.bound, err = parseBound(labels["le"]); err != nil {
			return key{}, fmt.Errorf("%w: %v", ErrKey, err)
		}
		delete(labels, "le")
	}
	k.labels = sorted(labels)
	return k, nil
}

// decode fills in what stands in the JSON, and returns the labels. Unlike package json
// it takes no invalid UTF-8, and no null for a string.
func (k *key) decode(raw []byte) (labels map[string]string, err error) {
	if !utf8.Valid(raw) {
		return nil, fmt.Errorf("invalid UTF-8")
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(raw, &parts); err != nil {
		return nil, err
	}
	if len(parts) != 3 && len(parts) != 4 { // three before release 0.16
		return nil, fmt.Errorf("%d elements, want 4", len(parts))
	}
	into := []any{&k.family, &k.sample, &labels, &k.help}
	for i, p := range parts {
		if p[0] == 'n' {
			return nil, fmt.Errorf("element %d is null", i)
		}
		if err := json.Unmarshal(p, into[i]); err != nil {
			return nil, err
		}
	}
	return labels, nil
}

// parseBound parses a bucket's bound as Python's float does, but for NaN, which bounds
// nothing.
func parseBound(s string) (float64, error) {
	bound, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err == nil && math.IsNaN(bound) {
		err = fmt.Errorf("a bucket up to NaN")
	}
	return bound, err
}

func sorted(labels map[string]string) []encode.Label {
	list := make([]encode.Label, 0, len(labels))
	for name, value := range labels {
		list = append(list, encode.Label{Name: name, Value: value})
	}
	slices.SortFunc(list, func(a, b encode.Label) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// identity returns a string that tells label sets apart, and sorts as they do. No byte
// of it occurs in UTF-8 but between labels.
func identity(labels []encode.Label) string {
	var b strings.Builder
	for _, l := range labels {
		b.WriteString(l.Name)
		b.WriteByte(0xfe)
		b.WriteString(l.Value)
		b.WriteByte(0xff)
	}
	return b.String()
}

// withPID returns a key with the label pid set, for the archive of gauges that have one
// series for each process.
func withPID(raw []byte, pid string) ([]byte, error) {
	var k key
	labels, err := k.decode(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrKey, err)
	}
	if labels == nil {
		labels = map[string]string{}
	}
	labels["pid"] = pid
	return json.Marshal([]any{k.family, k.sample, labels, k.help})
}
