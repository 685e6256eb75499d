package fuzz

import (
	"strings"
	"testing"
)

const good = "# HELP x a \"quoted\" \\\\ \\n help\n# TYPE x counter\nx{a=\"\\\"\\\\\\n} # EOF\",b=\"\"} 1\nx 2.5e-07\n" +
	"# TYPE y histogram\ny_bucket{z=\"\",le=\"+Inf\"} 0\n"

func TestStrictReaderReads(t *testing.T) {
	got, err := ReadStrict([]byte(good))
	want := []Family{
		{Name: "x", Help: "a \"quoted\" \\ \n help", Type: "counter", Samples: []Sample{
			{Name: "x", Labels: []Label{{"a", "\"\\\n} # EOF"}, {"b", ""}}, Value: 1, Digits: "1"}, {Name: "x", Value: 2.5e-07}}},
		{Name: "y", Type: "histogram", Samples: []Sample{{Name: "y_bucket", Labels: []Label{{"le", "+Inf"}, {"z", ""}}}}},
	}
	if err == nil {
		err = diff(got, want)
	}
	if err != nil {
		t.Error(err)
	}
}

// Each of these is let through by one parser or the other, or by both.
func TestStrictReaderRefuses(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"x 2.5e-07\n", "x 2.5e-07"},              // no end of line
		{"x 2.5e-07\n", "\nx 2.5e-07\n"},          // blank line
		{"x 2.5e-07\n", "x 2.5e-07\r\n"},          // CRLF
		{"x 2.5e-07\n", " x 2.5e-07\n"},           // blanks
		{"x 2.5e-07\n", "x  2.5e-07\n"},           //
		{"x 2.5e-07\n", "x 2.5e-07 \n"},           //
		{"x 2.5e-07\n", "x\t2.5e-07\n"},           //
		{"x 2.5e-07\n", "x 2.5e-07 1\n"},          // timestamp
		{"x 2.5e-07\n", "x 0x1p-3\n"},             // forms of numbers
		{"x 2.5e-07\n", "x 1_0\n"},                //
		{"x 2.5e-07\n", "# x 2.5e-07\n"},          // comment
		{"x 2.5e-07\n", "# EOF\n"},                //
		{"x 2.5e-07\n", "# TYPE x counter\n"},     // second TYPE
		{"x 2.5e-07\n", "# HELP z a\n"},           // HELP of another family
		{"# TYPE y histogram\n", "# HELP y a\n"},  // no TYPE
		{"# TYPE x counter\n", ""},                //
		{"# TYPE x counter", "# TYPE x info"},     // no such type
		{"# TYPE x counter", "# TYPE  x counter"}, //
		{`b=""`, `b="",`},                         // trailing comma
		{`b=""`, `b=" "" `},                       // quote in a value
		{`,b=""`, `,a=""`},                        // one label twice
		{`{a=`, `{__name__=`},                     //
		{`b=`, `b =`},                             //
		{`\n}`, `\t}`},                            // escapes
		{`\n help`, `\" help`},                    //
		{`\n help`, `\`},                          //
		{"} # EOF", "\xff"},                       // not UTF-8
	} {
		text := strings.Replace(good, c.from, c.to, 1)
		if _, err := ReadStrict([]byte(text)); err == nil || text == good {
			t.Errorf("%q for %q passed", c.to, c.from)
		}
	}
}
