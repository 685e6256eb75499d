package fuzz

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
)

// The label structs that programs use, good and bad ones. Their label names and
// values are written out here by hand; the engine finds them by reflection.

type request struct {
	Method     string
	HTTPStatus int
	OK         bool
}

// nickname is a string whose label value is something else, the same for many.
type nickname string

func (n nickname) String() string {
	if strings.HasPrefix(string(n), "/") {
		panic("a String method that panics")
	}
	return strings.ToLower(string(n))
}

type level int8

func (l level) String() string { return "level " + strconv.Itoa(int(l)/4) }

type tagged struct {
	Who nickname `label:"b"`
	Lvl level    `label:"a"`
	N   uint64   `label:"c"`
}

// triple is all strings, which the engine compares in its own way.
type triple struct{ A, B, C string }

// wide has a field of every size, and more of them than most families.
type wide struct {
	A string
	B int8
	C uint16
	D int32
	E uint64
	F bool
	G uintptr
	H string
	I uint
	J int16
}

type bounded struct {
	LE string `label:"le"` // reserved where there are buckets
}

type repeated struct {
	A string
	B string `label:"a"`
}

type measured struct {
	A string
	F float64
}

type misnamed struct {
	A string `label:"a-b"`
}

type skipped struct {
	A string
	B string `label:"-"` // elsewhere in Go a field that is left out
}

// labelStruct is one of them.
type labelStruct struct {
	goType   string
	labels   []string
	bad      bool // the type cannot be a label struct
	register func(*engine.Registry, *Registration) (any, error)
}

var structs = []labelStruct{
	structOf("request", drawRequest, "method", "http_status", "ok"),
	structOf("tagged", drawTagged, "b", "a", "c"),
	structOf("triple", drawTriple, "a", "b", "c"),
	structOf("wide", drawWide, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
	structOf("bounded", func(src *Source) (bounded, []string) {
		v := src.Text()
		return bounded{v}, []string{v}
	}, "le"),
	structOf[repeated]("repeated", nil, "a", "a"),
	structOf("misnamed", func(src *Source) (misnamed, []string) {
		v := src.Text()
		return misnamed{v}, []string{v}
	}, "a-b"),
	structOf[skipped]("skipped", nil, "a", "-"),
	badStruct[measured]("measured"),
	badStruct[struct{}]("struct{}"),
	badStruct[string]("string"),
}

func drawRequest(src *Source) (request, []string) {
	r := request{src.Text(), int(src.Uint()), src.Byte()&1 == 1}
	return r, []string{r.Method, strconv.Itoa(r.HTTPStatus), fmt.Sprint(r.OK)}
}

func drawTagged(src *Source) (tagged, []string) {
	t := tagged{nickname(src.Text()), level(src.Byte()), src.Uint()}
	who := string(t.Who)
	if !strings.HasPrefix(who, "/") {
		who = strings.ToLower(who)
	}
	return t, []string{who, "level " + strconv.Itoa(int(t.Lvl)/4), strconv.FormatUint(t.N, 10)}
}

func drawTriple(src *Source) (triple, []string) {
	t := triple{src.Text(), src.Text(), src.Text()}
	return t, []string{t.A, t.B, t.C}
}

func drawWide(src *Source) (wide, []string) {
	n := src.Uint()
	w := wide{src.Text(), int8(n), uint16(n), int32(n), n, n&1 == 1, uintptr(n), src.Text(), uint(n), int16(src.Byte())}
	return w, []string{w.A, fmt.Sprint(w.B), fmt.Sprint(w.C), fmt.Sprint(w.D), fmt.Sprint(n), fmt.Sprint(w.F),
		fmt.Sprint(w.G), w.H, fmt.Sprint(w.I), fmt.Sprint(w.J)}
}

func structOf[L comparable](name string, draw func(*Source) (L, []string), labels ...string) labelStruct {
	return labelStruct{goType: name, labels: labels,
		register: func(reg *engine.Registry, r *Registration) (any, error) { return registerStruct(reg, r, draw) }}
}

func badStruct[L comparable](name string) labelStruct {
	s := structOf[L](name, nil)
	s.bad = true
	return s
}

func registerStruct[L comparable](reg *engine.Registry, r *Registration, draw func(*Source) (L, []string)) (any, error) {
	switch r.Kind {
	case Counter:
		v, err := engine.NewCounterVec[L](reg, r.opts())
		return forStruct(v, draw), err
	case Gauge:
		v, err := engine.NewGaugeVec[L](reg, r.opts())
		return forStruct(v, draw), err
	case UpDown:
		v, err := engine.NewUpDownVec[L](reg, r.opts())
		return forStruct(v, draw), err
	default:
		v, err := engine.NewHistogramVec[L](reg, r.histogramOpts())
		return forStruct(v, draw), err
	}
}

func forStruct[L comparable, S any](v *engine.Vec[L, S], draw func(*Source) (L, []string)) func(*member) *vec {
	return func(mem *member) *vec {
		return &vec{member: mem, reset: v.Reset, len: v.Len, draw: func(src *Source) labelled {
			labels, values := draw(src)
			return withStruct(v, labels, values)
		}}
	}
}

func withStruct[L comparable, S any](v *engine.Vec[L, S], labels L, values []string) labelled {
	return labelled{
		values: values,
		shown:  func() string { return fmt.Sprintf("%#v", labels) },
		with: func() any {
			lent, spoil := lendStruct(labels)
			defer spoil()
			return v.With(lent)
		},
		delete: func() bool {
			lent, spoil := lendStruct(labels)
			defer spoil()
			return v.Delete(lent)
		},
	}
}

// lendStruct is lend for the strings of a struct.
func lendStruct[L any](labels L) (lent L, spoil func()) {
	lent = labels
	var values []string
	var fields []reflect.Value
	for _, f := range reflect.ValueOf(&lent).Elem().Fields() {
		if f.Kind() == reflect.String {
			fields, values = append(fields, f), append(values, f.String())
		}
	}
	values, spoil = lend(values)
	for i, f := range fields {
		f.SetString(values[i])
	}
	return lent, spoil
}
