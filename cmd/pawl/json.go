package main

import (
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/nativehist"
)

// The JSON form: an array of families. Numbers that JSON has no form for are the
// strings "NaN", "+Inf" and "-Inf"; times are Unix seconds, in decimals.

type jsonFamily struct {
	Name    string       `json:"name"`
	Type    string       `json:"type"`
	Help    string       `json:"help,omitempty"`
	Unit    string       `json:"unit,omitempty"`
	Samples []jsonSample `json:"samples"`
}

type jsonSample struct {
	Labels    map[string]string `json:"labels"`
	Value     *number           `json:"value,omitempty"`
	Count     *uint64           `json:"count,omitempty"`
	Sum       *number           `json:"sum,omitempty"`
	Buckets   []jsonBucket      `json:"buckets,omitempty"`
	Native    *jsonNative       `json:"native,omitempty"`
	Quantiles []jsonQuantile    `json:"quantiles,omitempty"`
	States    map[string]bool   `json:"states,omitempty"`
	Start     json.RawMessage   `json:"start,omitempty"`
	Timestamp json.RawMessage   `json:"timestamp,omitempty"`
	Exemplars []jsonExemplar    `json:"exemplars,omitempty"`
}

type jsonBucket struct {
	Upper    number        `json:"le"`
	Count    uint64        `json:"count"`
	Exemplar *jsonExemplar `json:"exemplar,omitempty"`
}

type jsonQuantile struct {
	Quantile number `json:"quantile"`
	Value    number `json:"value"`
}

type jsonExemplar struct {
	Labels    map[string]string `json:"labels"`
	Value     number            `json:"value"`
	Timestamp json.RawMessage   `json:"timestamp,omitempty"`
}

// jsonNative is a native histogram with its buckets by index.
type jsonNative struct {
	Schema        int32             `json:"schema"`
	ZeroThreshold number            `json:"zero_threshold"`
	ZeroCount     uint64            `json:"zero_count"`
	Positive      map[string]uint64 `json:"positive,omitempty"`
	Negative      map[string]uint64 `json:"negative,omitempty"`
}

// number is a float64 that may be infinite or no number at all.
type number float64

// MarshalJSON writes what JSON has no form for as a string.
func (n number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	text := encode.AppendFloat(nil, v)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.AppendQuote(nil, string(text)), nil
	}
	return text, nil
}

// writeJSON writes families as JSON, for people and for jq.
func writeJSON(w io.Writer, families []encode.Family) error {
	list := make([]jsonFamily, 0, len(families))
	for i := range families {
		list = append(list, newJSONFamily(&families[i]))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

func newJSONFamily(f *encode.Family) jsonFamily {
	out := jsonFamily{Name: f.Name, Type: encode.OpenMetrics100.TypeWord(f.Type), Help: f.Help, Unit: f.Unit, Samples: []jsonSample{}}
	for i := range f.Samples {
		out.Samples = append(out.Samples, newJSONSample(f.Type, &f.Samples[i]))
	}
	return out
}

func newJSONSample(t encode.Type, s *encode.Sample) jsonSample {
	out := jsonSample{Labels: jsonLabels(s.Labels), Start: jsonTime(s.Start), Timestamp: jsonTime(s.Timestamp)}
	out.Exemplars = jsonExemplars(s.Exemplars)
	switch {
	case s.Histogram != nil:
		out.histogram(s.Histogram)
	case s.Summary != nil:
		out.summary(s.Summary)
	case t == encode.StateSet:
		out.States = make(map[string]bool, len(s.States))
		for _, state := range s.States {
			out.States[state.Name] = state.On
		}
	case t == encode.Info:
		out.Value = ptr(number(1))
	default:
		out.Value = ptr(number(s.Value))
	}
	return out
}

func (s *jsonSample) histogram(h *encode.HistogramValue) {
	s.Count, s.Sum = &h.Count, ptr(number(h.Sum))
	for _, b := range h.Buckets {
		bucket := jsonBucket{Upper: number(b.UpperBound), Count: b.Count}
		if b.Exemplar != nil {
			bucket.Exemplar = ptr(newJSONExemplar(b.Exemplar))
		}
		s.Buckets = append(s.Buckets, bucket)
	}
	if n := h.Native; n != nil {
		s.Count, s.Sum = &n.Count, ptr(number(n.Sum))
		s.Native = &jsonNative{Schema: n.Schema, ZeroThreshold: number(n.ZeroThreshold), ZeroCount: n.ZeroCount,
			Positive: jsonPopulation(n.PositiveSpans, n.PositiveCounts), Negative: jsonPopulation(n.NegativeSpans, n.NegativeCounts)}
	}
	s.Exemplars = append(s.Exemplars, jsonExemplars(h.Exemplars)...)
}

func (s *jsonSample) summary(v *encode.SummaryValue) {
	s.Count, s.Sum = &v.Count, ptr(number(v.Sum))
	for _, q := range v.Quantiles {
		s.Quantiles = append(s.Quantiles, jsonQuantile{number(q.Quantile), number(q.Value)})
	}
}

func jsonLabels(labels []encode.Label) map[string]string {
	m := make(map[string]string, len(labels))
	for _, l := range labels {
		m[l.Name] = l.Value
	}
	return m
}

func jsonExemplars(list []encode.Exemplar) (out []jsonExemplar) {
	for i := range list {
		out = append(out, newJSONExemplar(&list[i]))
	}
	return out
}

func newJSONExemplar(e *encode.Exemplar) jsonExemplar {
	return jsonExemplar{Labels: jsonLabels(e.Labels), Value: number(e.Value), Timestamp: jsonTime(e.Timestamp)}
}

// jsonTime writes a timestamp as decimals, which no float64 rounds.
func jsonTime(t encode.Timestamp) json.RawMessage {
	if !t.IsSet() {
		return nil
	}
	return encode.AppendSeconds(nil, t)
}

// jsonPopulation names each bucket by its index.
func jsonPopulation(spans []nativehist.Span, counts []uint64) map[string]uint64 {
	m := make(map[string]uint64, len(counts))
	index := int32(0)
	for _, s := range spans {
		index += s.Offset
		for range min(int(s.Length), len(counts)) {
			m[strconv.Itoa(int(index))], counts = counts[0], counts[1:]
			index++
		}
	}
	return m
}

func ptr[T any](v T) *T { return &v }
