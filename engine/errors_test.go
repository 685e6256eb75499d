package engine

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

type pathLabel struct{ Path string }

// makers are all constructors that take no more than Opts, each with labels of
// the same name where it has labels. alike are makers whose families fit each
// other.
var makers = []struct {
	kind, alike string
	make        func(*Registry, Opts) error
}{
	{"Counter", "", func(r *Registry, o Opts) error { _, err := NewCounter(r, o); return err }},
	{"Gauge", "", func(r *Registry, o Opts) error { _, err := NewGauge(r, o); return err }},
	{"UpDown", "", func(r *Registry, o Opts) error { _, err := NewUpDown(r, o); return err }},
	{"Histogram", "", func(r *Registry, o Opts) error { _, err := NewHistogram(r, HistogramOpts{Opts: o}); return err }},
	{"CounterFunc", "", func(r *Registry, o Opts) error { return NewCounterFunc(r, o, func() float64 { return 1 }) }},
	{"GaugeFunc", "", func(r *Registry, o Opts) error { return NewGaugeFunc(r, o, func() float64 { return 1 }) }},
	{"CounterVec", "c", func(r *Registry, o Opts) error { _, err := NewCounterVec[pathLabel](r, o); return err }},
	{"GaugeVec", "g", func(r *Registry, o Opts) error { _, err := NewGaugeVec[pathLabel](r, o); return err }},
	{"UpDownVec", "u", func(r *Registry, o Opts) error { _, err := NewUpDownVec[pathLabel](r, o); return err }},
	{"HistogramVec", "h", func(r *Registry, o Opts) error {
		_, err := NewHistogramVec[pathLabel](r, HistogramOpts{Opts: o})
		return err
	}},
	{"StringCounterVec", "c", func(r *Registry, o Opts) error { _, err := NewStringCounterVec(r, o, "path"); return err }},
	{"StringGaugeVec", "g", func(r *Registry, o Opts) error { _, err := NewStringGaugeVec(r, o, "path"); return err }},
	{"StringUpDownVec", "u", func(r *Registry, o Opts) error { _, err := NewStringUpDownVec(r, o, "path"); return err }},
	{"StringHistogramVec", "h", func(r *Registry, o Opts) error {
		_, err := NewStringHistogramVec(r, HistogramOpts{Opts: o}, "path")
		return err
	}},
}

// musts are the panicking twins of makers, in the same order.
var musts = []func(*Registry, Opts){
	func(r *Registry, o Opts) { MustCounter(r, o) },
	func(r *Registry, o Opts) { MustGauge(r, o) },
	func(r *Registry, o Opts) { MustUpDown(r, o) },
	func(r *Registry, o Opts) { MustHistogram(r, HistogramOpts{Opts: o}) },
	func(r *Registry, o Opts) { MustCounterFunc(r, o, func() float64 { return 1 }) },
	func(r *Registry, o Opts) { MustGaugeFunc(r, o, func() float64 { return 1 }) },
	func(r *Registry, o Opts) { MustCounterVec[pathLabel](r, o) },
	func(r *Registry, o Opts) { MustGaugeVec[pathLabel](r, o) },
	func(r *Registry, o Opts) { MustUpDownVec[pathLabel](r, o) },
	func(r *Registry, o Opts) { MustHistogramVec[pathLabel](r, HistogramOpts{Opts: o}) },
	func(r *Registry, o Opts) { MustStringCounterVec(r, o, "path") },
	func(r *Registry, o Opts) { MustStringGaugeVec(r, o, "path") },
	func(r *Registry, o Opts) { MustStringUpDownVec(r, o, "path") },
	func(r *Registry, o Opts) { MustStringHistogramVec(r, HistogramOpts{Opts: o}, "path") },
}

