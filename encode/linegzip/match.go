package linegzip

import (
	"encoding/binary"
	"math/bits"
)

// sequence is a number of literals, and the match that follows them.
type sequence struct {
	literals uint32
	length   uint16 // 0 in the last one of a chunk, which has literals alone
	distance uint16
}

const (
	window   = 32 << 10 // how far back a match may reach
	minMatch = 4        // a shorter one costs more bits than its literals
	maxMatch = window   // nothing that DEFLATE asks for: matches are cut when they are written
	slack    = 40       // words are read whole, so the last bytes of a body are literals
)

// matcher finds what repeats: see the package comment.
type matcher struct {
	line int // the newline before the line being read
	ref  int // the position that is expected to read like the next one
	seen [1 << hashBits]uint32
	seqs []sequence
}

func (m *matcher) reset() {
	m.line, m.ref = 0, 0
	clear(m.seen[:])
}

// read turns body[at:end] into m.seqs, and returns where they end: at end, or
// somewhat behind it when a match or a word goes on.
//
// In the loop, i is where body has been read to, j the place in the model that goes
// with it (any place that is not in the window before i, if there is none), and done
// what seqs cover: body[done:i] are literals so far. Each turn moves i on. It is one
// function so that these stay in registers.
func (m *matcher) read(body []byte, at, end int) int {
	seqs := m.seqs[:0]
	i, j, line, done := at, m.ref, m.line, at
	for limit := min(end, len(body)-slack); i < limit; {
		if uint(i-j-1) < window {
			n := common(body, i, j)
			if n >= minMatch {
				seqs = append(seqs, sequence{uint32(i - done), uint16(n), uint16(i - j)})
				done = i + n
			}
			i += n
			j += n
			if i >= limit {
				break
			}
		}
		// Here the line departs from its model.
		if i == line { // at once, so that it has none
			i++
			continue
		}
		k := find(body, i)
		if body[k] == '\n' && (i == k || body[i]-'0' <= 9) {
			// What differs is a value.
			i, j, line = k, line, k
			if j >= 2 && k-2 >= done && k-j <= window && body[k-1] == body[j-1] && body[k-2] == body[j-2] {
				i, j = i-2, j-2 // such as .0 at the end of every value
			}
			continue
		}
		if p, c := m.recall(body, i, k); c >= 0 {
			i, j = p, c
			continue
		}
		switch q := find(body, j); {
		case body[k] == '\n':
			i, j, line = k, line, k
		case body[k] == '"' && body[q] == '"' && uint(k-q-1) < window:
			i, j = k, q
		default:
			i, j = k+1, k+1
		}
	}
	i = max(i, end)
	if done < i {
		seqs = append(seqs, sequence{literals: uint32(i - done)})
	}
	m.seqs, m.ref, m.line = seqs, j, line
	return i
}

// What recall tries: a label value soon has to end, and then the line's model goes
// on; words of a name or a help text are worth more.
const (
	hashBits   = 12
	triesShort = 4
	triesLong  = 24
	long       = 16
)

// recall looks for an earlier place where what is at i, or a little later but before
// k, was read after a departure. It returns the two positions, or -1 for the
// second.
func (m *matcher) recall(body []byte, i, k int) (p, c int) {
	stop := min(k, i+triesShort)
	if k-i > long {
		stop = min(k, i+triesLong)
	}
	for p = i; p < stop; p++ {
		v := load(body, p) << 16 // six bytes
		h := v * 0x9E3779B97F4A7C15 >> (64 - hashBits)
		d := uint32(p) - m.seen[h]
		m.seen[h] = uint32(p)
		if c := p - int(d); d-1 < window && load(body, c)<<16 == v {
			return p, c
		}
	}
	return i, -1
}

func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// common returns how many bytes from i on are those from j on, j < i.
func common(b []byte, i, j int) int {
	n := 0
	for ; i+n+32 <= len(b) && n < maxMatch; n += 32 {
		x, y := b[i+n:i+n+32], b[j+n:j+n+32]
		v0, v1 := load(x, 0)^load(y, 0), load(x, 8)^load(y, 8)
		v2, v3 := load(x, 16)^load(y, 16), load(x, 24)^load(y, 24)
		if v0|v1|v2|v3 != 0 {
			return n + firstByte(v0, v1, v2, v3)
		}
	}
	for ; i+n < len(b) && b[i+n] == b[j+n] && n < maxMatch; n++ {
	}
	return n
}

// firstByte returns the index of the first byte that is not zero in four words. It
// does without branches, which would be guessed wrong half of the time.
func firstByte(v0, v1, v2, v3 uint64) int {
	v, at := v3, 24
	if v2 != 0 {
		v, at = v2, 16
	}
	if v1 != 0 {
		v, at = v1, 8
	}
	if v0 != 0 {
		v, at = v0, 0
	}
	return at + bits.TrailingZeros64(v)>>3
}

// find returns the position of the first quote or newline from i on, or another
// one, of neither, when there is none near by.
func find(b []byte, i int) int {
	if x := marks(load(b, i)); x != 0 {
		return i + bits.TrailingZeros64(x)>>3
	}
	return findOn(b, i+8)
}

func findOn(b []byte, i int) int {
	for end := min(i+64, len(b)-8); i < end; i += 8 {
		if x := marks(load(b, i)); x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
	}
	return min(i, len(b)-8)
}

// marks returns a word whose lowest bit set is the top one of v's first byte that is
// a quote or a newline.
func marks(v uint64) uint64 {
	const ones = 0x0101010101010101
	q, l := v^ones*'"', v^ones*'\n'
	return ((q-ones)&^q | (l-ones)&^l) & (ones << 7)
}
