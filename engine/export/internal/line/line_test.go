package line

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		`a 1`:                       `a||1|`,
		`a{} 1 -5`:                  `a||1|-5`,
		`a{b="c"} NaN`:              `a|b="c"|NaN|`,
		`a{b="}",c="\"} 2"} +Inf 1`: `a|b="}",c="\"} 2"|+Inf|1`,
		`a`:                         `a|||`,
		`a{b="c`:                    `a|b="c||`,
		`{"a.b",c="d"} 1`:           `|"a.b",c="d"|1|`,
		`a{b="\\"} 3`:               `a|b="\\"|3|`,
	} {
		s := Parse([]byte(text))
		if got := fmt.Sprintf("%s|%s|%s|%s", s.Name, s.Labels, s.Value, s.Timestamp); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// What the encoder writes is read back, whatever the values are.
func FuzzLabels(f *testing.F) {
	f.Add("x", `a"\b`+"\n", "}", 1.5)
	f.Add("", ",", `="`, -1.0)
	f.Fuzz(func(t *testing.T, a, b, c string, v float64) {
		a, b, c = strings.ToValidUTF8(a, "?"), strings.ToValidUTF8(b, "?"), strings.ToValidUTF8(c, "?")
		want := []encode.Label{{Name: "a", Value: a}, {Name: "b", Value: b}, {Name: "c", Value: c}}
		text := encode.AppendFamily(nil, encode.Format{}, encode.Options{}, &encode.Family{Name: "m", Help: b, Type: encode.Gauge,
			Samples: []encode.Sample{{Labels: want, Value: v, Timestamp: encode.UnixTimestamp(7, 0)}}})
		n := 0
		for s := range Samples(text) {
			n++
			var got []encode.Label
			for name, value := range s.Pairs() {
				got = append(got, encode.Label{Name: string(name), Value: string(Unescape(value))})
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
				t.Errorf("%q, want %q", got, want)
			}
			if value := string(encode.AppendFloat(nil, v)); string(s.Value) != value || string(s.Timestamp) != "7000" {
				t.Errorf("value %s at %s, want %s", s.Value, s.Timestamp, value)
			}
		}
		if n != 1 {
			t.Errorf("%d samples in\n%s", n, text)
		}
	})
}

func FuzzAnyBytes(f *testing.F) {
	f.Add([]byte("a{b=\"c\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for s := range Samples(text) {
			for _, value := range s.Pairs() {
				Unescape(value)
			}
		}
	})
}
