package api

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"
)

// surfaceOf type-checks declarations that need no imports.
func surfaceOf(t *testing.T, path, decls string) Surface {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", "package prometheus\n"+decls, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := new(types.Config).Check(path, fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Of(pkg)
}

func TestSurface(t *testing.T) {
	got := surfaceOf(t, Ours, `
		type Labels map[string]string
		type Desc struct { name string }
		func (d *Desc) String() string { return d.name }
		func (d *Desc) hide() {}
		type Metric interface { Desc() *Desc; sealed() }
		type MetricVec struct { n int }
		func (v *MetricVec) Reset(all ...bool) {}
		type CounterVec struct { *MetricVec }
		type Opts struct { Name string; ConstLabels Labels }
		type Point struct { X, Y byte }
		func New(opts Opts, each func(name string, v any) (n int, err error)) (d *Desc, err error) { return nil, nil }
		type v2 struct{}
		func (v2) NewDesc(name string) *Desc { return nil }
		var V2 = v2{}
		const Max = 1 << 3
		type Kind int
		const First Kind = 1
		var lower int
		type Alias = Opts
	`)
	want := Surface{
		"prometheus.Labels":                "type map[string]string",
		"prometheus.Desc":                  "type struct",
		"prometheus.Desc.(==)":             "can be compared",
		"prometheus.Metric.(==)":           "can be compared",
		"prometheus.MetricVec.(==)":        "can be compared",
		"prometheus.CounterVec.(==)":       "can be compared",
		"prometheus.Point.(==)":            "can be compared",
		"prometheus.Kind.(==)":             "can be compared",
		"prometheus.Desc.String":           "method of a pointer func() string",
		"prometheus.Metric":                "type interface",
		"prometheus.Metric.Desc":           "method func() *prometheus.Desc",
		"prometheus.Metric.(not exported)": "no other package can implement it",
		"prometheus.MetricVec":             "type struct",
		"prometheus.MetricVec.Reset":       "method of a pointer func(...bool)",
		"prometheus.CounterVec":            "type struct{*prometheus.MetricVec}",
		"prometheus.CounterVec.MetricVec":  "embedded field *prometheus.MetricVec",
		"prometheus.CounterVec.Reset":      "method func(...bool)",
		"prometheus.Opts":                  "type struct{Name string; ConstLabels prometheus.Labels}",
		"prometheus.Opts.Name":             "field string",
		"prometheus.Opts.ConstLabels":      "field prometheus.Labels",
		"prometheus.Point":                 "type struct{X uint8; Y uint8}",
		"prometheus.Point.X":               "field uint8",
		"prometheus.Point.Y":               "field uint8",
		"prometheus.New":                   "func(prometheus.Opts, func(string, interface{}) (int, error)) (*prometheus.Desc, error)",
		"prometheus.V2":                    "var prometheus.(not exported)",
		"prometheus.V2.NewDesc":            "method func(string) *prometheus.Desc",
		"prometheus.Max":                   "const untyped int = 8",
		"prometheus.Kind":                  "type int",
		"prometheus.First":                 "const prometheus.Kind = 1",
		"prometheus.Alias":                 "type struct{Name string; ConstLabels prometheus.Labels}",
		"prometheus.Alias.Name":            "field string",
		"prometheus.Alias.ConstLabels":     "field prometheus.Labels",
	}
	for _, d := range Diff(want, got) {
		t.Error(d)
	}
}

// TestDiffNotices changes one thing at a time, each of which would break a caller.
func TestDiffNotices(t *testing.T) {
	const good = `
		type Opts struct { Name, Help string }
		type Counter interface { Inc(); Add(float64) }
		type Vec struct { n int }
		func (v *Vec) With(values ...string) Counter { return nil }
		func New(opts Opts) *Vec { return nil }
		const Max = 5
		var Default = New(Opts{})
	`
	for _, change := range [][3]string{
		{"Name, Help string", "Help, Name string", "Opts"},
		{"Name, Help string", "Name string", "Opts,Opts.Help"},
		{"Add(float64)", "Add(int)", "Counter.Add"},
		{"Inc(); ", "", "Counter.Inc"},
		{"Inc(); ", "Inc(); more(); ", "Counter.(not exported)"},
		{"(v *Vec)", "(v Vec)", "Vec.With"},
		{"values ...string", "values []string", "Vec.With"},
		{"type Vec struct { n int }", "type Vec struct { n []int }", "Vec.(==)"},
		{"type Vec struct { n int }", "type Vec struct { N int }", "Vec.N"},
		{"func New(opts Opts) *Vec { return nil }", "func New(opts *Opts) *Vec { return nil }\nvar Opt Opts", "New,Opt"},
		{"Max = 5", "Max = 6", "Max"},
		{"Max = 5", "Max int = 5", "Max"},
		{"var Default = New(Opts{})", "", "Default"},
	} {
		changed := strings.Replace(strings.ReplaceAll(good, "New(Opts{})", "(*Vec)(nil)"), change[0], change[1], 1)
		if change[0] == "var Default = New(Opts{})" {
			changed = strings.Replace(good, change[0], change[1], 1)
		}
		names := make(map[string]bool)
		for _, d := range Diff(surfaceOf(t, Theirs, good), surfaceOf(t, Ours, changed)) {
			names[strings.TrimPrefix(d.Name, "prometheus.")] = true
		}
		want := strings.Split(change[2], ",")
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
			t.Errorf("%q for %q: differences in %q, want %q", change[1], change[0], got, want)
		}
	}
	// The names of parameters are no difference, nor are those of what nobody can name.
	if d := Diff(surfaceOf(t, Theirs, good), surfaceOf(t, Ours, strings.NewReplacer("opts Opts", "o Opts", "n int", "m uint8").Replace(good))); d != nil {
		t.Error(d)
	}
}

func TestExcused(t *testing.T) {
	list := []Difference{{"a", "1", "2"}, {"b", "1", ""}}
	rest, stale := Excused(list, map[string]string{"a": "because", "c": "was once"})
	if len(rest) != 1 || rest[0].Name != "b" || !slices.Equal(stale, []string{"c"}) {
		t.Error(rest, stale)
	}
}

func TestPlace(t *testing.T) {
	for path, want := range map[string]string{
		Theirs:                          "prometheus",
		Ours:                            "prometheus",
		Ours + "/promhttp":              "prometheus/promhttp",
		Theirs + "/internal":            "prometheus/internal",
		Ours + "/collectors/internal/x": "prometheus/internal",
		Ours + "es":                     Ours + "es",
		"net/http":                      "net/http",
	} {
		if got := Place(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}
