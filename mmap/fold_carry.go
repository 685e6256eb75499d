package mmap

import (
	"os"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// carryInto adds the series of a dead file to b.
func carryInto(b *file.Builder, f *os.File) error {
	return withView(f, func(v file.View) error { return carryView(b, v) })
}

func carryView(b *file.Builder, v file.View) error {
	p, err := v.Published()
	if err != nil {
		return err
	}
	var x file.Index
	if err := x.Extend(v, p.Extents); err != nil {
		return err
	}
	carried := make(map[string][]uint64)
	for e, err := range x.Walk(0, p.Directory) {
		if err != nil {
			return err
		}
		if e.State.Status() != file.Live {
			continue
		}
		var r file.Record
		if err := x.Record(e.At, &r); err != nil {
			return err
		}
		d, err := descriptor.Parse(r.Desc)
		if err != nil {
			return err
		}
		if d.Kind != descriptor.Counter {
			continue
		}
		d.Carried = true
		desc := descriptor.Append(nil, d)
		if carried[string(desc)] == nil {
			if carried[string(desc)], err = b.Add(desc, int(r.Words)); err != nil {
				return err
			}
		}
		cells := make([]uint64, r.Words)
		for _, at := range x.Stripes(r.Chunk) {
			x.CopyCells(cells, at+uint64(r.First)*8)
			for i, n := range cells {
				carried[string(desc)][i] += n
			}
		}
	}
	return nil
}
