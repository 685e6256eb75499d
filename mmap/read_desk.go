package mmap

import (
	"unsafe"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// desk is memory in which one goroutine reads one file after the other.
//
// Files of dead processes are read, not mapped: nobody changes them any more, and
// for the few pages that they have, making a mapping, taking the faults and
// taking it down again costs several times as much. The parts that are wanted are
// read to where they would stand in a mapping, so that a [file.View] serves for
// both. What was not read is left over from the file before: nothing looks there,
// because only the pages with records, and the cells that they name, are looked at.
type desk struct {
	limits Limits
	memory []byte
	record file.Record
	spans  []span
	ground ground  // memory for that of the next file
	found  []found // for its entries
	shapes []shape // those met last first
}

// deskBytes is the longest file that is read. Memory is used where something is
// read to; a longer file is mapped.
const deskBytes = 4 << 20

// room returns n bytes that begin at a multiple of 8.
func (d *desk) room(n int64) []byte {
	if int64(len(d.memory)) < n {
		words := make([]uint64, max(n, 1<<20)/8)
		d.memory = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), len(words)*8)
	}
	return d.memory[:n]
}

// headBytes is what is read of each file first: header, published words and as many
// extents as most files have.
const headBytes = file.TableAt + 32*file.ExtentBytes

// read reads header, extents and directory of a file.
func (d *desk) read(h handle, size int64) (file.View, error) {
	if size < file.ExtentsAt {
		return file.View{}, file.ErrTruncated
	}
	mem := d.room(size)
	if err := h.fill(mem[:headBytes], 0); err != nil {
		return file.View{}, err
	}
	v, err := file.NewStill(mem)
	if err != nil {
		return v, err
	}
	p, err := v.Published()
	if err != nil {
		return v, err
	}
	if end := file.ExtentAt(p.Extents); end > headBytes {
		err = h.fill(mem[headBytes:end], headBytes)
	}
	return v, err
}

// readDirectory reads what is published of the directory.
func (d *desk) readDirectory(h handle, x *file.Index, bytes uint64) error {
	for at := uint64(0); at < bytes; {
		offset, room := x.Place(at)
		if room == 0 {
			return damaged(file.DirectoryBytesAt, "directory of %d bytes, and extents for %d", bytes, x.Room())
		}
		n := min(room, bytes-at)
		if err := h.fill(d.memory[offset:offset+n], int64(offset)); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// span is the words of a chunk that are wanted: from, up to to.
type span struct{ from, to uint32 }

// readCells reads the cells of all entries, in every stripe of their chunks.
func (d *desk) readCells(h handle, s *source) error {
	d.spans = d.spans[:0]
	for i := range s.found {
		e := &s.found[i]
		for int(e.chunk) >= len(d.spans) {
			d.spans = append(d.spans, span{from: file.StripeWords})
		}
		w := &d.spans[e.chunk]
		w.from, w.to = min(w.from, e.first), max(w.to, e.first+e.words)
	}
	for chunk, w := range d.spans {
		for _, at := range s.stripes(uint32(chunk)) {
			if w.to <= w.from {
				continue
			}
			from, to := at+uint64(w.from)*8, at+uint64(w.to)*8
			if err := h.fill(d.memory[from:to], int64(from)); err != nil {
				return err
			}
		}
	}
	return nil
}
