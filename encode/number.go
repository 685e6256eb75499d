package encode

import (
	"math"
	"math/bits"
	"strconv"
)

// maxExact is 2^53: every integer of a smaller magnitude is a float64.
const maxExact = 1 << 53

// AppendFloat appends v so that parsing gives back the same bits (NaNs become
// the one NaN that text has): plain digits for integers below 2^53, the shortest
// decimal otherwise, and NaN, +Inf, -Inf as the format spells them.
func AppendFloat(dst []byte, v float64) []byte {
	if i := int64(v); float64(i) == v && i > -maxExact && i < maxExact {
		if i > 0 {
			return AppendUint(dst, uint64(i))
		}
		return appendNonPositive(dst, v, i)
	}
	return appendShortest(dst, v)
}

// appendNonPositive appends an integer that is zero, of either sign, or less.
func appendNonPositive(dst []byte, v float64, i int64) []byte {
	if i < 0 || math.Signbit(v) {
		dst = append(dst, '-')
	}
	return AppendUint(dst, uint64(-i))
}

func appendShortest(dst []byte, v float64) []byte {
	switch {
	case v != v:
		return append(dst, "NaN"...)
	case v > math.MaxFloat64:
		return append(dst, "+Inf"...)
	case v < -math.MaxFloat64:
		return append(dst, "-Inf"...)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}

// AppendBound appends a bucket's upper bound as the value of its le label, in the
// form that client_golang writes in text format 0.0.4, so that a series keeps its
// identity when a service changes libraries.
func AppendBound(dst []byte, v float64) []byte {
	if v == 0 {
		return append(dst, '0') // -0 and 0 are one bound
	}
	return appendShortest(dst, v)
}

// pairs holds the two digits of every number below 100.
const pairs = "" +
	"00010203040506070809" + "10111213141516171819" +
	"20212223242526272829" + "30313233343536373839" +
	"40414243444546474849" + "50515253545556575859" +
	"60616263646566676869" + "70717273747576777879" +
	"80818283848586878889" + "90919293949596979899"

// AppendUint appends n in decimal.
func AppendUint(dst []byte, n uint64) []byte {
	if n < 10 {
		return append(dst, byte('0'+n))
	}
	// Room first, digits backwards into it: no copy through a scratch array.
	end := len(dst) + digits(n)
	if end > cap(dst) {
		dst = append(dst, make([]byte, end-len(dst))...)
	}
	dst = dst[:end]
	i := end
	for n >= 100 {
		q := n / 100
		r := (n - q*100) * 2
		i -= 2
		dst[i], dst[i+1] = pairs[r], pairs[r+1]
		n = q
	}
	if n >= 10 {
		dst[i-2], dst[i-1] = pairs[n*2], pairs[n*2+1]
	} else {
		dst[i-1] = byte('0' + n)
	}
	return dst
}

// powers[i] is 10^i, the least number of i+1 digits.
var powers = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
	1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// digits returns how many decimal digits n > 0 has. 1233/4096 is log10(2), so t
// is right or one too many (Warren, Hacker's Delight, 11-4).
func digits(n uint64) int {
	t := bits.Len64(n) * 1233 >> 12
	if n < powers[t] {
		return t
	}
	return t + 1
}
