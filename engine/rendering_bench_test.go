package engine

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/shard"
)

// BenchmarkRendering compares the scrape of counters with designs that keep what
// was rendered before, which are not used: docs/performance.md says why.
//
//	impl=now       every line is put together from name, labels and digits
//	impl=block     64 lines are kept; they are copied when no value has changed
//	impl=patch     64 lines are kept; digits that changed are written over the old ones
//	impl=cells     as patch, and the kept block knows where the cells are, so that a
//	               scrape need not look at the series
//	impl=memcpy    the same bytes, copied
func BenchmarkRendering(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		reg := NewRegistry()
		vec := MustCounterVec[pathLabels](reg, Opts{Name: "http_requests_total", Help: "h"})
		handles := make([]*Counter, n)
		for i := range handles {
			handles[i] = vec.With(pathLabels{"GET", fmt.Sprintf("/api/v1/users/%d", i), "200"})
			handles[i].Add(uint64(i * 7919 % 99_991))
		}
		var whole bytes.Buffer
		if _, err := reg.WriteText(&whole); err != nil {
			b.Fatal(err)
		}
		for _, part := range []int{0, 100} { // percent of values that change between scrapes
			touch := func() {
				for i := range n * part / 100 {
					handles[i].Inc()
				}
			}
			for _, impl := range []string{"now", "block", "patch", "cells", "memcpy"} {
				b.Run(fmt.Sprintf("impl=%s/series=%d/changed=%d", impl, n, part), func(b *testing.B) {
					scrape := rendering(impl, reg, vec, whole.Bytes())
					scrape()
					for b.Loop() {
						b.StopTimer()
						touch()
						b.StartTimer()
						scrape()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/series")
				})
			}
		}
	}
}

type pathLabels struct{ Method, Path, Code string }

func rendering(impl string, reg *Registry, vec *CounterVec[pathLabels], text []byte) func() {
	switch impl {
	case "now":
		return func() { _, _ = reg.WriteText(io.Discard) }
	case "memcpy":
		piece := make([]byte, chunk)
		return func() {
			for part := range slices.Chunk(text, chunk) {
				copy(piece, part)
			}
		}
	}
	list := vec.series.list()
	blocks := make([]keptBlock, (len(list)+batch-1)/batch)
	for i := range blocks {
		part := list[i*batch : min(len(list), (i+1)*batch)]
		blocks[i].keep(vec.fam, part)
	}
	t := reg.takeExposition()
	t.w = io.Discard
	return func() {
		for i := range blocks {
			k := &blocks[i]
			switch part := list[i*batch : min(len(list), (i+1)*batch)]; impl {
			case "block":
				t.readOnly(part)
				if t.counts != k.counts {
					k.keep(vec.fam, part)
				}
			case "patch":
				t.readOnly(part)
				k.patch(t, vec.fam, part)
			case "cells":
				for i := range part {
					t.counts[i] = k.slabs[i].Sum(0)
				}
				k.patch(t, vec.fam, part)
			}
			t.buf = append(t.buf, k.text...)
			t.flush()
		}
		t.drain()
	}
}

func (t *exposition) readOnly(part []placed[Counter]) {
	for i, p := range part {
		t.counts[i] = p.s.cell.Sum(0)
	}
}

// keptBlock is up to 64 lines of an earlier scrape: some 100 bytes a series.
type keptBlock struct {
	text   []byte
	counts [batch]uint64
	ends   [batch]uint32 // of each line's digits
	slabs  [batch]shard.Slab
}

func (k *keptBlock) keep(f *family, part []placed[Counter]) {
	k.text = k.text[:0]
	name := f.form(Format{}).names[noSuffix]
	for i, p := range part {
		c := p.s
		k.counts[i], k.slabs[i] = c.cell.Sum(0), c.cell
		k.text = encode.AppendUint(c.text.prefix().Append(name.Append(k.text)), k.counts[i])
		k.ends[i] = uint32(len(k.text))
		k.text = append(k.text, '\n')
	}
}

// patch writes the digits that changed over the old ones. A number that has grown
// longer makes the block anew.
func (k *keptBlock) patch(t *exposition, f *family, part []placed[Counter]) {
	for i := range part {
		now := t.counts[i]
		if now == k.counts[i] {
			continue
		}
		var room [24]byte
		digits := encode.AppendUint(room[:0], now)
		at := int(k.ends[i]) - len(digits)
		if k.text[at-1] != ' ' {
			k.keep(f, part)
			return
		}
		copy(k.text[at:], digits)
		k.counts[i] = now
	}
}
