package graphite

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// lines makes a line of each sample: path, value, time in seconds. now is the time of
// samples that have none. There are no lines if one family cannot be told.
func (c *Config) lines(families []*dto.MetricFamily, now model.Time) ([]byte, error) {
	samples, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{Timestamp: now}, families...)
	if err != nil {
		return nil, err
	}
	var dst []byte
	for _, s := range samples {
		dst = c.appendPath(dst, s.Metric)
		dst = strconv.AppendFloat(append(dst, ' '), float64(s.Value), 'g', -1, 64)
		dst = strconv.AppendInt(append(dst, ' '), int64(s.Timestamp)/1000, 10)
		dst = append(dst, '\n')
	}
	return dst, nil
}

// appendPath appends the metric's name and labels. Tags go as they are. A path has a
// label's name and value as two parts; its labels stand in the order of both together.
func (c *Config) appendPath(dst []byte, m model.Metric) []byte {
	if c.Prefix != "" {
		dst = append(append(dst, c.Prefix...), '.')
	}
	dst = appendPart(dst, string(m[model.MetricNameLabel]))
	if c.UseTags {
		return appendTags(dst, m)
	}
	var parts []string
	for name, value := range m {
		if name != model.MetricNameLabel {
			parts = append(parts, string(name)+" "+string(value))
		}
	}
	slices.Sort(parts)
	for _, p := range parts {
		dst = appendPart(append(dst, '.'), p)
	}
	return dst
}

func appendTags(dst []byte, m model.Metric) []byte {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if name != model.MetricNameLabel {
			dst = append(append(append(append(dst, ';'), name...), '='), m[name]...)
		}
	}
	return dst
}

// appendPart appends text as a part of a path. A space ends a part. Whatever is no ASCII
// letter or digit, and none of : - _, becomes an underscore, of which there is never
// more than one in a row.
func appendPart(dst []byte, text string) []byte {
	last := rune(-1)
	for _, r := range text {
		r = fitting(r)
		if r != '_' || last != '_' {
			dst = utf8.AppendRune(dst, r)
		}
		last = r
	}
	return dst
}

func fitting(r rune) rune {
	switch {
	case r == ' ':
		return '.'
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == ':', r == '-':
		return r
	}
	return '_'
}
