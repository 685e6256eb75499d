package engine

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func TestSnakeCase(t *testing.T) {
	for in, want := range map[string]string{
		"Path": "path", "path": "path", "ID": "id", "A": "a", "a": "a", "AB": "ab", "Ab": "ab",
		"HTTPStatus": "http_status", "StatusHTTP": "status_http", "UserID": "user_id", "userID": "user_id",
		"userID2": "user_id2", "UserID2Name": "user_id2_name", "HTTP2": "http2", "HTTP2Status": "http2_status",
		"A_B": "a_b", "A_b": "a_b", "a_B": "a_b", "User_ID": "user_id", "User__ID": "user__id", "_Path": "_path",
		"Path_": "path_", "AxBxC": "ax_bx_c", "XMLHTTPRequest": "xmlhttp_request", "IPv4": "i_pv4",
		"Number1": "number1", "N1": "n1", "X1Y2": "x1_y2", "": "",
	} {
		if got := snakeCase(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

type (
	namedString string
	namedInt    int16
	namedBool   bool

	everyKind struct {
		S   string
		B   bool
		I   int
		I8  int8
		I16 int16
		I32 int32
		I64 int64
		U   uint
		U8  uint8
		U16 uint16
		U32 uint32
		U64 uint64
		P   uintptr
		NS  namedString
		NI  namedInt
		NB  namedBool
		R   rune
	}
)

func TestEveryKind(t *testing.T) {
	r := NewRegistry()
	v := MustGaugeVec[everyKind](r, named("g"))
	least := everyKind{"", false, math.MinInt32, math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64,
		0, 0, 0, 0, 0, 0, "", math.MinInt16, false, -1}
	most := everyKind{"z", true, math.MaxInt32, math.MaxInt8, math.MaxInt16, math.MaxInt32, math.MaxInt64,
		math.MaxUint32, math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64, math.MaxUint32, "y", math.MaxInt16, true, 'é'}
	v.With(least).Set(1)
	v.With(most).Set(2)
	v.With(least).Inc()
	v.With(most).Inc()
	wantExposure(t, r, "# TYPE g gauge",
		`g{b="false",i="-2147483648",i16="-32768",i32="-2147483648",i64="-9223372036854775808",i8="-128",nb="false",`+
			`ni="-32768",ns="",p="0",r="-1",s="",u="0",u16="0",u32="0",u64="0",u8="0"} 2`,
		`g{b="true",i="2147483647",i16="32767",i32="2147483647",i64="9223372036854775807",i8="127",nb="true",`+
			`ni="32767",ns="y",p="4294967295",r="233",s="z",u="4294967295",u16="65535",u32="4294967295",`+
			`u64="18446744073709551615",u8="255"} 3`)
	if !v.Delete(least) || v.Delete(least) || v.Len() != 1 {
		t.Error("Delete")
	}
}

// Neighbours of a field are no part of it: padding, and the fields beside it.
func TestFieldsAreReadAtTheirSize(t *testing.T) {
	type mixed struct {
		A bool
		B uint16
		C int8
		D uint32
		E bool
		F string
		G uint8
	}
	v := MustCounterVec[mixed](NewRegistry(), named("c"))
	// The two keys stand in memory with different bytes in the padding.
	dirty := func(fill byte, m mixed) mixed {
		var at struct{ m mixed }
		for i := range unsafe.Sizeof(at.m) {
			*(*byte)(unsafe.Add(unsafe.Pointer(&at.m), i)) = fill
		}
		at.m.A, at.m.B, at.m.C, at.m.D, at.m.E, at.m.F, at.m.G = m.A, m.B, m.C, m.D, m.E, m.F, m.G
		return at.m
	}
	m := mixed{true, 0xfffe, -1, 1, false, "f", 255}
	if v.With(dirty(0, m)) != v.With(dirty(0xff, m)) {
		t.Error("padding is part of the key")
	}
	for _, other := range []mixed{{false, 0xfffe, -1, 1, false, "f", 255}, {true, 0xffff, -1, 1, false, "f", 255},
		{true, 0xfffe, 1, 1, false, "f", 255}, {true, 0xfffe, -1, 0, false, "f", 255}, {true, 0xfffe, -1, 1, true, "f", 255},
		{true, 0xfffe, -1, 1, false, "g", 255}, {true, 0xfffe, -1, 1, false, "f", 254}} {
		if v.With(m) == v.With(other) {
			t.Errorf("%v and %v are one series", m, other)
		}
	}
}

type (
	level    int
	method   string
	parity   uint8
	byPtr    int
	backed   string
	stringly struct {
		Level level
		Day   time.Weekday
		M     method `label:"method"`
		wait  time.Duration
		par   parity
		ptr   byPtr
	}
)

// String panics on what it does not know.
func (l level) String() string { return [...]string{"debug", "info", "error"}[l] }

func (m method) String() string { return strings.ToUpper(string(m)) }

// String gives many values one text.
func (p parity) String() string {
	if p%2 == 0 {
		return "even"
	}
	return "odd"
}

// A method of the pointer is not a method of the field's value.
func (p *byPtr) String() string { return "pointer" }

// backing is memory that the caller of With changes later.
var backing = []byte("GET")

func (b backed) String() string { return unsafe.String(&backing[0], len(backing)) }

func TestStringMethods(t *testing.T) {
	r := NewRegistry()
	v := MustCounterVec[stringly](r, named("c_total"))
	v.With(stringly{1, time.Monday, "get", time.Second, 2, 7}).Inc()
	v.With(stringly{1, time.Monday, "GET", time.Second, 4, 7}).Inc()
	v.With(stringly{99, time.Weekday(9), "get\xff", 0, 1, -7}).Inc()
	wantExposure(t, r, "# TYPE c_total counter",
		`c_total{day="%!Weekday(9)",level="99",method="GET`+"\uFFFD"+`",par="odd",ptr="-7",wait="0s"} 1`,
		`c_total{day="Monday",level="info",method="GET",par="even",ptr="7",wait="1s"} 2`)
}

// Keys whose String methods agree are one series, whichever comes first, and any
// of them finds or deletes it.
func TestNonInjectiveString(t *testing.T) {
	type key struct {
		P parity
		M method
		N int
	}
	r := NewRegistry()
	v := MustCounterVec[key](r, named("c"))
	a := v.With(key{2, "get", 1})
	for _, k := range []key{{4, "get", 1}, {2, "Get", 1}, {254, "GET", 1}, {2, "get", 1}} {
		if v.With(k) != a {
			t.Errorf("%v is another series than {2, get, 1}", k)
		}
	}
	for _, k := range []key{{3, "get", 1}, {2, "put", 1}, {2, "get", 2}} {
		if v.With(k) == a {
			t.Errorf("%v is the same series as {2, get, 1}", k)
		}
	}
	if v.Len() != 4 {
		t.Errorf("%d series, want 4", v.Len())
	}
	if !v.Delete(key{8, "gET", 1}) || v.Delete(key{2, "get", 1}) {
		t.Error("Delete by another key with the same text")
	}
	if b := v.With(key{6, "GET", 1}); b == a || b.Value() != 0 || v.With(key{2, "get", 1}) != b {
		t.Error("a deleted series came back, or is there twice")
	}
	v.Reset()
	if v.Len() != 0 || v.With(key{4, "get", 1}).Value() != 0 {
		t.Error("Reset left something behind")
	}
	wantExposure(t, r, "# TYPE c counter", `c{m="GET",n="1",p="even"} 0`)
}

// A String method that calls the vec back finds no lock held.
func TestStringMethodMayUseTheVec(t *testing.T) {
	r := NewRegistry()
	nosy.vec = MustCounterVec[nosyKey](r, named("c"))
	nosy.depth = 3
	nosy.vec.With(nosyKey{3}).Inc()
	if nosy.vec.Len() != 4 {
		t.Errorf("%d series, want 4:\n%s", nosy.vec.Len(), exposure(r))
	}
}

type (
	nosyLabel int
	nosyKey   struct{ N nosyLabel }
)

var nosy struct {
	vec   *CounterVec[nosyKey]
	depth int
}

func (n nosyLabel) String() string {
	if nosy.depth > 0 {
		nosy.depth--
		nosy.vec.With(nosyKey{n - 1})
	}
	return fmt.Sprint(int(n))
}

func TestLabelTags(t *testing.T) {
	type tagged struct {
		Status int    `label:"code"`
		Path   string `label:"URL_path" json:"p"`
		Other  string `json:"o"`
		LE     uint8  `label:"_le"`
	}
	r := NewRegistry()
	MustUpDownVec[tagged](r, named("u")).With(tagged{200, "/", "x", 1})
	wantExposure(t, r, "# TYPE u gauge", `u{URL_path="/",_le="1",code="200",other="x"} 0`)
}
