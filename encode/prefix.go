package encode

import "unsafe"

// Prefix is the immutable beginning of sample lines, such as a family's name or a
// series' labels, in memory that is padded so that it can be copied in whole
// 16-byte steps, inline, in place of the two calls to memmove that each line would
// take.
//
// The zero value is empty. Prefixes may be copied and read concurrently.
type Prefix struct {
	p *byte // readable for n rounded up to prefixStep
	n uint32
}

const prefixStep = 16

// NewPrefix returns a prefix with the contents of b. It takes b over when b has
// the capacity for the padding, and copies it otherwise.
func NewPrefix(b []byte) Prefix {
	if n := padded(len(b)); cap(b) < n {
		b = append(make([]byte, 0, n), b...)
	}
	return Prefix{unsafe.SliceData(b), uint32(len(b))}
}

// PrefixCap returns the capacity with which NewPrefix takes over n bytes.
func PrefixCap(n int) int { return padded(n) }

func padded(n int) int { return (n + prefixStep - 1) &^ (prefixStep - 1) }

// String returns the prefix's text, without a copy.
func (p Prefix) String() string { return unsafe.String(p.p, p.n) }

// Parts takes a prefix apart, for holders that pack the length with something else.
func (p Prefix) Parts() (data *byte, n uint32) { return p.p, p.n }

// PrefixOf puts together what Parts took apart.
func PrefixOf(data *byte, n uint32) Prefix { return Prefix{data, n} }

// Append appends the prefix.
func (p Prefix) Append(dst []byte) []byte {
	at, n := len(dst), int(p.n)
	if cap(dst)-at < padded(n) {
		return append(dst, p.String()...)
	}
	// Same as: append(dst, p.String()...)
	// Safety: both sides have room for n rounded up to the step: dst by the
	// check above, p by how it was made.
	to := unsafe.Add(unsafe.Pointer(unsafe.SliceData(dst)), at)
	for i := 0; i < n; i += prefixStep {
		*(*[prefixStep]byte)(unsafe.Add(to, i)) = *(*[prefixStep]byte)(unsafe.Add(unsafe.Pointer(p.p), i))
	}
	return dst[:at+n]
}
