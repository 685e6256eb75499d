package fuzz

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/pawl-metrics/pawl/encode"
)

// checkOthers has client_golang's lineage read the document: expfmt text, and
// protobuf-go protobuf.
func checkOthers(doc []byte, f encode.Format, want Exposed) error {
	var families []*dto.MetricFamily
	var err error
	switch {
	case f.Syntax == encode.ProtobufDelimited:
		families, err = readProtobuf(doc)
	case f.Syntax <= encode.Text100:
		families, err = readExpfmtUTF8(doc)
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("client_model: %w", err)
	}
	if f.Syntax <= encode.Text100 && slices.ContainsFunc(want.Points, isTwoTo64) {
		return nil // expfmt reads a count through a float64, and overflows
	}
	return comparePoints(families, want)
}

func isTwoTo64(p Point) bool { return p.Value == bitsOf(1<<64) }

// readProtobuf reads messages to the document's end, which is the last one's.
func readProtobuf(doc []byte) (list []*dto.MetricFamily, err error) {
	r := bufio.NewReader(bytes.NewReader(doc))
	for {
		mf := &dto.MetricFamily{}
		err := protodelim.UnmarshalFrom(r, mf)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err == nil && len(mf.ProtoReflect().GetUnknown()) > 0 {
			err = errors.New("a field that there is not")
		}
		if err != nil {
			return nil, err
		}
		list = append(list, mf)
	}
}

func readExpfmtUTF8(doc []byte) (list []*dto.MetricFamily, err error) {
	p := expfmt.NewTextParser(model.UTF8Validation)
	parsed, err := p.TextToMetricFamilies(bytes.NewReader(doc))
	for _, mf := range parsed {
		list = append(list, mf)
	}
	return list, err
}

// comparePoints compares series and values. Exemplars, starts and native
// histograms are the server's parser's to check.
func comparePoints(families []*dto.MetricFamily, want Exposed) error {
	var got []string
	for _, mf := range families {
		for _, m := range mf.GetMetric() {
			got = append(got, dtoPoints(mf.GetName(), m)...)
		}
	}
	var expected []string
	for _, p := range want.Points {
		if !strings.HasPrefix(p.Value, "schema") {
			expected = append(expected, p.Name+p.Labels+" "+p.Value+" "+p.Time)
		}
	}
	slices.Sort(got)
	slices.Sort(expected)
	if !slices.Equal(got, expected) {
		return fmt.Errorf("client_model:\n got %.3000q\nwant %.3000q", got, expected)
	}
	return nil
}

// dtoPoints takes a metric apart.
func dtoPoints(name string, m *dto.Metric) (list []string) {
	set := make(map[string]string)
	for _, l := range m.GetLabel() {
		set[l.GetName()] = l.GetValue()
	}
	at := ""
	if m.TimestampMs != nil {
		at = fmt.Sprint(m.GetTimestampMs())
	}
	add := func(suffix string, set map[string]string, v float64) {
		list = append(list, name+suffix+key(set)+" "+bitsOf(v)+" "+at)
	}
	switch {
	case m.Counter != nil:
		add("", set, m.Counter.GetValue())
	case m.Gauge != nil:
		add("", set, m.Gauge.GetValue())
	case m.Untyped != nil:
		add("", set, m.Untyped.GetValue())
	case m.Summary != nil:
		add("_sum", set, m.Summary.GetSampleSum())
		add("_count", set, float64(m.Summary.GetSampleCount()))
		for _, q := range m.Summary.GetQuantile() {
			add("", with(set, "quantile", labels.FormatOpenMetricsFloat(q.GetQuantile())), q.GetValue())
		}
	case m.Histogram != nil:
		dtoBuckets(m.Histogram, set, add)
	}
	return list
}

func dtoBuckets(h *dto.Histogram, set map[string]string, add func(string, map[string]string, float64)) {
	if h.Schema != nil && len(h.GetBucket()) == 0 {
		return
	}
	add("_sum", set, h.GetSampleSum())
	add("_count", set, float64(h.GetSampleCount()))
	inf := false
	for _, b := range h.GetBucket() {
		inf = inf || math.IsInf(b.GetUpperBound(), 1)
		add("_bucket", with(set, "le", labels.FormatOpenMetricsFloat(b.GetUpperBound())), float64(b.GetCumulativeCount()))
	}
	if !inf {
		add("_bucket", with(set, "le", "+Inf"), float64(h.GetSampleCount()))
	}
}
