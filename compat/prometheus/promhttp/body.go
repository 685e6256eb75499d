package promhttp

import (
	"sync"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp/internal"
	"github.com/pawl-metrics/pawl/encode/linegzip"
)

// body is an exposition on its way to who asked for it.
//
// Ownership. One goroutine writes it. After that it may be read by several, who share
// the packed bytes as well, until the last gives it back.
type body struct {
	text     []byte
	err      error // what gathering returned beside the families
	families int   // how many there are, where err makes that a question

	gzip, zstd packing
	packer     *linegzip.Encoder // made for the first who asks
}

// packing is a body in one coding. The first who asks makes it.
type packing struct {
	once  sync.Once
	bytes []byte
}

// reuse returns b's memory as an empty body.
func (b *body) reuse() *body {
	*b = body{text: b.text[:0], packer: b.packer,
		gzip: packing{bytes: b.gzip.bytes[:0]}, zstd: packing{bytes: b.zstd.bytes[:0]}}
	return b
}

// packed returns the bytes in a coding that is available. gzip is package linegzip's,
// which needs a tenth of the time of the standard library's default level.
func (b *body) packed(c Compression) []byte {
	switch c {
	case Gzip:
		b.gzip.once.Do(b.packGzip)
		return b.gzip.bytes
	case Zstd:
		b.zstd.once.Do(func() { b.zstd.bytes = internal.Zstd(b.zstd.bytes[:0], b.text) })
		return b.zstd.bytes
	}
	return b.text
}

func (b *body) packGzip() {
	if b.packer == nil {
		b.packer = new(linegzip.Encoder)
	}
	b.gzip.bytes = b.packer.AppendGzip(b.gzip.bytes[:0], b.text)
}

// Write and the methods below are what expfmt looks for in a writer. Where it does not find
// them it puts a buffer of its own in between.
func (b *body) Write(p []byte) (int, error) {
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *body) WriteString(s string) (int, error) {
	b.text = append(b.text, s...)
	return len(s), nil
}

func (b *body) WriteByte(c byte) error {
	b.text = append(b.text, c)
	return nil
}

func (b *body) WriteRune(r rune) (int, error) {
	n := len(b.text)
	b.text = utf8.AppendRune(b.text, r)
	return len(b.text) - n, nil
}

// spares keeps bodies for the next requests: a sync.Pool would drop buffers of megabytes
// around every garbage collection, and scrapes come less often than those.
type spares struct {
	mu   sync.Mutex
	idle []*body // empty
}

// maxSpares is how many are kept. Requests that overlap more than that are rare.
const maxSpares = 2

func (s *spares) take() *body {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.idle)
	if n == 0 {
		return new(body)
	}
	b := s.idle[n-1]
	s.idle = s.idle[:n-1]
	return b
}

func (s *spares) put(b *body) {
	b.reuse()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) < maxSpares {
		s.idle = append(s.idle, b)
	}
}
