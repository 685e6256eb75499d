package fuzz

import (
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// FuzzEscape checks the two escapings alone, where one input is one string and a
// second holds thousands of them. FuzzText has them in their places.
func FuzzEscape(f *testing.F) {
	for i, t := range texts {
		f.Add(t, uint8(i))
		f.Add(t+strings.Repeat("a", i)+t, uint8(3*i))
	}
	f.Fuzz(func(t *testing.T, s string, room uint8) {
		help := func(dst []byte, s string) []byte { return encode.AppendHelp(dst, "x", s) }
		check(t, s, room, encode.AppendLabelValue, escapedValue.Replace(s))
		check(t, s, room, help, "# HELP x "+escapedHelp.Replace(s)+"\n")
		if back, err := unescape(string(encode.AppendLabelValue(nil, s)), true); err != nil || back != s {
			t.Errorf("%q is read as %q: %v", s, back, err)
		}
	})
}
