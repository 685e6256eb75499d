package linegzip

// Limits of code lengths, below the 15 that DEFLATE allows, so that a word takes
// four literals, or a match, behind the seven bits that may be left in it.
const (
	literalLimit  = 14
	distanceLimit = 12
)

// codes are the Huffman codes of one block.
type codes struct {
	literal  [literalSymbols]code
	distance [distanceSymbols]code

	// What the loop over sequences reads, made from literal: codes with their
	// number of bits in the lowest byte. The second half of byteCode is empty
	// codes, for bytes that are not to be written.
	byteCode   [512]uint32
	lengthCode [longest + 1]uint32

	literals  [literalSymbols]uint32 // how often each symbol occurs
	distances [distanceSymbols]uint32
	builder
}

// count counts the symbols that seqs take, whose bytes are body.
func (c *codes) count(body []byte, seqs []sequence) {
	c.literals = [literalSymbols]uint32{endOfBlock: 1}
	c.distances = [distanceSymbols]uint32{}
	for _, s := range seqs {
		for _, b := range body[:s.literals] {
			c.literals[b]++
		}
		body = body[int(s.literals)+int(s.length):]
		symbol, _, _ := distanceOf(max(s.distance, 1))
		for l := int(s.length); l > 0; l -= cut(l) {
			c.literals[firstLength+int(lengthOf[cut(l)].symbol)]++
			c.distances[symbol]++
		}
	}
}

// sampled makes counts of a sample those of more to come: nothing is impossible.
func (c *codes) sampled() {
	const weight = 16 // so that what was not seen costs the rest nothing to speak of
	for i, n := range c.literals {
		c.literals[i] = n*weight + 1
	}
	for i, n := range c.distances {
		c.distances[i] = n*weight + 1
	}
}

// build makes the codes that suit the counts best.
func (c *codes) build() {
	c.assign(c.literal[:], c.literals[:], literalLimit)
	c.assign(c.distance[:], c.distances[:], distanceLimit)
	for b := range 256 {
		c.byteCode[b] = uint32(c.literal[b].bits)<<8 | uint32(c.literal[b].n)
	}
	for l := shortest; l <= longest; l++ {
		of := lengthOf[l]
		k := c.literal[firstLength+int(of.symbol)]
		c.lengthCode[l] = (uint32(k.bits)|uint32(of.extra)<<k.n)<<8 | uint32(k.n+of.n)
	}
}
