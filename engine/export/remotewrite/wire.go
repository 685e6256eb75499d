package remotewrite

import (
	"encoding/binary"
	"math"

	"github.com/pawl-metrics/pawl/encode"
)

// This file is as much of protobuf's wire format as requests need. Fields of value zero
// are left out, as proto3 does, except where zero says something.

const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

func appendTag(dst []byte, field, wire uint64) []byte { return encode.AppendVarint(dst, field<<3|wire) }

func appendUint(dst []byte, field, n uint64) []byte {
	if n == 0 {
		return dst
	}
	return encode.AppendVarint(appendTag(dst, field, wireVarint), n)
}

// appendInt appends an int64, which protobuf writes as if it had no sign.
func appendInt(dst []byte, field uint64, n int64) []byte { return appendUint(dst, field, uint64(n)) }

// appendSint appends a sint32 or sint64.
func appendSint(dst []byte, field uint64, n int64) []byte { return appendUint(dst, field, zigzag(n)) }

func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

func appendString(dst []byte, field uint64, s string) []byte {
	return append(encode.AppendVarint(appendTag(dst, field, wireBytes), uint64(len(s))), s...)
}

func appendBytes(dst []byte, field uint64, s []byte) []byte {
	return append(encode.AppendVarint(appendTag(dst, field, wireBytes), uint64(len(s))), s...)
}

// appendBits appends a double. Zero is written too: of -0 proto3 keeps the sign, and one
// rule is better than two.
func appendBits(dst []byte, field, bits uint64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(dst, field, wireFixed64), bits)
}

// The bits of the one NaN that stands for all, and of the mark of a series that ends
// (value.NormalNaN and StaleNaN in Prometheus' model/value).
const (
	normalNaN = 0x7ff8000000000001
	staleNaN  = 0x7ff0000000000002
)

func appendDouble(dst []byte, field uint64, v float64) []byte {
	if v != v {
		return appendBits(dst, field, normalNaN)
	}
	return appendBits(dst, field, math.Float64bits(v))
}
