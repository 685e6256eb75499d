package prometheus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func TestDescString(t *testing.T) {
	lower := prometheus.ConstrainedLabels{{Name: "method", Constraint: strings.ToLower}, {Name: "code"}}
	for _, c := range []struct {
		desc *prometheus.Desc
		want string
	}{
		{prometheus.NewDesc("x", "what it is", nil, nil),
			`Desc{fqName: "x", help: "what it is", unit: "", constLabels: {}, variableLabels: {}}`},
		{prometheus.NewDesc("x", "a \"b\"", []string{"z", "a"}, prometheus.Labels{"d": "4", "c": "3\n"}),
			`Desc{fqName: "x", help: "a \"b\"", unit: "", constLabels: {c="3\n",d="4"}, variableLabels: {z,a}}`},
		{prometheus.V2.NewDesc("x", "", lower, nil, prometheus.WithUnit("seconds")),
			`Desc{fqName: "x", help: "", unit: "seconds", constLabels: {}, variableLabels: {c(method),code}}`},
		{prometheus.V2.NewDesc("x", "", nil, nil), // a panic in client_golang
			`Desc{fqName: "x", help: "", unit: "", constLabels: {}, variableLabels: {}}`},
		{prometheus.NewInvalidDesc(errTest),
			`Desc{fqName: "", help: "", unit: "", constLabels: {}, variableLabels: {}}`},
		{prometheus.NewDesc("", "help", []string{"a"}, prometheus.Labels{"b": "c"}),
			`Desc{fqName: "", help: "help", unit: "", constLabels: {}, variableLabels: {a}}`},
	} {
		if got := c.desc.String(); got != c.want {
			t.Errorf("%s\n want %s", got, c.want)
		}
	}
}

func TestDescErrors(t *testing.T) {
	type labels = prometheus.Labels
	for _, c := range []struct {
		name     string
		variable []string
		consts   labels
		want     string
	}{
		{"x", nil, nil, ""},
		{"with space", []string{"ünï"}, labels{"a.b": ""}, ""}, // UTF-8 names are valid
		{"", nil, nil, `"" is not a valid metric name`},
		{"\xff", nil, nil, `"\xff" is not a valid metric name`},
		{"x", []string{""}, nil, `"" is not a valid label name for metric "x"`},
		{"x", []string{"__name__"}, nil, `"__name__" is not a valid label name for metric "x"`},
		{"x", nil, labels{"__a": "b"}, `"__a" is not a valid label name for metric "x"`},
		{"x", nil, labels{"a": "\xff"}, `label value "\xff" is not valid UTF-8`},
		{"x", []string{"a", "a"}, nil, `duplicate label names in constant and variable labels for metric "x"`},
		{"x", []string{"a"}, labels{"a": "b"}, `duplicate label names in constant and variable labels for metric "x"`},
		{"x", []string{"a", "a", "__b"}, nil, `"__b" is not a valid label name for metric "x"`},
	} {
		desc := prometheus.NewDesc(c.name, "help", c.variable, c.consts)
		wantError(t, desc.Err(), c.want)
		err := prometheus.NewRegistry().Register(describing(desc))
		if c.want == "" {
			wantError(t, err, "")
			continue
		}
		wantError(t, err, "descriptor "+desc.String()+" is invalid: "+c.want)
		if !errors.Is(err, desc.Err()) {
			t.Errorf("%v does not wrap %v", err, desc.Err())
		}
	}
}

// What the caller does with maps and slices afterwards is no concern of the descriptor.
func TestDescCopies(t *testing.T) {
	names, consts := []string{"a"}, prometheus.Labels{"c": "1"}
	desc := prometheus.NewDesc("x", "", names, consts)
	names[0], consts["c"], consts["d"] = "changed", "2", "3"
	if got, _ := gather(t, unchecked(prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1, "v"))); got != `x{a="v",c="1"} 1`+"\n" {
		t.Errorf("%s", got)
	}
}

// Which descriptors are equal, and which do not go together.
func TestDescIdentity(t *testing.T) {
	type labels = prometheus.Labels
	desc := func(help string, variable []string, consts labels) *prometheus.Desc {
		return prometheus.NewDesc("x", help, variable, consts)
	}
	const (
		equal    = "duplicate metrics collector registration attempted"
		conflict = "has different label names or a different help string"
	)
	for name, c := range map[string]struct {
		a, b *prometheus.Desc
		want string
	}{
		"other value":             {desc("h", nil, labels{"a": "1"}), desc("h", nil, labels{"a": "2"}), ""},
		"same":                    {desc("h", []string{"v"}, labels{"a": "1"}), desc("h", []string{"v"}, labels{"a": "1"}), equal},
		"labels in another order": {desc("h", []string{"v", "w"}, nil), desc("h", []string{"w", "v"}, nil), equal},
		"other help":              {desc("h", nil, nil), desc("g", nil, nil), conflict},
		"other names, same value": {desc("h", nil, labels{"a": "1"}), desc("h", nil, labels{"b": "1"}), conflict},
		"const and variable":      {desc("h", []string{"a"}, nil), desc("h", nil, labels{"a": "1"}), conflict},
		"more labels":             {desc("h", nil, nil), desc("h", nil, labels{"a": "1"}), conflict},
		"unit": {desc("h", nil, nil),
			prometheus.V2.NewDesc("x", "h", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit("u")), conflict},
		"unit and help of the same letters": {
			prometheus.V2.NewDesc("x", "h", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit("hu")),
			prometheus.V2.NewDesc("x", "hh", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit("u")), conflict},
		// client_golang puts a dollar before variable labels and hashes, so it takes these for
		// the same.
		"a dollar in a name":       {desc("h", []string{"a"}, nil), desc("h", nil, labels{"$a": "1"}), conflict},
		"values that run together": {desc("h", nil, labels{"a": "1", "b": "11"}), desc("h", nil, labels{"a": "11", "b": "1"}), ""},
		"a collision of FNV":       {desc("h", nil, labels{"a": "77kepQFQ8Kl"}), desc("h", nil, labels{"a": "!0IC=VloaY"}), ""},
	} {
		reg := prometheus.NewRegistry()
		reg.MustRegister(describing(c.a))
		got := message(reg.Register(describing(c.b)))
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: error %q, want %q", name, got, c.want)
		}
	}
}

func TestBuildFQName(t *testing.T) {
	for _, c := range [][4]string{
		{"a", "b", "c", "a_b_c"}, {"", "b", "c", "b_c"}, {"a", "", "c", "a_c"}, {"", "", "c", "c"}, {"a", "b", "", ""},
	} {
		if got := prometheus.BuildFQName(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestMakeLabelPairs(t *testing.T) {
	desc := prometheus.NewDesc("x", "", []string{"z", "b"}, prometheus.Labels{"c": "3", "a": "1"})
	var got strings.Builder
	for _, p := range prometheus.MakeLabelPairs(desc, []string{"26", "2"}) {
		got.WriteString(p.GetName() + p.GetValue() + " ")
	}
	if got.String() != "a1 b2 c3 z26 " {
		t.Error(got.String())
	}
	if got := prometheus.MakeLabelPairs(prometheus.NewDesc("x", "", nil, nil), nil); got != nil {
		t.Error(got)
	}
}
