package mmap

import "github.com/pawl-metrics/pawl/mmap/internal/file"

// ground is where in a file things are: its extents, and the stripes of the chunks that
// were asked for.
type ground struct {
	index   file.Index
	chunks  []stretch // of each chunk, among the offsets
	offsets []uint64  // of stripes
}

// stretch is a part of a list.
type stretch struct{ from, to int }

// forget makes the stripes of chunks be looked up again: there are new extents.
func (g *ground) forget() { g.chunks, g.offsets = g.chunks[:0], g.offsets[:0] }

// stripes returns where in the file the stripes of a chunk are, the shared one first.
func (g *ground) stripes(chunk uint32) []uint64 {
	if int(chunk) < len(g.chunks) {
		if c := g.chunks[chunk]; c.to > c.from {
			return g.offsets[c.from:c.to]
		}
	}
	return g.find(chunk)
}

func (g *ground) find(chunk uint32) []uint64 {
	shared, ok := g.index.Shared(chunk)
	if !ok || chunk >= file.MaxExtents {
		return nil
	}
	for int(chunk) >= len(g.chunks) {
		g.chunks = append(g.chunks, stretch{})
	}
	from := len(g.offsets)
	g.offsets = append(g.offsets, shared)
	for stripe, at := range g.index.Stripes(chunk) {
		if stripe > 0 {
			g.offsets = append(g.offsets, at)
		}
	}
	g.chunks[chunk] = stretch{from, len(g.offsets)}
	return g.offsets[from:]
}
