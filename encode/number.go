package encode

import (
	"encoding/binary"
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

// AppendInt appends n in decimal. See AppendUint.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		return AppendUint(append(dst, '-'), -uint64(n))
	}
	return AppendUint(dst, uint64(n))
}

// AppendUint appends n in decimal. Up to seven bytes of dst's capacity past the
// result may be overwritten.
func AppendUint(dst []byte, n uint64) []byte {
	if n < 10 {
		return append(dst, byte('0'+n))
	}
	if n >= 1e8 {
		q := n / 1e8
		return appendWord(AppendUint(dst, q), digits8(uint32(n-q*1e8)), 8)
	}
	x := digits8(uint32(n))
	zeros := bits.TrailingZeros64(x) / 8 // before the first digit
	return appendWord(dst, x>>(zeros*8), 8-zeros)
}

// digits8 returns the eight decimal digits of n < 10^8, the first in the lowest
// byte. It splits the number in halves, all of them at once: eight digits take
// three multiplications and no branch, and numbers of different lengths, which a
// scrape is full of, cost no mispredictions.
//
//	12345678
//	    1234            5678       /10000
//	  12      34      56      78   /100, as *10486>>20: exact below 10000
//	 1   2   3   4   5   6   7   8 /10, as *103>>10: exact below 100
func digits8(n uint32) uint64 {
	hi := n / 10000
	x := uint64(hi) | uint64(n-hi*10000)<<32
	q := x * 10486 >> 20 & 0x0000007f_0000007f
	x = q | (x-q*100)<<16
	q = x * 103 >> 10 & 0x000f_000f_000f_000f
	return q | (x-q*10)<<8
}

// appendWord appends the n lowest bytes of x as digits. It stores all eight bytes
// when there is room: the ones past n are overwritten by what is appended next.
func appendWord(dst []byte, x uint64, n int) []byte {
	x |= 0x3030303030303030
	end := len(dst)
	if cap(dst)-end < 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], x)
		return append(dst, word[:n]...)
	}
	binary.LittleEndian.PutUint64(dst[end:end+8], x)
	return dst[:end+n]
}