// wantRefused checks that err is a RegisterError of this family and reason, and
// that its text names the family and the offender.
func wantRefused(t *testing.T, err error, reason error, family string, offender ...string) {
	t.Helper()
	var r *RegisterError
	if !errors.Is(err, reason) || !errors.As(err, &r) || r.Family != family || r.Err != reason {
		t.Fatalf("got %v, want a RegisterError of %q: %v", err, family, reason)
	}
	for _, word := range append(offender, reason.Error(), "engine:") {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

// badOpts are refused whatever the instrument.
var badOpts = []struct {
	name     string
	opts     Opts
	reason   error
	offender string
}{
	{"no name", Opts{}, ErrName, `""`},
	{"name with a digit first", named("9lives"), ErrName, `"9lives"`},
	{"name with a dash", named("a-b"), ErrName, `"a-b"`},
	{"name with a space", named("a b"), ErrName, `"a b"`},
	{"name with a newline", named("a\nb"), ErrName, `"a\nb"`},
	{"name not ASCII", named("größe"), ErrName, `"größe"`},
	{"name not UTF-8", named("a\xff"), ErrName, `"a\xff"`},
	{"name with NUL", named("a\x00"), ErrName, `"a\x00"`},
	{"help not UTF-8", Opts{Name: "m", Help: "a\xffb"}, ErrHelp, `a\xffb`},
	{"unit not in the name", Opts{Name: "m_bytes", Unit: "seconds"}, ErrUnit, "_seconds"},
	{"unit without underscore", Opts{Name: "mseconds", Unit: "seconds"}, ErrUnit, "_seconds"},
	{"unit before the last part", Opts{Name: "m_seconds_sum", Unit: "seconds"}, ErrUnit, "_seconds"},
	{"unit is _total", Opts{Name: "m_total", Unit: "total"}, ErrUnit, "_total"},
	{"const label with a dash", Opts{Name: "m", ConstLabels: map[string]string{"a-b": ""}}, ErrLabelName, `"a-b"`},
	{"const label with a colon", Opts{Name: "m", ConstLabels: map[string]string{"a:b": ""}}, ErrLabelName, `"a:b"`},
	{"const label empty", Opts{Name: "m", ConstLabels: map[string]string{"": "v"}}, ErrLabelName, `""`},
	{"const label __name__", Opts{Name: "m", ConstLabels: map[string]string{"__name__": "v"}}, ErrLabelName, `"__name__"`},
	{"const value not UTF-8", Opts{Name: "m", ConstLabels: map[string]string{"env": "a\xff"}}, ErrLabelValue, `"env"`},
}

func TestBadOptsAreRefused(t *testing.T) {
	for i, m := range makers {
		for _, c := range badOpts {
			t.Run(m.kind+"/"+c.name, func(t *testing.T) {
				r := NewRegistryWith(RegistryOptions{Names: LegacyNames})
				before := string(r.AppendText(nil))
				err := m.make(r, c.opts)
				wantRefused(t, err, c.reason, c.opts.Name, c.offender)
				if after := string(r.AppendText(nil)); after != before || r.byName[c.opts.Name] != nil {
					t.Error("the refused registration left something behind")
				}
				defer func() {
					if p, ok := recover().(error); !ok || p.Error() != err.Error() {
						t.Errorf("the Must form panicked with %v, want %v", p, err)
					}
				}()
				musts[i](r, c.opts)
			})
		}
	}
}

type (
	noLabels      struct{}
	floatLabel    struct{ Ratio float64 }
	pointerLabel  struct{ Path *string }
	arrayLabel    struct{ Pair [2]string }
	nestedLabel   struct{ In pathLabel }
	chanLabel     struct{ C chan int }
	anyLabel      struct{ V any }
	complexLabel  struct{ Z complex128 }
	timeLabel     struct{ At time.Time }
	embeddedLabel struct {
		pathLabel
		Code int
	}
	Kind         string
	embeddedKind struct{ Kind }
	leField      struct{ LE string }
	leTag        struct {
		Bound string `label:"le"`
	}
	emptyTag struct {
		Path string `label:""`
	}
	dashTag struct {
		Path string `label:"-"`
	}
	dunderTag struct {
		Path string `label:"__path"`
	}
	unicodeField struct{ Größe string }
	twice        struct {
		Path  string
		Other int `label:"path"`
	}
	twiceSnake struct {
		UserID  string
		User_ID string
	}
	// Two of these may be equal to Go and differ in the blank field.
	blank struct {
		Path string
		_    int
	}
)

// badShapes are refused because of their labels, bounds or callbacks.
var badShapes = []struct {
	name     string
	make     func(*Registry) error
	reason   error
	offender string
}{
	{"no struct", vecOf[string], ErrLabelType, "string"},
	{"pointer to struct", vecOf[*pathLabel], ErrLabelType, "*engine.pathLabel"},
	{"interface", vecOf[any], ErrLabelType, "interface"},
	{"array", vecOf[[1]string], ErrLabelType, "[1]string"},
	{"no fields", vecOf[noLabels], ErrLabelType, "noLabels"},
	{"float field", vecOf[floatLabel], ErrLabelType, "Ratio"},
	{"pointer field", vecOf[pointerLabel], ErrLabelType, "Path"},
	{"array field", vecOf[arrayLabel], ErrLabelType, "Pair"},
	{"struct field", vecOf[nestedLabel], ErrLabelType, "In"},
	{"chan field", vecOf[chanLabel], ErrLabelType, "C"},
	{"interface field", vecOf[anyLabel], ErrLabelType, "V"},
	{"complex field", vecOf[complexLabel], ErrLabelType, "Z"},
	{"time field", vecOf[timeLabel], ErrLabelType, "At"},
	{"embedded struct", vecOf[embeddedLabel], ErrLabelType, "pathLabel"},
	{"embedded string", vecOf[embeddedKind], ErrLabelType, "Kind"},
	{"blank field", vecOf[blank], ErrLabelType, "_"},
	{"empty tag", vecOf[emptyTag], ErrLabelName, `""`},
	{"dash tag", vecOf[dashTag], ErrLabelName, `"-"`},
	{"dunder tag", vecOf[dunderTag], ErrLabelName, `"__path"`},
	{"unicode field", vecOf[unicodeField], ErrLabelName, `"größe"`},
	{"two fields, one name", vecOf[twice], ErrDuplicateLabel, `"path"`},
	{"two fields, one snake", vecOf[twiceSnake], ErrDuplicateLabel, `"user_id"`},
	{"field and const label", func(r *Registry) error {
		_, err := NewCounterVec[pathLabel](r, Opts{Name: "m", ConstLabels: map[string]string{"path": "x"}})
		return err
	}, ErrDuplicateLabel, `"path"`},
	{"string and const label", func(r *Registry) error {
		_, err := NewStringGaugeVec(r, Opts{Name: "m", ConstLabels: map[string]string{"a": "x"}}, "a")
		return err
	}, ErrDuplicateLabel, `"a"`},
	{"two strings", stringVecOf("a", "b", "a"), ErrDuplicateLabel, `"a"`},
	{"string empty", stringVecOf("a", ""), ErrLabelName, `""`},
	{"string dunder", stringVecOf("__x"), ErrLabelName, `"__x"`},
	{"string colon", stringVecOf("a:b"), ErrLabelName, `"a:b"`},
	{"string not UTF-8", stringVecOf("a\xff"), ErrLabelName, `"a\xff"`},

	{"le field", histogramVecOf[leField], ErrReserved, `"le"`},
	{"le tag", histogramVecOf[leTag], ErrReserved, `"le"`},
	{"le string", func(r *Registry) error {
		_, err := NewStringHistogramVec(r, buckets("m", 1), "path", "le")
		return err
	}, ErrReserved, `"le"`},
	{"le const", func(r *Registry) error {
		_, err := NewHistogram(r, HistogramOpts{Opts: Opts{Name: "m", ConstLabels: map[string]string{"le": "1"}}})
		return err
	}, ErrReserved, `"le"`},

	{"no bounds", histogramOf([]float64{}), ErrBuckets, "no finite bounds"},
	{"only +Inf", histogramOf([]float64{math.Inf(1)}), ErrBuckets, "no finite bounds"},
	{"NaN", histogramOf([]float64{1, math.NaN(), 3}), ErrBuckets, "bound 1 is NaN"},
	{"NaN last", histogramOf([]float64{1, math.NaN()}), ErrBuckets, "bound 1 is NaN"},
	{"+Inf inside", histogramOf([]float64{1, math.Inf(1), 3}), ErrBuckets, "bound 1 is +Inf"},
	{"+Inf twice", histogramOf([]float64{1, math.Inf(1), math.Inf(1)}), ErrBuckets, "bound 1 is +Inf"},
	{"-Inf", histogramOf([]float64{math.Inf(-1), 3}), ErrBuckets, "bound 0 is -Inf"},
	{"duplicated", histogramOf([]float64{1, 2, 2}), ErrBuckets, "bounds 1 and 2 are both 2"},
	{"two zeros", histogramOf([]float64{math.Copysign(0, -1), 0}), ErrBuckets, "bounds 0 and 1"},
	{"unsorted", histogramOf([]float64{1, 5, 3}), ErrBuckets, "bound 2 is 3, after 5"},
	{"too many", histogramOf(LinearBuckets(0, 1, maxBuckets+1)), ErrBuckets, "8189 bounds"},
	{"vec unsorted", func(r *Registry) error {
		_, err := NewHistogramVec[pathLabel](r, buckets("m", 2, 1))
		return err
	}, ErrBuckets, "bound 1 is 1, after 2"},
	{"string vec unsorted", func(r *Registry) error {
		_, err := NewStringHistogramVec(r, buckets("m", 2, 1), "a")
		return err
	}, ErrBuckets, "bound 1 is 1, after 2"},

	{"nil counter func", func(r *Registry) error { return NewCounterFunc(r, named("m"), nil) }, ErrFunc, "nil"},
	{"nil gauge func", func(r *Registry) error { return NewGaugeFunc(r, named("m"), nil) }, ErrFunc, "nil"},
}

func vecOf[L comparable](r *Registry) error {
	_, err := NewCounterVec[L](r, named("m"))
	return err
}

func histogramVecOf[L comparable](r *Registry) error {
	_, err := NewHistogramVec[L](r, buckets("m", 1))
	return err
}

func stringVecOf(labels ...string) func(*Registry) error {
	return func(r *Registry) error {
		_, err := NewStringCounterVec(r, named("m"), labels...)
		return err
	}
}

func histogramOf(bounds []float64) func(*Registry) error {
	return func(r *Registry) error {
		_, err := NewHistogram(r, HistogramOpts{Opts: named("m"), Buckets: bounds})
		return err
	}
}

func TestBadShapesAreRefused(t *testing.T) {
	for _, c := range badShapes {
		t.Run(c.name, func(t *testing.T) {
			r := NewRegistryWith(RegistryOptions{Names: LegacyNames})
			wantRefused(t, c.make(r), c.reason, "m", c.offender)
			if r.byName["m"] != nil || exposure(r) != "" {
				t.Error("the refused registration left something behind")
			}
		})
	}
}

// Every reason that errors.go declares is one that a test above or below meets.
func TestEveryReasonIsTested(t *testing.T) {
	met := map[error]bool{
		ErrDuplicate: true, ErrConflict: true, // registry_test.go
		ErrLabelCount: true, // string_vec_test.go
		ErrStore:      true, // family_test.go
		ErrMode:       true, // gauge_mode_test.go
		ErrStates:     true, // states_test.go
		ErrQuantiles:  true, // summary_test.go
		ErrLifetime:   true, // limit_test.go
	}
	for _, c := range badOpts {
		met[c.reason] = true
	}
	for _, c := range badShapes {
		met[c.reason] = true
	}
	source, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	if declared := strings.Count(string(source), "= errors.New("); declared != len(met) {
		t.Errorf("errors.go declares %d reasons, the tests know %d", declared, len(met))
	}
}

// What other label libraries reserve is free here where the type does not need it.
func TestLabelsThatOnlyLookReserved(t *testing.T) {
	r := NewRegistry()
	for _, err := range []error{vecOf[leField](r), NewGaugeFunc(r, Opts{Name: "g", ConstLabels: map[string]string{
		"le": "1", "quantile": "2", "_x": "3", "job": "4", "x__": "5"}}, func() float64 { return 1 })} {
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := NewStringHistogramVec(r, buckets("h", 1), "quantile", "LE", "Le"); err != nil {
		t.Error(err)
	}
}
