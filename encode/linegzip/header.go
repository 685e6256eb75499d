package linegzip

// A dynamic block begins with the lengths of its codes (RFC 1951, 3.2.7). They are
// written with run-length symbols, which have a Huffman code of their own.

// Block types, and the bit before them.
const (
	stored  = 0
	dynamic = 2
)

const (
	repeatLast  = 16 // 3 to 6 times, in two extra bits
	zeros       = 17 // 3 to 10, in three
	manyZeros   = 18 // 11 to 138, in seven
	runSymbols  = 19
	runLimit    = 7
	maxRunBytes = literalSymbols + distanceSymbols
)

// runOrder is the order in which the run-length symbols' own lengths are written.
var runOrder = [runSymbols]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// run is a run-length symbol and its extra bits.
type run struct{ symbol, extra uint8 }

// maxHeader is more bytes than a header takes.
const maxHeader = 1024

// header writes the header of a block with codes c.
func (w *writer) header(c *codes, final bool) {
	literals := used(c.literal[:], endOfBlock+1)
	distances := used(c.distance[:], 1)
	var memory [maxRunBytes]run
	list := appendRuns(memory[:0], literals, distances)

	var counts [runSymbols]uint32
	for _, r := range list {
		counts[r.symbol]++
	}
	var symbols [runSymbols]code
	c.assign(symbols[:], counts[:], runLimit)
	n := runSymbols
	for n > 4 && symbols[runOrder[n-1]].n == 0 {
		n--
	}

	w.blockType(dynamic, final)
	w.put(uint64(len(literals)-257), 5)
	w.put(uint64(len(distances)-1), 5)
	w.put(uint64(n-4), 4)
	for _, symbol := range runOrder[:n] {
		w.put(uint64(symbols[symbol].n), 3)
	}
	for _, r := range list {
		w.putCode(symbols[r.symbol])
		w.put(uint64(r.extra), extraBits(r.symbol))
	}
}

func (w *writer) blockType(kind uint64, final bool) {
	if final {
		w.put(1, 1)
	} else {
		w.put(0, 1)
	}
	w.put(kind, 2)
}

func extraBits(symbol uint8) uint {
	switch symbol {
	case repeatLast:
		return 2
	case zeros:
		return 3
	case manyZeros:
		return 7
	}
	return 0
}

// used returns codes without the unused ones at the end, but at least n.
func used(codes []code, n int) []code {
	for len(codes) > n && codes[len(codes)-1].n == 0 {
		codes = codes[:len(codes)-1]
	}
	return codes
}

// appendRuns appends the lengths of both kinds of codes.
func appendRuns(list []run, literals, distances []code) []run {
	last, n := literals[0].n, 0
	for _, codes := range [2][]code{literals, distances} {
		for _, c := range codes {
			if c.n != last {
				list = appendRun(list, last, n)
				last, n = c.n, 0
			}
			n++
		}
	}
	return appendRun(list, last, n)
}

// appendRun appends n times the same length.
func appendRun(list []run, length uint8, n int) []run {
	if length > 0 {
		list = append(list, run{symbol: length})
		n--
	}
	for n >= 3 {
		var r run
		var m int
		switch {
		case length > 0:
			m = min(n, 6)
			r = run{repeatLast, uint8(m - 3)}
		case n <= 10:
			m = n
			r = run{zeros, uint8(m - 3)}
		default:
			m = min(n, 138)
			r = run{manyZeros, uint8(m - 11)}
		}
		list = append(list, r)
		n -= m
	}
	for range n {
		list = append(list, run{symbol: length})
	}
	return list
}
