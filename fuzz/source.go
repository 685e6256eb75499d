package fuzz

import (
	"encoding/binary"
	"math"
	"strings"
)

// Source turns bytes into choices. Every byte means something and every sequence
// of bytes is a program, so a mutation nearly always leads somewhere new. Past
// the end everything is zero.
type Source struct {
	data []byte
	long int // bytes of repeated text handed out so far
}

// NewSource returns a source that reads data.
func NewSource(data []byte) *Source { return &Source{data: data} }

// Done says whether all bytes are used.
func (s *Source) Done() bool { return len(s.data) == 0 }

// Byte returns the next byte.
func (s *Source) Byte() byte {
	if s.Done() {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

// Pick returns a number below n, which is at most 256.
func (s *Source) Pick(n int) int { return int(s.Byte()) % n }

// Word returns eight bytes as a number.
func (s *Source) Word() uint64 {
	var w [8]byte
	s.data = s.data[copy(w[:], s.data):]
	return binary.LittleEndian.Uint64(w[:])
}

// Uint returns a number: mostly one where something changes, or any at all.
func (s *Source) Uint() uint64 {
	if i := s.Pick(2 * len(uints)); i < len(uints) {
		return uints[i]
	}
	return s.Word() >> (s.Byte() % 64)
}

// Float returns a float64: mostly one of the awkward ones, or any bits at all.
func (s *Source) Float() float64 {
	switch i := s.Pick(4 * len(floats)); {
	case i < 3*len(floats):
		return floats[i%len(floats)]
	case i%2 == 0:
		return float64(int64(s.Uint()))
	}
	return math.Float64frombits(s.Word())
}

// Text returns a string for a label value or a help text.
func (s *Source) Text() string { return s.text(0) }

func (s *Source) text(depth int) string {
	switch b := s.Byte(); {
	case b < 0x90:
		return texts[int(b)%len(texts)]
	case b < 0xd0 || depth == 3:
		return s.raw(int(b - 0x90))
	case b < 0xf8:
		return s.text(depth+1) + s.text(depth+1)
	default:
		return s.repeated(s.text(depth+1), 3<<(2*(b&7))) // up to 49152 times
	}
}

func (s *Source) raw(n int) string {
	n = min(n, len(s.data))
	t := string(s.data[:n])
	s.data = s.data[n:]
	return t
}

// maxLong bounds what one input can make of repeated text: enough for a value
// longer than the engine's 64 KiB chunk, little enough to stay fast.
const maxLong = 80 << 10

func (s *Source) repeated(t string, n int) string {
	if t == "" {
		return ""
	}
	n = min(n, (maxLong-s.long)/len(t))
	s.long += n * len(t)
	return strings.Repeat(t, n)
}

// Name returns a family name, as often as not one that was used before.
func (s *Source) Name() string {
	b := s.Byte()
	if b >= 0xc8 {
		return s.odd(oddNames)
	}
	return names[int(b)%len(names)] + suffixes[int(b)/len(names)%len(suffixes)]
}

// LabelName returns the name of a label.
func (s *Source) LabelName() string {
	if b := s.Byte(); b < 0xc0 {
		return labelNames[int(b)%len(labelNames)]
	}
	return s.odd(oddLabelNames)
}

// odd returns one of the list, or some text.
func (s *Source) odd(list []string) string {
	if i := s.Pick(2 * len(list)); i < len(list) {
		return list[i]
	}
	return s.Text()
}
