package graphite

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// families is a source of plain data.
type families []encode.Family

func (list families) Gather(_ context.Context, each func(*encode.Family) error) error {
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

func clock() time.Time { return time.Unix(1434898897, 500e6) }

// render returns the lines of families.
func render(t *testing.T, o Options, list ...encode.Family) string {
	t.Helper()
	o.Addr, o.Now = "x", clock
	b, err := New(families(list), o)
	if err != nil {
		t.Fatal(err)
	}
	push, err := b.render(t.Context(), 0)
	if err != nil || push.Samples != strings.Count(string(push.Body), "\n") {
		t.Errorf("%d samples, %v:\n%s", push.Samples, err, push.Body)
	}
	return string(push.Body)
}

func gauge(name string, v float64, labels ...string) encode.Family {
	s := encode.Sample{Value: v}
	for i := 0; i < len(labels); i += 2 {
		s.Labels = append(s.Labels, encode.Label{Name: labels[i], Value: labels[i+1]})
	}
	return encode.Family{Name: name, Type: encode.Gauge, Samples: []encode.Sample{s}}
}

// Lines as client_python's development head writes them.
func TestRecordedLines(t *testing.T) {
	text, err := os.ReadFile("testdata/graphite.json")
	var cases []struct {
		Name, Value, Prefix, Line string
		Labels                    map[string]string
		Tags                      bool
	}
	if err == nil {
		err = json.Unmarshal(text, &cases)
	}
	if err != nil || len(cases) < 10 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		v, err := strconv.ParseFloat(c.Value, 64)
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		for name, value := range c.Labels {
			labels = append(labels, name, value)
		}
		got := render(t, Options{Style: Python, Prefix: c.Prefix, Tags: c.Tags}, gauge(c.Name, v, labels...))
		if got != c.Line {
			t.Errorf("%q, want %q", got, c.Line)
		}
	}
}

// And as its tests have them, beside what the other styles make of the same.
func TestStyles(t *testing.T) {
	for _, c := range []struct {
		f                      encode.Family
		tags                   bool
		python, carbon, golang string
	}{
		{gauge("a:b.c-d_e f", 1), false, "a_b_c-d_e_f 1.0", "a_b_c-d_e_f 1", "a:b_c-d_e_f 1"},
		{gauge("labels", 1, "a", "c.:8"), false, "labels.a.c__8 1.0", "labels.a.c__8 1", "labels.a.c_:8 1"},
		{gauge("labels", 1, "a", "c.:8"), true, "labels;a=c__8 1.0", "labels;a=c.:8 1", "labels;a=c.:8 1"},
		{gauge("g", 1, "z", "1", "a", "x/y z", "k.k", "é"), false, "g.a.x_y_z.k_k._.z.1 1.0", "g.a.x_y_z.k_k._.z.1 1", "g.a.x_y_z.k_k._.z.1 1"},
		{gauge("g", 1, "z", "1", "a", "x/y z", "k.k", "é"), true, "g;a=x_y_z;k_k=_;z=1 1.0", "g;a=x/y_z;k_k=é;z=1 1", "g;a=x/y_z;k_k=é;z=1 1"},
		{gauge("g", 1, "a", ""), false, "g.a. 1.0", "g 1", "g 1"},
		{gauge("g", 1, "a", ""), true, "g;a= 1.0", "g 1", "g 1"},
		{gauge("g", 1, "a", "__ __"), false, "g.a._____ 1.0", "g.a._____ 1", "g.a._ 1"},
		{gauge("g", 1e6), false, "g 1000000.0", "g 1000000", "g 1e+06"},
		{gauge("g", 1e16), false, "g 1e+16", "g 1e+16", "g 1e+16"},
		{gauge("g", math.Copysign(0, -1)), false, "g -0.0", "g -0", "g -0"},
		{gauge("g", 123456789012345680), false, "g 1.2345678901234568e+17", "g 1.2345678901234568e+17", "g 1.2345678901234568e+17"},
		{gauge("g", 1e-7), false, "g 1e-07", "g 1e-07", "g 1e-07"},
		{gauge("g", 0.0001), false, "g 0.0001", "g 0.0001", "g 0.0001"},
		{gauge("g", math.Inf(1)), false, "g inf", "", "g +Inf"},
		{gauge("g", math.NaN()), false, "g nan", "", "g NaN"},
		{gauge("g", 1, "a", "~x"), true, "g;a=_x 1.0", "g;a=_x 1", "g;a=_x 1"},
		{gauge("g", 1, "a", `"}`), true, "g;a=__ 1.0", "g;a=_} 1", "g;a=_} 1"},
		{gauge("g", 1, "a", "b;c=d~e"), true, "g;a=b_c_d_e 1.0", "g;a=b_c=d~e 1", "g;a=b_c=d~e 1"},
	} {
		for style, want := range map[Style]string{Python: c.python, Carbon: c.carbon, ClientGolang: c.golang} {
			if want != "" {
				want += " 1434898897\n"
			}
			if got := render(t, Options{Style: style, Tags: c.tags}, c.f); got != want {
				t.Errorf("style %d: %q, want %q", style, got, want)
			}
		}
	}
}

