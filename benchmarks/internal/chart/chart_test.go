package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, tc := range []struct {
		lo, hi float64
		want   []float64
	}{
		{0.5, 20, []float64{0.5, 1, 2, 5, 10, 20}},
		{1, 1000, []float64{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}},
		{0.1, 10_000, []float64{0.1, 1, 10, 100, 1000, 10_000}},
	} {
		got := scale{lo: tc.lo, hi: tc.hi}.ticks()
		if !slices.EqualFunc(got, tc.want, func(a, b float64) bool { return math.Abs(a/b-1) < 1e-9 }) {
			t.Errorf("ticks of %v to %v are %v, want %v", tc.lo, tc.hi, got, tc.want)
		}
	}
}

// An axis has an end, whatever is to be drawn on it.
func TestTicksEnd(t *testing.T) {
	odd := []float64{0, -1, 1e-300, 1, 1e300, math.Inf(1), math.Inf(-1), math.NaN()}
	for _, a := range odd {
		for _, b := range odd {
			lo, hi := around(a, b)
			if n := len(scale{lo: lo, hi: hi}.ticks()); n > 60 {
				t.Errorf("%d ticks between %v and %v", n, a, b)
			}
		}
	}
}

func TestAround(t *testing.T) {
	for _, tc := range [][4]float64{{0.07, 13.4, 0.05, 20}, {1, 1, 1, 2}, {3, 4, 2, 5}, {10, 100, 10, 100}} {
		lo, hi := around(tc[0], tc[1])
		if math.Abs(lo/tc[2]-1) > 1e-9 || math.Abs(hi/tc[3]-1) > 1e-9 {
			t.Errorf("around(%v, %v) = %v, %v, want %v, %v", tc[0], tc[1], lo, hi, tc[2], tc[3])
		}
	}
}

func TestScaleStaysInside(t *testing.T) {
	s := scale{lo: 1, hi: 100, from: 200, to: 700}
	for v, want := range map[float64]float64{1: 200, 10: 450, 100: 700, 0.1: 200, 1e9: 700} {
		if got := s.at(v); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is at %v, want %v", v, got, want)
		}
	}
}

func TestApart(t *testing.T) {
	tags := []tag{{"a", 0, 300}, {"b", 0, 299}, {"c", 0, 301}, {"d", 0, 80}}
	tags = apart(tags, 60, 300)
	for i, x := range tags {
		if x.y < 60 || x.y > 300 || i > 0 && x.y-tags[i-1].y < tagStep {
			t.Errorf("tags stand at %v", tags)
		}
	}
}

func TestSVG(t *testing.T) {
	bars := Bars{Title: "a < b & c", Groups: []Group{{Name: "counter_inc", Note: "p=1", Bars: []Bar{
		{Name: "client_golang", Value: 6.5, Lo: 6, Hi: 7, Label: "6.5x"},
		{Name: "floor", Value: 0.1, Lo: 0.1, Hi: 0.1, Label: "0.1x"},
		{Name: "xsync", None: true, Label: "xsync: no clear ratio"},
	}}}}
	lines := Lines{Title: "growth", X: "series", Lines: []Line{{"pawl", []Point{{1, 4}, {2, 4}}}, {"otel", []Point{{1, 60}}}}}
	for name, svg := range map[string]string{
		"bars": bars.SVG(), "lines": lines.SVG(), "no bars": new(Bars).SVG(), "no lines": new(Lines).SVG(),
	} {
		if err := wellFormed(svg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: positions that are no numbers:\n%s", name, svg)
		}
	}
	for _, want := range []string{"a &lt; b &amp; c", "6.5x", "no clear ratio", colour("client_golang")} {
		if !strings.Contains(bars.SVG(), want) {
			t.Errorf("no %q in the bars", want)
		}
	}
}

// wellFormed reads the document to its end.
func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
