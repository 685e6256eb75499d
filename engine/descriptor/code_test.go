package descriptor

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

var some = []Descriptor{
	{Family: "up", Kind: Gauge, Type: encode.Gauge, Mode: MostRecent},
	{Family: "requests_total", Labels: []encode.Label{{Name: "code", Value: "200"}, {Name: "ünï", Value: "a\"\n"}},
		Kind: Counter, Type: encode.Counter, Help: "Requests.", Start: 1700000000123456789},
	{Family: "h", Kind: Histogram, Type: encode.Histogram, Bounds: []float64{-1, 0, .5}, Unit: "seconds", Carried: true},
	{Family: "n", Kind: NativeBlock, Type: encode.Histogram, Bounds: []float64{1}, Schema: -4, Threshold: 1e-9, Extra: 2,
		Reaches: [2]Reach{{First: -17, Cells: 40}, {}}},
	{Family: "s", Kind: Enum, Type: encode.StateSet, States: []string{"on", ""}, Mode: LiveAll},
	{Family: "e", Kind: Exemplar, Bucket: -1},
	{Kind: Folded, IDs: [][16]byte{{1}, {2, 15: 3}}},
}

func TestRoundTrip(t *testing.T) {
	for _, want := range some {
		desc := Append([]byte("x"), &want)[1:]
		got, err := Parse(desc)
		if err != nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("%+v came back as %+v, %v", want, got, err)
		}
		key, err := Key(desc)
		if err != nil || !bytes.Equal(key, AppendKey(nil, want.Family, want.Labels)) {
			t.Errorf("%+v: key %q, %v", want, key, err)
		}
	}
}

func TestEveryTruncation(t *testing.T) {
	for _, d := range some {
		desc := Append(nil, &d)
		for n := range desc {
			if _, err := Parse(desc[:n]); !errors.Is(err, ErrMalformed) {
				t.Errorf("%+v cut to %d of %d bytes: %v", d, n, len(desc), err)
			}
		}
		if _, err := Parse(append(desc, 0)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%+v and a byte more: %v", d, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, d := range some {
		f.Add(Append(nil, &d))
	}
	f.Fuzz(func(t *testing.T, desc []byte) {
		d, err := Parse(desc)
		if err != nil {
			return
		}
		again, err := Parse(Append(nil, d))
		if err != nil || !bytes.Equal(Append(nil, again), Append(nil, d)) {
			t.Fatalf("%+v came back as %+v, %v", d, again, err)
		}
	})
}
