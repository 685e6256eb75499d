package encode

import (
	"strings"
	"testing"
)

func TestNamesAreValidByTheRuleOfTheirKind(t *testing.T) {
	for _, c := range []struct {
		name        string
		metric, lbl bool
		utf8        bool
	}{
		{"a", true, true, true}, {"_", true, true, true}, {"a9_Z", true, true, true},
		{"a:b", true, false, true}, {":", true, false, true}, // the colon is for metrics
		{"9a", false, false, true}, {"a.b", false, false, true}, {"é", false, false, true},
		{"a b", false, false, true}, {"a\n", false, false, true}, {`a"`, false, false, true},
		{"", false, false, false}, {"a\x00", false, false, false}, {"\xff", false, false, false},
	} {
		if got := ValidName(c.name); got != c.metric {
			t.Errorf("ValidName(%q) = %v", c.name, got)
		}
		if got := ValidLabelName(c.name); got != c.lbl {
			t.Errorf("ValidLabelName(%q) = %v", c.name, got)
		}
		if got := ValidUTF8Name(c.name); got != c.utf8 {
			t.Errorf("ValidUTF8Name(%q) = %v", c.name, got)
		}
	}
}

func TestEscapingSchemes(t *testing.T) {
	for _, c := range []struct{ name, underscores, dots, values string }{
		{"foo_bar", "foo_bar", "foo_bar", "foo_bar"}, // valid names stay, under dots too
		{"a:b", "a:b", "a:b", "a:b"},
		{"foo.bar", "foo_bar", "foo_dot_bar", "U__foo_2e_bar"},
		{"foo_b.c", "foo_b_c", "foo__b_dot_c", "U__foo__b_2e_c"},
		{"1foo", "_foo", "__foo", "U___31_foo"}, // a leading digit is replaced, not prefixed
		{"é", "_", "__", "U___e9_"},             // one character, not two bytes
		{"😀", "_", "__", "U___1f600_"},          // lower case
		{"a b", "a_b", "a__b", "U__a_20_b"},     // dots: two, not one as documented
		{"a.b:c", "a_b:c", "a_dot_b:c", "U__a_2e_b:c"},
	} {
		for scheme, want := range map[Scheme]string{AllowUTF8: c.name, Underscores: c.underscores, Dots: c.dots, Values: c.values} {
			if got := EscapeName(c.name, scheme); got != want {
				t.Errorf("%q with %v is %q, want %q", c.name, scheme, got, want)
			}
		}
		if got := UnescapeName(c.values, Values); got != c.name {
			t.Errorf("%q with values comes back as %q", c.name, got)
		}
	}
}

func TestALabelNameHasNoColon(t *testing.T) {
	for scheme, want := range map[Scheme]string{AllowUTF8: "a:b", Underscores: "a_b", Dots: "a__b", Values: "U__a_3a_b"} {
		if got := string(AppendLabelName(nil, "a:b", scheme)); got != want {
			t.Errorf("label a:b with %v is %q, want %q", scheme, got, want)
		}
	}
	f := Format{Text100, AllowUTF8}
	if got, want := string(AppendSeries(nil, f, "m", "", []Label{{"a:b", "x"}})), `m{"a:b"="x"} `; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// client_golang escapes the family's name and appends the suffix as it is.
func TestSuffixesAreAppendedToTheEscapedName(t *testing.T) {
	for scheme, want := range map[Scheme]string{AllowUTF8: `{"h.x_bucket"} `, Underscores: "h_x_bucket ",
		Dots: "h_dot_x_bucket ", Values: "U__h_2e_x_bucket "} {
		if got := string(AppendSeries(nil, Format{Text100, scheme}, "h.x", "_bucket", nil)); got != want {
			t.Errorf("%v: %q, want %q", scheme, got, want)
		}
	}
}

func TestUnescapingLeavesOtherNamesAlone(t *testing.T) {
	for _, name := range []string{"", "x", "U_x", "U__a_", "U__a_zz_", "U__a_110000_", "U__a_d800_", "U___+1_", "U__a_123456789_"} {
		if got := UnescapeName(name, Values); got != name {
			t.Errorf("%q became %q", name, got)
		}
	}
	if got := UnescapeName("a_dot_b__c", Dots); got != "a.b_c" {
		t.Errorf("dots: %q", got)
	}
	if got := UnescapeName("a_b", Underscores); got != "a_b" {
		t.Errorf("underscores: %q", got)
	}
}

func TestInvalidUTF8IsReplacedByRuns(t *testing.T) {
	for _, s := range []string{"", "a", "\xff", "a\xff\xfeb\xffc", "\xc3", "\uFFFD\xff\uFFFD", "\xed\xa0\x80x", strings.Repeat("\xff", 100)} {
		want := strings.ToValidUTF8(s, "\uFFFD")
		if got := string(appendText(nil, s, '"')); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
		pb := appendString(nil, 1, s)
		if got := string(pb[2:]); got != want && len(want) < 128 {
			t.Errorf("protobuf: %q became %q, want %q", s, got, want)
		}
	}
}
