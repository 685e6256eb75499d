package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/pawl-metrics/pawl/benchmarks/internal/stat"
)

// digits prints v with three significant digits and without an exponent.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0"
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.01:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// amount prints a number of allocations or bytes.
func amount(v float64) string {
	switch {
	case v < 0.0005:
		return "0"
	case v == math.Trunc(v) || v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return digits(v)
}

// duration prints nanoseconds in a unit that fits.
func duration(ns float64) string {
	switch {
	case ns >= float64(time.Second):
		return digits(ns/1e9) + " s"
	case ns >= float64(time.Millisecond):
		return digits(ns/1e6) + " ms"
	case ns >= 10*float64(time.Microsecond):
		return digits(ns/1e3) + " µs"
	}
	return digits(ns) + " ns"
}

// value prints a row's value with its unit.
func value(v float64, unit string) string {
	if unit == "bytes" {
		return digits(v) + " B"
	}
	return duration(v)
}

// spread prints half the width of the range of the samples.
func spread(r stat.Range, mid float64) string {
	return fmt.Sprintf("±%.0f%%", 100*r.Relative(mid))
}

// unclear stands where a ratio drowns in noise: its range has 1 in it.
const unclear = "–"

// times prints a ratio, or that there is none.
func times(r stat.Ratio) string {
	if !r.Clear() {
		return unclear
	}
	return digits(r.Value) + "x"
}

// count prints a size: 1000 as 1k.
func count(n int) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return strconv.Itoa(n/1_000_000) + "M"
	case n >= 1000 && n%1000 == 0:
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n)
}
