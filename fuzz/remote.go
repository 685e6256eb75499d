package fuzz

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/gogo/protobuf/proto"
	"github.com/golang/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/prompb"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/remotewrite"
)

// source is families for a writer.
type source []encode.Family

func (s source) Gather(_ context.Context, each func(*encode.Family) error) error {
	for i := range s {
		if err := each(&s[i]); err != nil {
			return err
		}
	}
	return nil
}

// bodies takes every request, and keeps what was in it.
type bodies struct{ list [][]byte }

func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	b.list = append(b.list, body)
	header := http.Header{"X-Prometheus-Remote-Write-Samples-Written": {"1000000"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Body: http.NoBody, Request: r}, err
}

// ReadRemote pushes families by remote write, and returns what Prometheus' own messages
// make of the requests.
func ReadRemote(list []encode.Family, o remotewrite.Options) (points []Point, err error) {
	var taken bodies
	o.URL, o.Client = "http://h", &http.Client{Transport: &taken}
	w, err := remotewrite.New(source(list), o)
	if err == nil {
		err = w.Push(context.Background())
	}
	for _, body := range taken.list {
		if err != nil {
			return nil, err
		}
		var more []Point
		more, err = readRequest(body, o.Version)
		points = append(points, more...)
	}
	return points, err
}

func readRequest(body []byte, version remotewrite.Version) ([]Point, error) {
	message, err := snappy.Decode(nil, body) // not of the family of the one that has written it
	if err != nil {
		return nil, err
	}
	if version == remotewrite.Version2 {
		return readRequest2(message)
	}
	return readRequest1(message)
}

func readRequest1(message []byte) (points []Point, err error) {
	var r prompb.WriteRequest
	if err := proto.Unmarshal(message, &r); err != nil {
		return nil, err
	}
	b := labels.NewScratchBuilder(0)
	for _, ts := range r.Timeseries {
		var names []string
		for _, l := range ts.Labels {
			names = append(names, l.Name)
		}
		if !slices.IsSorted(names) || len(ts.Samples) != 1 {
			return nil, fmt.Errorf("labels %q, %d samples", names, len(ts.Samples))
		}
		points = append(points, remotePoint(ts.ToLabels(&b, nil), bitsOf(ts.Samples[0].Value)))
	}
	return points, nil
}

func readRequest2(message []byte) (points []Point, err error) {
	var r writev2.Request
	if err := proto.Unmarshal(message, &r); err != nil {
		return nil, err
	}
	b := labels.NewScratchBuilder(0)
	for _, ts := range r.Timeseries {
		set, err := ts.ToLabels(&b, r.Symbols)
		if err != nil {
			return nil, err
		}
		if _, err := ts.ToMetadata(r.Symbols); err != nil {
			return nil, err
		}
		var names []string
		for i := 0; i < len(ts.LabelsRefs); i += 2 {
			names = append(names, r.Symbols[ts.LabelsRefs[i]])
		}
		if !slices.IsSorted(names) || len(ts.Samples)+len(ts.Histograms) != 1 {
			return nil, fmt.Errorf("labels %q, %d samples, %d histograms", names, len(ts.Samples), len(ts.Histograms))
		}
		for _, s := range ts.Samples {
			points = append(points, remotePoint(set, bitsOf(s.Value)))
		}
		for _, h := range ts.Histograms {
			whole := h.ToIntHistogram()
			if err := whole.Validate(); err != nil {
				return nil, err
			}
			points = append(points, remotePoint(set, nativeText(plain(whole))))
		}
	}
	return points, nil
}

func remotePoint(set labels.Labels, value string) Point {
	rest := set.Map()
	name := rest["__name__"]
	delete(rest, "__name__")
	return Point{Name: name, Labels: key(rest), Value: value}
}

// remoteWanted is what must come of families: the points of text format 0.0.4, and in
// version 2.0 the native histograms beside them; without labels that have no value, and
// without times, which the formats tell differently.
func remoteWanted(list []encode.Family, o remotewrite.Options) (points []Point) {
	f := encode.Format{Syntax: encode.Text004, Scheme: o.Names}
	points = expect(list, f, encode.Options{}).Points
	if o.Version == remotewrite.Version2 {
		points = append(points, nativesWanted(list, f)...)
	}
	for i := range points {
		points[i] = Point{Name: points[i].Name, Labels: withoutEmpty(points[i].Labels), Value: points[i].Value}
	}
	return points
}

func nativesWanted(list []encode.Family, f encode.Format) (points []Point) {
	for i := range list {
		fam := &list[i]
		if !goodName(fam.Name) || fam.Type != encode.Histogram && fam.Type != encode.GaugeHistogram {
			continue
		}
		for j := range fam.Samples {
			s := &fam.Samples[j]
			set, ok := (&expectation{f: f}).labels(s.Labels, "le")
			if ok && s.Histogram.Native != nil && rightNative(s.Histogram.Native) {
				points = append(points, Point{Name: escapeName(fam.Name, f.Scheme), Labels: key(set), Value: nativeText(s.Histogram.Native)})
			}
		}
	}
	return points
}

// withoutEmpty takes labels without a value out of a key, which has names and values
// in turn, in quotes.
func withoutEmpty(k string) string {
	var out bytes.Buffer
	for k != "" {
		name := quotedPrefix(k)
		value := quotedPrefix(k[len(name):])
		if value != `""` {
			out.WriteString(name + value)
		}
		k = k[len(name)+len(value):]
	}
	return out.String()
}

func quotedPrefix(s string) string {
	end := 1
	for s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	return s[:end+1]
}

// checkRemote pushes what was drawn in each version, and compares.
func checkRemote(data []byte) ([]encode.Family, error) {
	s := NewSource(data)
	scheme := encode.Scheme(s.Byte() & 3)
	list := drawing{s}.families()
	for _, o := range []remotewrite.Options{
		{Version: remotewrite.Version1, Names: scheme, MaxSamples: 1 + s.Pick(5)},
		{Version: remotewrite.Version2, Names: scheme, MaxSamples: 1 + s.Pick(5), Classic: true},
	} {
		if o.Names == encode.AllowUTF8 && o.Version == remotewrite.Version1 {
			continue
		}
		got, err := ReadRemote(list, o)
		if err == nil {
			err = Exposed{Points: got}.same(Exposed{Points: remoteWanted(list, o)})
		}
		if err != nil {
			return list, fmt.Errorf("version %s, scheme %s: %w", o.Version, scheme, err)
		}
	}
	return list, nil
}
