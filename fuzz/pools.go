package fuzz

import (
	"math"
	"slices"

	"github.com/pawl-metrics/pawl/engine"
)

// The pools are what experience says breaks exposition code. An input picks
// from them with one byte; it can also spell out anything else.

var uints = []uint64{
	0, 1, 2, 9, 10, 99, 100, 255, 256, 999_999, 1_000_000, 99_999_999, 100_000_000,
	1<<32 - 1, 1 << 32, 1<<53 - 1, 1 << 53, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<63 + 1,
	9_999_999_999_999_999_999, 10_000_000_000_000_000_000, math.MaxUint64 - 1, math.MaxUint64,
}

var floats = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, 0.1, -2.5, 10, 100, 999_999, 1_000_000, 1e-5, 0.005, 0.3,
	1<<53 - 1, 1 << 53, 1<<53 + 2, -(1<<53 - 1), -(1 << 53), 1 << 63, -(1 << 63), 1 << 64, 1<<64 - 2048, 1e21, -1e300,
	math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64,
	0x1p-1022, 0x1p-1022 - 0x1p-1074, math.Inf(1), math.Inf(-1), math.NaN(),
	math.Float64frombits(0x7ff0000000000002), // the server's marker for a stale series
	math.Float64frombits(0x7ff8000000000001), // the server's ordinary NaN
	math.Float64frombits(0xfff8dead0000beef), math.Nextafter(1, 2), math.Nextafter(0.1, 0), 123456.789,
}

var texts = []string{
	"", "a", "b", "GET", "/users", " ", "  two leading", "trailing ", "\tt", `"`, `\`, "\n", `\n`, `\\`, `\"`, "\\\n", `a\`,
	`"} 1`, "\"} 1\nx 2", "} # EOF", "\n# EOF\n", "# HELP a b", "\n# TYPE a gauge\n", "{}", ",", `a="b",`, "\r", "\r\n", "a\x00b",
	"\x00", "\xff", "\xc3", "a\xff\xfeb\xffc", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\uFFFD", "\uFEFF", "é", "e\u0301", "日本語", "😀",
	"\u2028", "\u0085", "\x7f", "+Inf", "NaN", "0", "1", "1e3", "__name__", "le", "n", "\\n\\", `\\n`, "'", "`", "$", "%s%n", "<b>",
	engine.OverflowValue,
}

var names = []string{
	"x", "y", "x_seconds", "http_requests", "a:b", "_", "Z9", "pawl_callback_panics", "pawl_dropped_observations",
}

var suffixes = []string{"", "_total", "", "_sum", "", "_count", "_bucket", "_created", "_info"}

var oddNames = []string{
	"", "9x", "x-y", "x y", "x.y", "é", "x\n", "x{", `x"`, "x{a=\"b\"}", "{x}", "#", "x\x00", "\xff", "x ", " x", "x\\", "__name__",
	"x.y_total", "x.y_seconds", "x.y_seconds_total", "x.y_count", "é_total", "😀", "日本語_bucket", "x_y", "x_dot_y", "x__y", "U__x_2e_y",
	"U__x", "_total", "a.b", "a.b_total", "z:é", "\uFFFD", "\r", "# EOF", "x.y_created", "x} 1", "_created",
}

var units = []string{"", "", "", "seconds", "total", "x", "bytes", "-", "_", "dropped_observations", "requests"}

var labelNames = []string{"a", "b", "c", "A", "z9", "_", "job", "quantile", "le", "code", "method", "_a", "reason", "family"}

var oddLabelNames = []string{
	"", "__name__", "__x", "__", "a:b", "9", "a-b", "a b", "é", `a"`, "a=", "a\n", "\xff", "{", "a\x00",
	"a.b", "a_b", "a_dot_b", "U__a_2e_b", "_.name__", "日本", "l.e", "-", `a\`, `a",b="`, "a,b", "a}", "😀", " ", "# EOF", "\uF8FF",
}

var bounds = [][]float64{
	nil, // the default ones
	{1},
	{0.1, 1, 10},
	{-1, 0, 1},
	{0.1, 1, 10, math.Inf(1)},
	{math.Copysign(0, -1)},
	{0},
	{-math.MaxFloat64, -math.SmallestNonzeroFloat64, math.SmallestNonzeroFloat64, math.MaxFloat64},
	{1 << 53, 1<<53 + 2, 1 << 63, 1 << 64},
	{1, math.Nextafter(1, 2), math.Nextafter(math.Nextafter(1, 2), 2), 2, 1e6, 1e21},
	{},
	{math.Inf(1)},
	{math.NaN()},
	{1, math.NaN()},
	{1, 1},
	{2, 1},
	{math.Copysign(0, -1), 0},
	{math.Inf(-1), 1},
	{math.Inf(1), math.Inf(1)},
	crowd(100),
	slices.Concat([]float64{-1e300}, crowd(20), []float64{1e300}),
	crowd(tooMany),
}

// tooMany is more bounds than any histogram can have.
const tooMany = 1 << 16

// crowd returns n bounds that differ in their last bits alone.
func crowd(n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = math.Float64frombits(math.Float64bits(0.25) + uint64(i))
	}
	return list
}

// natives are options of native histograms; the first is none. None has a reset,
// which would depend on the clock.
var natives = []engine.NativeOpts{
	{},
	{Factor: 1.1},
	{Factor: 1.1, MaxBuckets: 3},
	{Factor: 2, MaxBuckets: 2, MaxZeroThreshold: 1e9, MaxExemplars: 2},
	{Factor: 1.002, MaxBuckets: -1, MaxExemplars: -1},
	{Factor: 65536, ZeroThreshold: -1, MaxExemplars: 1},
	{Factor: 1.5, ZeroThreshold: 0.5, MaxBuckets: 1, MaxZeroThreshold: 1e-3},
	{Factor: 1.1, ZeroThreshold: 1, MaxExemplars: 3},
	{Factor: 1e300, MaxBuckets: 4, MaxZeroThreshold: math.Inf(1)},
	{Factor: 1},
	{Factor: -2},
	{Factor: math.NaN()},
	{Factor: 2, ZeroThreshold: math.Inf(1)},
	{MaxBuckets: 7}, // of nothing
}