func TestTypes(t *testing.T) {
	got := render(t, Options{Style: Python, Prefix: "pre.fix."},
		encode.Family{Name: "h", Type: encode.Histogram, Samples: []encode.Sample{{Histogram: &encode.HistogramValue{Count: 3, Sum: 2.5,
			Buckets: []encode.Bucket{{UpperBound: 0.5, Count: 1}, {UpperBound: 1e6, Count: 2}}}}}},
		encode.Family{Name: "s", Type: encode.Summary, Samples: []encode.Sample{{Summary: &encode.SummaryValue{Count: 2, Sum: 3,
			Quantiles: []encode.Quantile{{Quantile: 0.5, Value: 1}}}}}},
		encode.Family{Name: "i", Type: encode.Info, Samples: []encode.Sample{{Labels: []encode.Label{{Name: "v", Value: "1.2"}}}}},
		encode.Family{Name: "m", Type: encode.StateSet, Samples: []encode.Sample{{States: []encode.State{{Name: "on", On: true}, {Name: "off"}}}}})
	want := strings.ReplaceAll(strings.ReplaceAll(`h_bucket.le.0_5 1.0
h_bucket.le.1e_06 2.0
h_bucket.le._Inf 3.0
h_sum 2.5
h_count 3.0
s.quantile.0_5 1.0
s_sum 3.0
s_count 2.0
i_info.v.1_2 1.0
m.m.on 1.0
m.m.off 0.0
`, "\n", " 1434898897\npre.fix."), "\npre.fix.\x00", "\n")
	if want = "pre.fix." + strings.TrimSuffix(want, "pre.fix."); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestTimestamps(t *testing.T) {
	f := gauge("g", 1)
	f.Samples[0].Timestamp = encode.UnixTimestamp(77, 999e6)
	for style, want := range map[Style]string{Carbon: "g 1 77\n", ClientGolang: "g 1 77\n", Python: "g 1.0 1434898897\n"} {
		if got := render(t, Options{Style: style}, f); got != want {
			t.Errorf("style %d: %q, want %q", style, got, want)
		}
	}
}

// Whatever the strings are, a sample is one line of three fields, as Python splits it,
// whose tags carbon can take apart.
func FuzzLines(f *testing.F) {
	f.Add("a b", "l\nl", "v;v=\"}", 1.5, uint8(0), true)
	f.Add("é", "\xff", "\u2003\x1f\u0085", math.Inf(1), uint8(1), false)
	f.Add("~", "~", "~~", math.Copysign(0, -1), uint8(2), true)
	f.Fuzz(func(t *testing.T, name, label, value string, v float64, style uint8, tags bool) {
		o := Options{Style: Style(style % uint8(numStyles)), Tags: tags}
		fam := gauge(name, v, label, value)
		text := render(t, o, fam)
		samples := 0
		for range fam.Points(encode.AllowUTF8, encode.AppendBound) {
			if o.Style.hasNumber(v) {
				samples++
			}
		}
		if n := strings.Count(text, "\n"); n != samples || n == 1 && text[len(text)-1] != '\n' {
			t.Fatalf("%d samples are %d lines: %q", samples, n, text)
		}
		if text == "" {
			return
		}
		fields := strings.FieldsFunc(text, pythonSpace)
		if len(fields) != 3 || !utf8.ValidString(text) || strings.HasSuffix(fields[0], `"}`) {
			t.Fatalf("%q has fields %q", text, fields)
		}
		if got, err := strconv.ParseFloat(fields[1], 64); err != nil || math.Float64bits(got) != math.Float64bits(v) && v == v {
			t.Errorf("%v is written as %s", v, fields[1])
		}
		parts := strings.Split(fields[0], ";")
		if tags && len(parts) > 2 || !tags && len(parts) > 1 {
			t.Errorf("tags are torn: %q", parts)
		}
		for _, tag := range parts[1:] {
			name, value, _ := strings.Cut(tag, "=")
			if name == "" || strings.ContainsAny(name, "!^=") || o.Style != Python && (value == "" || value[0] == '~') {
				t.Errorf("carbon refuses the tag %q", tag)
			}
		}
	})
}

// pythonSpace says whether str.split splits at r.
func pythonSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func FuzzRepr(f *testing.F) {
	for _, v := range []float64{0, 1, 0.1, 1e16, 9999999999999998, 1e-4, 9.9e-5, math.MaxFloat64, 5e-324} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		text := string(appendRepr(nil, v))
		got, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Float64bits(got) != math.Float64bits(v) && v == v {
			t.Errorf("%v is written as %s", v, text)
		}
		if !strings.ContainsAny(text, ".en") {
			t.Errorf("%s looks like an int", text)
		}
	})
}
