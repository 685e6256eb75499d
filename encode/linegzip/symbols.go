package linegzip

import "math/bits"

// The alphabets of RFC 1951, 3.2.5: literals, the end of a block and match lengths
// share one, distances have their own.
const (
	endOfBlock      = 256
	firstLength     = 257
	literalSymbols  = 286
	distanceSymbols = 30
	shortest        = 3
	longest         = 258
)

// lengthOf has a match length's symbol, counted from firstLength, how many extra
// bits follow it, and what they are.
var lengthOf = func() (table [longest + 1]struct{ symbol, n, extra uint8 }) {
	l := shortest
	for symbol := range uint8(28) {
		n := uint8(0)
		if symbol >= 8 {
			n = symbol/4 - 1
		}
		for extra := 0; extra < 1<<n && l < longest; extra++ {
			table[l].symbol, table[l].n, table[l].extra = symbol, n, uint8(extra)
			l++
		}
	}
	table[longest].symbol = 28 // the longest has a symbol to itself
	return table
}()

// distanceOf returns a distance's symbol, how many extra bits follow it, and what
// they are.
func distanceOf(distance uint16) (symbol, n uint, extra uint64) {
	d := uint(distance) - 1
	if d < 4 {
		return d, 0, 0
	}
	n = uint(bits.Len(d)) - 2
	return 2*n + d>>n, n, uint64(d & (1<<n - 1))
}

// cut returns how much of a match of l bytes one length symbol takes, and leaves
// nothing that is too short for another.
func cut(l int) int {
	if l > longest && l < longest+shortest {
		return l - shortest
	}
	return min(l, longest)
}
