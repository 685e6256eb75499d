package encode

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestAppendUint(t *testing.T) {
	check := func(n uint64) {
		t.Helper()
		if got, want := string(AppendUint([]byte("x "), n)), "x "+strconv.FormatUint(n, 10); got != want {
			t.Fatalf("AppendUint(%d) = %q, want %q", n, got, want)
		}
	}
	for n := range uint64(100_000) {
		check(n)
	}
	for p := uint64(1); ; p *= 10 {
		check(p - 1)
		check(p)
		check(p + 1)
		if p > math.MaxUint64/10 {
			break
		}
	}
	for b := range 64 {
		check(1<<b - 1)
		check(1 << b)
	}
	check(math.MaxUint64)
	for range 200_000 {
		check(rand.Uint64() >> rand.IntN(64))
	}
}

func TestAppendInt(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 9, -9, 10, -10, math.MaxInt64, math.MinInt64, -99999999, -100000000} {
		if got, want := string(AppendInt(nil, n)), strconv.FormatInt(n, 10); got != want {
			t.Errorf("AppendInt(%d) = %q", n, got)
		}
	}
}

// Every float64 reads back as itself, in at most 24 bytes, without the letters
// that Prometheus' lexer refuses.
func TestAppendFloatRoundTrip(t *testing.T) {
	check := func(v float64) {
		t.Helper()
		s := string(AppendFloat(nil, v))
		back, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatalf("%x is written as %q: %v", math.Float64bits(v), s, err)
		}
		if math.Float64bits(back) != math.Float64bits(v) && !(v != v && back != back) {
			t.Fatalf("%x is written as %q and read as %x", math.Float64bits(v), s, math.Float64bits(back))
		}
		if len(s) > 24 || strings.ContainsAny(s, "_pPxX") {
			t.Fatalf("%x is written as %q", math.Float64bits(v), s)
		}
	}
	for _, v := range []float64{0, math.Copysign(0, -1), 1, -1, 999999, 1e6, 1234567, 1 << 53, 1<<53 - 1,
		1<<53 + 2, -(1 << 53), 1 << 63, -(1 << 63), 1 << 62, 1e300, -1e300, math.MaxFloat64, -math.MaxFloat64,
		5e-324, 2.2250738585072014e-308, 0.1, 1e21, 123456789.125, math.Inf(1), math.Inf(-1), math.NaN(),
		math.Float64frombits(0x7ff0000000000002), math.Float64frombits(0xfff8000000000001)} {
		check(v)
	}
	for range 500_000 {
		check(math.Float64frombits(rand.Uint64()))
		check(float64(int64(rand.Uint64() >> rand.IntN(64))))
	}
}

func TestAppendFloatForms(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0"}, {1, "1"}, {-17, "-17"}, {1e6, "1000000"},
		{0.005, "0.005"}, {-2.5, "-2.5"}, {1e300, "1e+300"}, {math.NaN(), "NaN"},
		{math.Inf(1), "+Inf"}, {math.Inf(-1), "-Inf"}, {1<<53 - 1, "9007199254740991"},
	} {
		if got := string(AppendFloat(nil, c.v)); got != c.want {
			t.Errorf("AppendFloat(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

// le values are identity: these are what client_golang writes.
func TestAppendBound(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{
		{0.005, "0.005"}, {1, "1"}, {2.5, "2.5"}, {10, "10"}, {999999, "999999"}, {1e6, "1e+06"},
		{1234567, "1.234567e+06"}, {-1, "-1"}, {math.Copysign(0, -1), "0"}, {math.Inf(1), "+Inf"}, {1e-5, "1e-05"},
	} {
		if got := string(AppendBound(nil, c.v)); got != c.want {
			t.Errorf("AppendBound(%v) = %q, want %q", c.v, got, c.want)
		}
	}
}

func TestEscaping(t *testing.T) {
	for _, c := range []struct{ in, label, help string }{
		{"", "", ""},
		{"plain", "plain", "plain"},
		{`a"b`, `a\"b`, `a"b`},
		{`a\b`, `a\\b`, `a\\b`},
		{"a\nb", `a\nb`, `a\nb`},
		{`\n`, `\\n`, `\\n`},
		{"\n\n\"\\", `\n\n\"\\`, `\n\n"\\`},
		{"} # EOF", "} # EOF", "} # EOF"},
		{"é😀\r\x00", "é😀\r\x00", "é😀\r\x00"},
	} {
		if got := string(AppendLabelValue(nil, c.in)); got != c.label {
			t.Errorf("label value %q is written %q, want %q", c.in, got, c.label)
		}
		if got, want := string(AppendHelp(nil, "m", c.in)), "# HELP m "+c.help+"\n"; got != want {
			t.Errorf("help %q is written %q, want %q", c.in, got, want)
		}
	}
}

func TestAppendType(t *testing.T) {
	for typ, word := range map[Type]string{Counter: "counter", Gauge: "gauge", Histogram: "histogram",
		Summary: "summary", Untyped: "untyped", Type(99): "untyped"} {
		if got, want := string(AppendType(nil, "m", typ)), "# TYPE m "+word+"\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAppendingAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() {
		b := AppendUint(buf, math.MaxUint64)
		b = AppendFloat(b, 0.1)
		b = AppendFloat(b, -1e300)
		b = AppendBound(b, 1e6)
		b = AppendLabelValue(b, "a\"b\n")
		b = AppendHelp(b, "m", "help")
		AppendType(b, "m", Counter)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkAppendUint(b *testing.B) {
	buf := make([]byte, 0, 64)
	for _, n := range []uint64{7, 1234, 12345678, 1 << 60} {
		b.Run("impl=pawl/n="+strconv.FormatUint(n, 10), func(b *testing.B) {
			for b.Loop() {
				buf = AppendUint(buf[:0], n)
			}
		})
		b.Run("impl=strconv/n="+strconv.FormatUint(n, 10), func(b *testing.B) {
			for b.Loop() {
				buf = strconv.AppendUint(buf[:0], n, 10)
			}
		})
	}
}
