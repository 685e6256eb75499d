package fuzz

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
)

// transcript writes a program down as Go, for the report of a finding. A nil
// transcript writes nothing, so that fuzzing does not pay for it.
type transcript struct {
	text strings.Builder
	ids  int
}

func (t *transcript) String() string { return t.text.String() }

func (t *transcript) line(format string, args ...any) {
	if t != nil {
		fmt.Fprintf(&t.text, format+"\n", args...)
	}
}

// id returns a fresh name.
func (t *transcript) id(prefix string) string {
	if t == nil {
		return prefix
	}
	t.ids++
	return prefix + strconv.Itoa(t.ids)
}

func (t *transcript) register(r *Registration, f form) string {
	id := t.id("m")
	if t == nil {
		return id
	}
	kind, opts := [...]string{"Counter", "Gauge", "UpDown", "Histogram", "CounterFunc", "GaugeFunc"}[r.Kind], r.goOpts()
	switch {
	case r.NilFunc:
		t.line("err = engine.New%s(reg, %s, nil)", kind, opts)
	case r.Kind >= CounterFunc:
		t.line("%s := func() float64 { return 0 }\nerr = engine.New%s(reg, %s, %s)", id, kind, opts, id)
	case f.single:
		t.line("%s, err := engine.New%s(reg, %s)", id, kind, opts)
	case f.goType != "":
		t.line("%s, err := engine.New%sVec[%s](reg, %s)", id, kind, f.goType, opts)
	default:
		t.line("%s, err := engine.NewString%sVec(%s)", id, kind, strings.Join(append([]string{"reg", opts}, quoted(r.Labels)...), ", "))
	}
	return id
}

func (t *transcript) with(v *vec, d labelled) string {
	id := t.id("h")
	t.call(id+" := %s.With(%s)", v, d)
	return id
}

// call writes a method of a vec and its labels, which are costly to show.
func (t *transcript) call(format string, v *vec, d labelled) {
	if t != nil {
		t.line(format, v.name, d.shown())
	}
}

func (r *Registration) goOpts() string {
	var parts []string
	add := func(is bool, field, value string) {
		if is {
			parts = append(parts, field+": "+value)
		}
	}
	add(true, "Name", goString(r.Name))
	add(r.Help != "", "Help", goString(r.Help))
	add(r.Unit != "", "Unit", goString(r.Unit))
	add(r.Max != 0, "MaxSeries", strconv.Itoa(r.Max))
	var consts []string
	for _, n := range slices.Sorted(maps.Keys(r.Const)) {
		consts = append(consts, goString(n)+": "+goString(r.Const[n]))
	}
	add(len(consts) > 0, "ConstLabels", "map[string]string{"+strings.Join(consts, ", ")+"}")
	opts := "engine.Opts{" + strings.Join(parts, ", ") + "}"
	if r.Kind != Histogram {
		return opts
	}
	native := ""
	if r.Native != (engine.NativeOpts{}) {
		native = fmt.Sprintf(", Native: engine.NativeOpts{%s}", strings.Trim(fmt.Sprintf("%+v", r.Native), "{}"))
	}
	return "engine.HistogramOpts{Opts: " + opts + goBounds(r.Bounds) + native + "}"
}

func goBounds(bounds []float64) string {
	if bounds == nil {
		return ""
	}
	var list []string
	for _, b := range bounds[:min(len(bounds), 30)] {
		list = append(list, number(b))
	}
	if len(bounds) > 30 {
		list = append(list, fmt.Sprintf("/* %d in all */", len(bounds)))
	}
	return ", Buckets: []float64{" + strings.Join(list, ", ") + "}"
}

// number writes a float so that Go reads the same bits.
func number(v float64) string {
	if v != v || math.IsInf(v, 0) || v == 0 && math.Signbit(v) {
		return fmt.Sprintf("math.Float64frombits(%#x) /* %v */", math.Float64bits(v), v)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// argument is a method's argument, where it takes one.
func argument(takes bool, v any) string {
	if f, ok := v.(float64); ok && takes {
		return number(f)
	}
	if takes {
		return fmt.Sprint(v)
	}
	return ""
}

func goStrings(list []string) string { return strings.Join(quoted(list), ", ") }

func quoted(list []string) []string {
	shown := make([]string, len(list))
	for i, s := range list {
		shown[i] = goString(s)
	}
	return shown
}

// goString quotes s; long strings are nearly always one short string many times.
func goString(s string) string {
	for p := 1; len(s) > 100 && p <= 64; p++ {
		if len(s)%p == 0 && strings.Repeat(s[:p], len(s)/p) == s {
			return fmt.Sprintf("strings.Repeat(%q, %d)", s[:p], len(s)/p)
		}
	}
	return strconv.Quote(s)
}
