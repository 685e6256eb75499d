package fuzz

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Tolerance is what a reader is known to lose.
type Tolerance struct {
	Help      func(string) string // what it makes of a help text
	NoSamples bool                // families without samples
	Digits    bool                // how a number was written
	Order     bool                // of families
}

// Reader is a parser of a format, and what it is known to lose.
type Reader struct {
	Name string
	Read func([]byte) ([]Family, error)
	Lost Tolerance
}

// TextReaders read text format 0.0.4.
var TextReaders = []Reader{
	{"strict", ReadStrict, Tolerance{}},
	{"expfmt", ReadExpfmt, Tolerance{Help: trimLeft, NoSamples: true, Digits: true, Order: true}},
	{"textparse", ReadTextparse, Tolerance{Help: trimBlank, Digits: true}},
}

func trimLeft(help string) string { return strings.TrimLeft(help, " \t") }

func trimBlank(help string) string {
	if strings.Trim(help, " \t\x00") == "" {
		return ""
	}
	return help
}

// Check reads text and compares what it says with want.
func (r *Reader) Check(text []byte, want []Family) error {
	got, err := r.Read(text)
	if err == nil {
		err = diff(got, r.Lost.apply(want))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	return nil
}

// apply returns what remains of a prediction when the reader's losses are taken
// off.
func (t Tolerance) apply(want []Family) []Family {
	var list []Family
	for _, f := range want {
		if t.NoSamples && len(f.Samples) == 0 {
			continue
		}
		if t.Help != nil {
			f.Help = t.Help(f.Help)
		}
		if t.Digits {
			f.Samples = slices.Clone(f.Samples)
			for i := range f.Samples {
				f.Samples[i].Digits = ""
			}
		}
		list = append(list, f)
	}
	if t.Order {
		slices.SortFunc(list, func(a, b Family) int { return strings.Compare(a.Name, b.Name) })
	}
	return list
}

// diff describes the first difference, or returns nil.
func diff(got, want []Family) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("family %q is missing", want[i].Name)
		case i >= len(want):
			return fmt.Errorf("family %q should not be there", got[i].Name)
		}
		if err := diffFamily(&got[i], &want[i]); err != nil {
			return fmt.Errorf("family %q: %w", want[i].Name, err)
		}
	}
	return nil
}

func diffFamily(got, want *Family) error {
	switch {
	case got.Name != want.Name:
		return fmt.Errorf("name is %q", got.Name)
	case got.Type != want.Type:
		return fmt.Errorf("type is %q, want %q", got.Type, want.Type)
	case got.Help != want.Help:
		return fmt.Errorf("help is %.300q, want %.300q", got.Help, want.Help)
	case len(got.Samples) != len(want.Samples):
		return fmt.Errorf("%d samples, want %d:\n got %.2000v\nwant %.2000v",
			len(got.Samples), len(want.Samples), got.Samples, want.Samples)
	}
	for i := range got.Samples {
		if g, w := &got.Samples[i], &want.Samples[i]; !g.equal(w) {
			return fmt.Errorf("sample %d is\n     %.1000v, want\n     %.1000v", i, g, w)
		}
	}
	return nil
}

func (s *Sample) equal(want *Sample) bool {
	return s.Name == want.Name && slices.Equal(s.Labels, want.Labels) && bits(s.Value) == bits(want.Value) &&
		(want.Digits == "" || s.Digits == want.Digits)
}

// bits returns the value's bits; text has one NaN only.
func bits(v float64) uint64 {
	if math.IsNaN(v) {
		return 0x7ff8000000000001
	}
	return math.Float64bits(v)
}

// String shows a sample so that no two look the same.
func (s *Sample) String() string {
	return fmt.Sprintf("%q %.300q %v (bits %#x, written %q)", s.Name, s.Labels, s.Value, bits(s.Value), s.Digits)
}
