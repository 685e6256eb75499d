package engine

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/pawl-metrics/pawl/encode"
)

// pair is one label of a family: a const one, or the place of a variable one.
type pair struct {
	encode.Label
	variable int // index among the variable labels, or -1
}

func sortedPairs(names []string, consts []encode.Label) []pair {
	pairs := make([]pair, 0, len(names)+len(consts))
	for i, n := range names {
		pairs = append(pairs, pair{encode.Label{Name: n}, i})
	}
	for _, c := range consts {
		pairs = append(pairs, pair{c, -1})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.Name, b.Name) })
	return pairs
}

// sortedConsts checks and sorts const labels.
func sortedConsts(family string, labels map[string]string, reserved string, names NameRule) ([]encode.Label, error) {
	var consts []encode.Label
	for name, value := range labels {
		if err := checkLabelName(family, name, reserved, names); err != nil {
			return nil, err
		}
		if !utf8.ValidString(value) {
			return nil, refuse(family, ErrLabelValue, "const label %q is %q, not UTF-8", name, value)
		}
		consts = append(consts, encode.Label{Name: name, Value: strings.Clone(value)})
	}
	slices.SortFunc(consts, func(a, b encode.Label) int { return strings.Compare(a.Name, b.Name) })
	return consts, nil
}

// checkNames refuses invalid, reserved and repeated label names. Names repeat when
// some scheme spells them alike.
func checkNames(family string, names []string, consts []encode.Label, reserved string, rule NameRule) error {
	seen := make(map[string]string, 1+len(names)+len(consts))
	if reserved != "" {
		if err := claimLabel(family, reserved, seen); err != nil {
			return err
		}
	}
	for _, c := range consts {
		if err := claimLabel(family, c.Name, seen); err != nil {
			return err
		}
	}
	for _, n := range names {
		if err := checkLabelName(family, n, reserved, rule); err != nil {
			return err
		}
		if err := claimLabel(family, n, seen); err != nil {
			return err
		}
	}
	return nil
}

// claimLabel notes every spelling of a label's name.
func claimLabel(family, name string, seen map[string]string) error {
	if other, taken := seen[name]; taken {
		return duplicateLabel(family, name, other)
	}
	for scheme := range encode.Scheme(schemes) {
		spelled := string(encode.AppendLabelName(nil, name, scheme))
		if other, taken := seen[spelled]; taken && other != name {
			return duplicateLabel(family, name, other)
		}
		seen[spelled] = name
	}
	return nil
}

func duplicateLabel(family, name, other string) error {
	if name == other {
		return refuse(family, ErrDuplicateLabel, "label %q", name)
	}
	return refuse(family, ErrDuplicateLabel, "labels %q and %q are spelled alike in some formats", other, name)
}

// changingNames returns the names, or nil when all are the same in every format.
func changingNames(pairs []pair) (names []string) {
	changing := false
	for _, p := range pairs {
		names = append(names, p.Name)
		changing = changing || !encode.ValidLabelName(p.Name)
	}
	if !changing {
		return nil
	}
	return names
}

// field is one label of a label struct.
type field struct {
	name   string
	offset uintptr
	typ    reflect.Type
	str    bool // a string kind: hashed by content, cleaned and cloned
	method bool // has String: its result is the label's value
}

// structFields reads a label struct: each field is a label, named by its label
// tag or by its own name in snake_case.
func structFields(family string, t reflect.Type) ([]field, error) {
	if t.Kind() != reflect.Struct {
		return nil, refuse(family, ErrLabelType, "%v is not a struct", t)
	}
	if t.NumField() == 0 {
		return nil, refuse(family, ErrLabelType, "%v has no fields", t)
	}
	fields := make([]field, t.NumField())
	for i := range fields {
		f := t.Field(i)
		if f.Anonymous || f.Name == "_" || !labelKind(f.Type.Kind()) {
			return nil, refuse(family, ErrLabelType,
				"field %s of %v is a %v; labels are strings, integers, bools and types made of those", f.Name, t, f.Type)
		}
		name, tagged := f.Tag.Lookup("label")
		switch {
		case !tagged:
			name = snakeCase(f.Name)
		case name == "-": // elsewhere in Go it means that the field is left out
			return nil, refuse(family, ErrLabelName, "label %q: a field cannot be left out", name)
		}
		fields[i] = field{
			name: name, offset: f.Offset, typ: f.Type,
			str:    f.Type.Kind() == reflect.String,
			method: f.Type.Implements(reflect.TypeFor[fmt.Stringer]()),
		}
	}
	return fields, nil
}

func labelKind(k reflect.Kind) bool {
	switch k {
	case reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return true
	}
	return false
}

// text returns the field's label value in the label struct at p.
func (f *field) text(p unsafe.Pointer) string {
	if f.str && !f.method {
		return *(*string)(unsafe.Add(p, f.offset))
	}
	v := reflect.NewAt(f.typ, unsafe.Add(p, f.offset)).Elem()
	if f.method {
		if s, ok := callString(v.Interface().(fmt.Stringer)); ok {
			return s
		}
	}
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10)
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10)
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool())
	}
	return v.String()
}

// callString calls a user's String method, which may panic on a value it does
// not know; recording must not.
func callString(s fmt.Stringer) (text string, ok bool) {
	defer func() {
		if recover() != nil {
			text, ok = "", false
		}
	}()
	return s.String(), true
}

// snakeCase turns a Go field name into a label name: HTTPStatus -> http_status.
func snakeCase(s string) string {
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 {
			after := unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1])
			before := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if runes[i-1] != '_' && (after || before) {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// stringIn returns the string field f of a label struct.
//
// Same as: &labels.F, for the field F that f describes.
// Safety: f.offset is that field's offset in L, and f.str says it is a string.
func stringIn[L any](labels *L, f *field) *string {
	return (*string)(unsafe.Add(unsafe.Pointer(labels), f.offset))
}
