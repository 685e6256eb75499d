package scrape

import (
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/pawl-metrics/pawl/encode/linegzip"
)

// packing is a collection's bytes in one coding. The first request to ask makes
// them, for all that share the collection.
type packing struct {
	once  sync.Once
	bytes []byte
}

// packers keeps idle compressors. They have a hundred kilobytes (gzip) to some
// megabytes (zstd), which a sync.Pool would drop and make again around every
// garbage collection.
type packers struct {
	mu   sync.Mutex
	idle []*linegzip.Encoder
	zstd *zstd.Encoder // made for the first who asks; compresses one collection at a time
}

// maxIdle is how many gzip encoders are kept: more are only in use together when
// collections are compressed faster than they are made.
const maxIdle = 2

// packed returns the collection's bytes in a coding.
func (p *packers) packed(b *body, c coding) []byte {
	switch c {
	case gzipped:
		b.gzip.once.Do(func() {
			z := p.take()
			b.gzip.bytes = z.AppendGzip(b.gzip.bytes[:0], b.text)
			p.put(z)
		})
		return b.gzip.bytes
	case zstandard:
		b.zstd.once.Do(func() { b.zstd.bytes = p.zstandard().EncodeAll(b.text, b.zstd.bytes[:0]) })
		return b.zstd.bytes
	}
	return b.text
}

func (p *packers) take() *linegzip.Encoder {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return new(linegzip.Encoder)
	}
	z := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return z
}

func (p *packers) put(z *linegzip.Encoder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < maxIdle {
		p.idle = append(p.idle, z)
	}
}

func (p *packers) zstandard() *zstd.Encoder {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.zstd == nil {
		z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
			zstd.WithZeroFrames(true)) // an empty exposition is a frame too
		if err != nil {
			panic(err) // the options are constants that the package knows
		}
		p.zstd = z
	}
	return p.zstd
}
