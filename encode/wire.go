package encode

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// This file is as much of protobuf's wire format as an exposition needs. A message
// is written once, forward: its length gets one byte at first, and the message is
// moved up when it turns out to need more, which nearly none but whole families do.

const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

// AppendVarint appends n in base 128, the lowest digits first.
func AppendVarint(dst []byte, n uint64) []byte {
	for n >= 0x80 {
		dst = append(dst, byte(n)|0x80)
		n >>= 7
	}
	return append(dst, byte(n))
}

func zigzag(n int64) uint64 { return uint64(n<<1) ^ uint64(n>>63) }

// appendTag appends a field's number and wire type.
func appendTag(dst []byte, field, wire byte) []byte {
	if n := uint(field)<<3 | uint(wire); n >= 0x80 {
		return append(dst, byte(n)|0x80, byte(n>>7))
	}
	return append(dst, field<<3|wire)
}

func appendVarintField(dst []byte, field byte, n uint64) []byte {
	return AppendVarint(appendTag(dst, field, wireVarint), n)
}

// appendDouble appends a double, zero too: where a decoder keeps the value
// of the message before, leaving out a zero means that one. All NaNs become the
// ordinary one, for Prometheus takes another for its marker of stale series.
func appendDouble(dst []byte, field byte, v float64) []byte {
	bits := math.Float64bits(v)
	if v != v {
		bits = 0x7ff8000000000001
	}
	return binary.LittleEndian.AppendUint64(appendTag(dst, field, wireFixed64), bits)
}

// appendString appends a string, with what is not UTF-8 replaced.
func appendString(dst []byte, field byte, s string) []byte {
	if utf8.ValidString(s) {
		dst = AppendVarint(appendTag(dst, field, wireBytes), uint64(len(s)))
		return append(dst, s...)
	}
	dst, m := openMessage(dst, field)
	for s != "" {
		n := validPrefix(s)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s != "" {
			dst, s = append(dst, "\uFFFD"...), s[invalidPrefix(s):]
		}
	}
	return m.close(dst)
}

// message is where an unfinished message begins.
type message int

// openMessage begins a field that is a message, whose length is not known yet.
func openMessage(dst []byte, field byte) ([]byte, message) {
	dst = append(appendTag(dst, field, wireBytes), 0)
	return dst, message(len(dst))
}

// close puts the length in front of the message.
func (m message) close(dst []byte) []byte {
	n := uint64(len(dst) - int(m))
	if n < 0x80 {
		dst[m-1] = byte(n)
		return dst
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], n)
	dst = append(dst, length[:size-1]...) // makes room: the bytes do not matter
	copy(dst[int(m)-1+size:], dst[m:len(dst)-size+1])
	copy(dst[m-1:], length[:size])
	return dst
}
