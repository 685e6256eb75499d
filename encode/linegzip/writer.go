package linegzip

import (
	"encoding/binary"
	"slices"
)

// writer puts bits behind out[:at], the first lowest. The last few, fewer than
// eight, wait in bits.
type writer struct {
	out  []byte // as long as its capacity
	at   int
	bits uint64
	n    uint
}

// grow makes room for n bytes. A flush stores a word, however little it holds.
func (w *writer) grow(n int) {
	w.out = slices.Grow(w.out[:w.at], n+8)
	w.out = w.out[:cap(w.out)]
}

// put writes the lowest n bits of v, which has no others.
func (w *writer) put(v uint64, n uint) {
	w.bits |= v << (w.n & 63)
	w.n += n
	w.at, w.bits, w.n = flush(w.out, w.at, w.bits, w.n)
}

func (w *writer) putCode(c code) { w.put(uint64(c.bits), uint(c.n)) }

// align goes on to the next whole byte.
func (w *writer) align() { w.put(0, -w.n&7) }

// flush stores the whole bytes of bits, and returns what is left.
func flush(out []byte, at int, bits uint64, n uint) (int, uint64, uint) {
	binary.LittleEndian.PutUint64(out[at:], bits)
	return at + int(n>>3), bits >> (n &^ 7 & 63), n & 7
}

// add puts a code behind n bits. Its number of bits is its lowest byte.
func add(bits uint64, n uint, code uint32) (uint64, uint) {
	return bits | uint64(code>>8)<<(n&63), n + uint(code&255)
}

// sequences writes seqs, whose bytes are body. It is long because what it changes
// all the time stays in registers this way.
func (w *writer) sequences(c *codes, body []byte, seqs []sequence) {
	out, at, bits, n := w.out, w.at, w.bits, w.n
	short := &c.byteCode
	for _, s := range seqs {
		from, k := body, s.literals
		body = body[int(k)+int(s.length):]
		for k > 4 || k > 0 && len(from) < 4 {
			m := min(k, 4)
			for _, b := range from[:m] {
				bits, n = add(bits, n, short[b])
			}
			from, k = from[m:], k-m
			at, bits, n = flush(out, at, bits, n)
		}
		if k > 0 {
			// One to four more, without a branch on how many: what is beyond k
			// is moved to the empty codes.
			v := binary.LittleEndian.Uint32(from)
			bits, n = add(bits, n, short[v&255])
			bits, n = add(bits, n, short[v>>8&255|(k-2)>>8&256])
			bits, n = add(bits, n, short[v>>16&255|(k-3)>>8&256])
			bits, n = add(bits, n, short[v>>24|(k-4)>>8&256])
			at, bits, n = flush(out, at, bits, n)
		}
		if s.length == 0 {
			break
		}
		symbol, dn, extra := distanceOf(s.distance)
		d := c.distance[symbol]
		distance := uint64(d.bits) | extra<<(d.n&63)
		dn += uint(d.n)
		l := int(s.length)
		for ; l > longest; l -= cut(l) {
			bits, n = add(bits, n, c.lengthCode[cut(l)])
			bits, n = bits|distance<<(n&63), n+dn
			at, bits, n = flush(out, at, bits, n)
		}
		bits, n = add(bits, n, c.lengthCode[l])
		bits, n = bits|distance<<(n&63), n+dn
		at, bits, n = flush(out, at, bits, n)
	}
	w.at, w.bits, w.n = at, bits, n
}
