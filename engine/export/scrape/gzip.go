package scrape

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// packers keeps idle gzip writers. Each holds some hundreds of kilobytes, which a
// sync.Pool would drop and make again around every garbage collection.
type packers struct {
	mu   sync.Mutex
	idle []*gzip.Writer
}

// maxIdle is how many writers are kept: more are only in use together when
// collections are compressed faster than they are made.
const maxIdle = 2

// gzipped returns the collection's bytes compressed, which the first request to
// ask does for all that share it.
func (p *packers) gzipped(b *body) []byte {
	b.pack.Do(func() {
		out := bytes.NewBuffer(b.gz[:0])
		z := p.take()
		z.Reset(out)
		// Neither can fail: the writer below is memory.
		_, _ = z.Write(b.text)
		_ = z.Close()
		b.gz = out.Bytes()
		p.put(z)
	})
	return b.gz
}

func (p *packers) take() *gzip.Writer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		z := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return z
	}
	// The fastest level: on exposition text it gives up a few percent of the
	// ratio for several times the speed.
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant that the package knows
	}
	return z
}

func (p *packers) put(z *gzip.Writer) {
	z.Reset(nil) // or it would keep the buffer
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) < maxIdle {
		p.idle = append(p.idle, z)
	}
}

// acceptsGzip says whether Accept-Encoding headers prefer gzip to identity, or
// like both as well (RFC 9110, 12.5.3). A wildcard alone gets identity: whoever
// sends it has not said that it can unpack gzip.
func acceptsGzip(headers []string) bool {
	gzip, identity := -1.0, -1.0
	for _, h := range headers {
		for clause := range strings.SplitSeq(h, ",") {
			switch name, q := encodingClause(clause); name {
			case "gzip", "x-gzip":
				gzip = max(gzip, q)
			case "identity":
				identity = q
			}
		}
	}
	return gzip > 0 && gzip >= identity
}

// encodingClause parses one clause: its encoding in lower case, and its weight. A
// weight that is no number from 0 to 1 counts as 0: what is garbled is not a
// wish.
func encodingClause(clause string) (name string, q float64) {
	name, params, _ := strings.Cut(clause, ";")
	q = 1
	for p := range strings.SplitSeq(params, ";") {
		key, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(key), "q") {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || !(v >= 0 && v <= 1) {
				v = 0
			}
			q = v
		}
	}
	return strings.ToLower(strings.TrimSpace(name)), q
}
