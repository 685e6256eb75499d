package fuzz

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
)

// FuzzAppendFloat checks the number writers for float64s against strconv:
// invariant 20.
func FuzzAppendFloat(f *testing.F) {
	for i, v := range floats {
		f.Add(math.Float64bits(v), uint8(i))
	}
	for i, n := range uints {
		f.Add(math.Float64bits(float64(n)), uint8(i))
		f.Add(math.Float64bits(-float64(n)), uint8(i))
		f.Add(n, uint8(i))
	}
	f.Fuzz(func(t *testing.T, word uint64, room uint8) {
		v := math.Float64frombits(word)
		check(t, v, room, encode.AppendFloat, floatText(v))
		check(t, v, room, encode.AppendBound, boundText(v))
		roundTrip(t, v)
	})
}

// FuzzAppendUint checks the number writer for integers against strconv.
func FuzzAppendUint(f *testing.F) {
	for i, n := range uints {
		f.Add(n, uint8(i))
	}
	for i, n := 0, uint64(1); i < 20; i, n = i+1, n*10 {
		f.Add(n-1, uint8(0))
		f.Add(n, uint8(i))
	}
	f.Fuzz(func(t *testing.T, n uint64, room uint8) {
		check(t, n, room, encode.AppendUint, strconv.FormatUint(n, 10))
	})
}

// floatText is what a value is to look like: digits for an integer below 2^53, with
// its sign even if it is 0; else the shortest decimal.
func floatText(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case v == 0 && math.Signbit(v):
		return "-0"
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return boundText(v)
}

// boundText is what client_golang makes of a bucket's bound.
func boundText(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return fmt.Sprintf("%+v", v)
	case v == 0:
		return "0"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// check appends to what is there already, with room for some bytes and no more,
// and looks on both sides.
func check[T any](t *testing.T, v T, room uint8, write func([]byte, T) []byte, want string) {
	t.Helper()
	const before, behind = "before ", "behind and for some bytes more"
	n := int(room % 40)
	memory := []byte(before + strings.Repeat(" ", n) + behind)
	got := write(memory[:len(before):len(before)+n], v)
	if string(got) != before+want {
		t.Errorf("%#v, with room for %d bytes, is written %q, want %q", v, n, got, before+want)
	}
	if after := string(memory[len(before)+n:]); after != behind {
		t.Errorf("%#v, with room for %d bytes, is written over what stands behind: %q", v, n, after)
	}
}

func roundTrip(t *testing.T, v float64) {
	t.Helper()
	s := string(encode.AppendFloat(nil, v))
	back, err := strconv.ParseFloat(s, 64)
	if err != nil || bits(back) != bits(v) {
		t.Errorf("%x is written %q, and read as %x: %v", math.Float64bits(v), s, math.Float64bits(back), err)
	}
	if len(s) > 24 || strings.ContainsAny(s, "_pPxX") {
		t.Errorf("%x is written %q", math.Float64bits(v), s)
	}
}
