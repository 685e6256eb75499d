package linegzip

import (
	"math/bits"
	"slices"
)

// code is the Huffman code of a symbol: its bits, the first to be sent lowest, and
// their number, 0 for a symbol that does not occur.
type code struct {
	bits uint16
	n    uint8
}

const maxBits = 15

// builder makes codes, in memory that is used again.
type builder struct {
	keys   [literalSymbols]uint64 // count<<16 | symbol, the rarest first
	depths [literalSymbols]uint32
}

// assign gives each symbol that occurs a code of at most limit bits.
func (b *builder) assign(codes []code, counts []uint32, limit int) {
	clear(codes)
	keys := b.sort(counts)
	switch len(keys) {
	case 0:
	case 1:
		codes[uint16(keys[0])].n = 1
	default:
		of := b.lengths(keys, limit)
		for i, l := 0, limit; l > 0; l-- {
			for range of[l] {
				codes[uint16(keys[i])].n = uint8(l)
				i++
			}
		}
	}
	number(codes)
}

// sort returns the keys of symbols that occur. Those that occur once are in order
// as they come, and may be most of them.
func (b *builder) sort(counts []uint32) []uint64 {
	keys := b.keys[:0]
	for symbol, n := range counts {
		if n == 1 {
			keys = append(keys, 1<<16|uint64(symbol))
		}
	}
	once := len(keys)
	for symbol, n := range counts {
		if n > 1 {
			keys = append(keys, uint64(n)<<16|uint64(symbol))
		}
	}
	slices.Sort(keys[once:])
	return keys
}

// lengths returns how many codes to make of each length.
func (b *builder) lengths(keys []uint64, limit int) (of [maxBits + 1]int) {
	depths := b.depths[:len(keys)]
	for i, k := range keys {
		depths[i] = uint32(k >> 16)
	}
	minimumRedundancy(depths)
	for _, d := range depths {
		of[min(int(d), limit)]++
	}
	balance(&of, limit)
	return of
}

// minimumRedundancy turns weights, in rising order, into the depths of their leaves
// in a Huffman tree: "In-place calculation of minimum-redundancy codes", Moffat and
// Katajainen, 1995. There are at least two.
func minimumRedundancy(a []uint32) {
	join(a)
	internalDepths(a)
	leafDepths(a)
}

// join builds the tree: a[i] becomes the parent of internal node i. It takes the
// lighter of the next leaf and the next root, twice for each node.
func join(a []uint32) {
	n, root, leaf := len(a), 0, 0
	for next := range n - 1 {
		weight := uint32(0)
		for range 2 {
			if leaf >= n || root < next && a[root] < a[leaf] {
				weight += a[root]
				a[root] = uint32(next)
				root++
			} else {
				weight += a[leaf]
				leaf++
			}
		}
		a[next] = weight
	}
}

// internalDepths turns parents into depths. The root is a[n-2].
func internalDepths(a []uint32) {
	n := len(a)
	a[n-2] = 0
	for i := n - 3; i >= 0; i-- {
		a[i] = a[a[i]] + 1
	}
}

// leafDepths turns the depths of internal nodes into those of the leaves: at each
// depth, what is not an internal node is a leaf.
func leafDepths(a []uint32) {
	root, next := len(a)-2, len(a)-1
	for depth, nodes := uint32(0), 1; nodes > 0; depth++ {
		internal := 0
		for ; root >= 0 && a[root] == depth; root-- {
			internal++
		}
		for range nodes - internal {
			a[next] = depth
			next--
		}
		nodes = 2 * internal
	}
}

// balance makes lengths that were cut to limit those of a prefix code again (Kraft):
// it hangs a leaf of the limit's depth beside one from further up, which goes a
// level down, until all have room.
func balance(of *[maxBits + 1]int, limit int) {
	taken := 0
	for l := 1; l <= limit; l++ {
		taken += of[l] << (limit - l)
	}
	for ; taken > 1<<limit; taken-- {
		l := limit - 1
		for of[l] == 0 {
			l--
		}
		of[l]--
		of[l+1] += 2
		of[limit]--
	}
}

// number gives codes of known lengths their bits (RFC 1951, 3.2.2).
func number(codes []code) {
	var of, next [maxBits + 1]uint16
	for _, c := range codes {
		of[c.n]++
	}
	of[0] = 0
	for l := 1; l <= maxBits; l++ {
		next[l] = (next[l-1] + of[l-1]) << 1
	}
	for i, c := range codes {
		codes[i].bits = bits.Reverse16(next[c.n]) >> (16 - c.n)
		next[c.n]++
	}
}
