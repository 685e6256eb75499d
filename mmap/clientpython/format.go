package clientpython

import (
	"encoding/binary"
	"math"
)

// Entry is one sample of one process. Of a histogram, buckets are not cumulative.
type Entry struct {
	Key       string // JSON: [family, sample, {label: value}, help]
	Value     float64
	Timestamp float64 // seconds since 1970, of mostrecent gauges; 0 for none
}

const (
	headerSize = 8
	keyOffset  = 4 // of the key in an entry
)

// numbers is how many bytes of numbers follow the key of an entry: what tells the two
// layouts apart.
type numbers int

const (
	valueOnly numbers = 8  // before release 0.18
	withStamp numbers = 16 // since
)

// Decode returns the entries of a file's bytes. Data may end with the last entry or have
// anything behind it. It is not kept.
//
// The error says at which byte the entries stop making sense; none is returned then.
// The result takes up at most a few times the size of the data, whatever they claim.
func Decode(data []byte) ([]Entry, error) {
	b, err := parse(data)
	if err != nil {
		return nil, err
	}
	return b.list(), nil
}

// body is the part of a file that is in use, all of whose entries lie within.
type body struct {
	data    []byte
	numbers numbers
	entries int
}

// list returns the entries, apart from the data.
func (b *body) list() []Entry {
	text := string(b.data) // one allocation for all keys
	entries := make([]Entry, 0, b.entries)
	for pos := headerSize; pos < len(b.data); {
		key, value, next := b.at(pos)
		pos += keyOffset
		entries = append(entries, Entry{text[pos : pos+len(key)], b.value(value), b.stamp(value)})
		pos = next
	}
	return entries
}

// parse finds the part that is in use, and which layout it has.
func parse(data []byte) (body, error) {
	used, err := usedOf(data)
	if err != nil || used <= headerSize {
		return body{}, err
	}
	if used > len(data) {
		return body{}, damaged(len(data), ErrTruncated)
	}
	b, wrong := walk(data[:used], withStamp)
	if wrong == nil {
		return b, nil
	}
	old, wrongToo := walk(data[:used], valueOnly)
	if wrongToo == nil {
		return old, nil
	}
	if wrongToo.offset > wrong.offset { // it fits better
		wrong = wrongToo
	}
	return body{}, wrong
}

// usedOf reads how many bytes are in use. A file of no bytes, and one in which the
// writer has not got further than to size it, have no entries.
func usedOf(data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	if len(data) < headerSize {
		return 0, damaged(len(data), ErrTruncated)
	}
	used := int(int32(binary.NativeEndian.Uint32(data)))
	if used < 0 || used > 0 && used < headerSize {
		return 0, damaged(0, ErrCorrupt)
	}
	return used, nil
}

// walk goes from entry to entry, and fails unless the last one ends where the data
// end. A key is JSON and an array, so it begins with a bracket: what a wrong layout
// takes for one does not.
func walk(data []byte, n numbers) (body, *damage) {
	b := body{data: data, numbers: n}
	for pos := headerSize; pos < len(data); b.entries++ {
		if len(data)-pos <= keyOffset {
			return body{}, &damage{pos, ErrCorrupt}
		}
		size := int(int32(binary.NativeEndian.Uint32(data[pos:])))
		if size <= 0 || size > len(data)-pos || data[pos+keyOffset] != '[' {
			return body{}, &damage{pos, ErrCorrupt}
		}
		next := numbersAfter(pos, size) + int(n)
		if next > len(data) {
			return body{}, &damage{pos, ErrCorrupt}
		}
		pos = next
	}
	return b, nil
}

// numbersAfter returns where the numbers of an entry begin: behind at least one space,
// and aligned.
func numbersAfter(pos, size int) int { return (pos + keyOffset + size + 8) &^ 7 }

// at returns the key of the entry at pos, the place of its numbers, and the place of
// the next entry.
func (b *body) at(pos int) (key []byte, value, next int) {
	size := int(binary.NativeEndian.Uint32(b.data[pos:]))
	value = numbersAfter(pos, size)
	return b.data[pos+keyOffset : pos+keyOffset+size], value, value + int(b.numbers)
}

func (b *body) value(at int) float64 { return float(b.data[at:]) }

func (b *body) stamp(value int) float64 {
	if b.numbers == valueOnly {
		return 0
	}
	return float(b.data[value+8:])
}

func float(b []byte) float64 { return math.Float64frombits(binary.NativeEndian.Uint64(b)) }

func appendFloat(dst []byte, v float64) []byte {
	return binary.NativeEndian.AppendUint64(dst, math.Float64bits(v))
}

// appendEntry appends an entry in a layout.
func appendEntry(dst []byte, e Entry, n numbers) []byte {
	end := numbersAfter(0, len(e.Key))
	dst = binary.NativeEndian.AppendUint32(dst, uint32(len(e.Key)))
	dst = append(append(dst, e.Key...), "        "[:end-keyOffset-len(e.Key)]...)
	dst = appendFloat(dst, e.Value)
	if n == withStamp {
		dst = appendFloat(dst, e.Timestamp)
	}
	return dst
}
