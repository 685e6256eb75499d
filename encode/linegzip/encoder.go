package linegzip

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	chunkSize = 32 << 10  // matched, then written, while it is in the cache
	blockSize = 512 << 10 // has one set of codes, made from its first chunk
)

// Encoder compresses. The zero value is ready for use, and what it allocates it
// uses again. It may be used by one goroutine at a time.
type Encoder struct {
	matcher
	codes
}

// AppendGzip appends body as a gzip member (RFC 1952): with nothing before it, the
// bytes of a complete gzip file. The same body gives the same bytes, whatever was
// compressed before it. Capacity of dst is scratch.
func (e *Encoder) AppendGzip(dst, body []byte) []byte {
	e.matcher.reset()
	dst = append(dst, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255) // deflate, no name, no time, fastest, any system
	w := writer{out: dst, at: len(dst)}
	sum := uint32(0)
	for at, final := 0, false; !final; {
		final = len(body)-at <= blockSize
		next := e.block(&w, body, at, final)
		sum = crc32.Update(sum, crc32.IEEETable, body[at:next])
		at = next
	}
	w.align()
	dst = binary.LittleEndian.AppendUint32(w.out[:w.at], sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(len(body))) // modulo 2^32, as it should be
}

// block writes a block, and returns where it ends: a match may go on behind its
// size. An end of body that is reached that way has an empty block behind it.
func (e *Encoder) block(w *writer, body []byte, at int, final bool) int {
	begin, before := at, *w
	end := min(at+blockSize, len(body))
	next := e.read(body, at, min(at+chunkSize, end))
	e.count(body[at:], e.seqs)
	if next < end {
		e.sampled()
	}
	e.build()
	w.grow(maxHeader)
	w.header(&e.codes, final)
	for {
		w.grow(2 * (next - at + 8)) // a literal has at most 14 bits
		w.sequences(&e.codes, body[at:next], e.seqs)
		if at = next; at >= end {
			break
		}
		next = e.read(body, at, min(at+chunkSize, end))
	}
	w.putCode(e.literal[endOfBlock])
	if n := at - begin; w.at-before.at > n+storedHeader*(n/maxStored+1) {
		w.at, w.bits, w.n = before.at, before.bits, before.n
		w.store(body[begin:at], final)
	}
	return at
}

const (
	maxStored    = 1<<16 - 1
	storedHeader = 5
)

// store writes b as it is.
func (w *writer) store(b []byte, final bool) {
	w.grow(len(b) + (storedHeader+1)*(len(b)/maxStored+1))
	for {
		part := b[:min(len(b), maxStored)]
		b = b[len(part):]
		w.blockType(stored, final && len(b) == 0)
		w.align()
		w.put(uint64(len(part)), 16)
		w.put(uint64(len(part))^0xffff, 16)
		w.at += copy(w.out[w.at:], part)
		if len(b) == 0 {
			return
		}
	}
}
