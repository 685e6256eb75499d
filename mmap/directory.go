package mmap

import (
	"slices"
	"sort"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// directory is the directory of a file as its writer has it. The store's mutex
// guards it.
type directory struct {
	space  *space
	pieces []piece
	used   uint64   // published bytes
	dead   deadPool // records that may be written anew
}

// piece is an extent of the directory, mapped.
type piece struct {
	from, to uint64 // in the directory
	offset   int64  // in the file
	ready    uint64 // up to here, in the directory, there is disk space
	region   *mapping
	view     file.View
}

// record is where a record is. It is kept here because what stands in the file might
// be somebody else's work by now.
type record struct {
	at     uint64 // in the directory
	length int
}

// add makes a record public, in the place of a dead one or at the end.
func (d *directory) add(r *file.Record) (record, error) {
	need := file.RecordLength(len(r.Desc), len(r.Replaced))
	if old, ok := d.dead.take(need); ok {
		r.Length, r.State = old.length, file.NewState(file.Live, d.state(old).Uses()+1)
		b, err := r.Encode()
		if err != nil {
			d.dead.put(old)
			return record{}, err
		}
		p := d.piece(old.at)
		p.view.PutRecord(old.at-p.from, b)
		return old, nil
	}
	r.Length, r.State = need, file.NewState(file.Live, 1)
	b, err := r.Encode()
	if err != nil {
		return record{}, err
	}
	return d.append(b)
}

// append writes a record behind the last one, and publishes it.
func (d *directory) append(b []byte) (record, error) {
	n := uint64(len(b))
	p, at, err := d.room(n)
	if err != nil {
		return record{}, err
	}
	if err := d.prepare(p, at+n); err != nil {
		return record{}, err
	}
	p.view.PutRecord(at-p.from, b)
	d.used = at + n
	d.space.view.Publish(file.DirectoryBytesAt, d.used)
	return record{at, len(b)}, nil
}

// room finds n bytes behind the last record, in one extent. What is left of extents
// before becomes filler, which nobody sees before the record is published.
func (d *directory) room(n uint64) (p *piece, at uint64, err error) {
	at = d.used
	for i := d.index(at); ; i++ {
		if i == len(d.pieces) {
			if err := d.grow(n); err != nil {
				return nil, 0, err
			}
		}
		if p = &d.pieces[i]; n <= p.to-at {
			return p, at, nil
		}
		if err := d.prepare(p, at+file.RecordUnit); err != nil {
			return nil, 0, err
		}
		p.view.PutFiller(at-p.from, p.to-at)
		at = p.to
	}
}

// maxPiece is the longest extent of a directory, unless a record needs a longer one.
const maxPiece = 16 << 20

// grow adds an extent with room for n bytes: as long as the directory is so far, so
// that a million series take some twenty extents. What is not used is a hole.
func (d *directory) grow(n uint64) error {
	var all uint64
	if len(d.pieces) > 0 {
		all = d.pieces[len(d.pieces)-1].to
	}
	if d.extend(roundUp(max(n, min(all, maxPiece)))) == nil {
		return nil
	}
	return d.extend(roundUp(n))
}

func roundUp(n uint64) uint64 { return (n + file.Unit - 1) &^ (file.Unit - 1) }

func (d *directory) extend(length uint64) error {
	e := file.Extent{Kind: file.Directory, Length: length}
	if err := d.space.lengthen(&e); err != nil {
		return err
	}
	if err := d.mapPiece(&e); err != nil {
		d.space.abandon()
		return err
	}
	d.space.publish(&e)
	return nil
}

// mapPiece maps an extent of the directory behind the last one.
func (d *directory) mapPiece(e *file.Extent) error {
	region, err := mapFile(d.space.f, int64(e.Offset), int(e.Length))
	if err != nil {
		return err
	}
	view, err := file.NewView(region.Bytes())
	if err != nil {
		region.release()
		return err
	}
	var from uint64
	if n := len(d.pieces); n > 0 {
		from = d.pieces[n-1].to
	}
	d.pieces = append(d.pieces, piece{from, from + e.Length, int64(e.Offset), from, region, view})
	return nil
}

// prepare gives the piece disk space up to an offset of the directory.
func (d *directory) prepare(p *piece, to uint64) error {
	if to <= p.ready {
		return nil
	}
	size := d.space.round(int64(to - p.ready))
	if err := d.space.allocate(p.offset+int64(p.ready-p.from), size); err != nil {
		return err
	}
	p.ready += uint64(size)
	return nil
}

// index returns which extent has an offset of the directory; the number of extents
// when none has.
func (d *directory) index(at uint64) int {
	return sort.Search(len(d.pieces), func(i int) bool { return at < d.pieces[i].to })
}

// piece returns the extent that has an offset of the directory.
func (d *directory) piece(at uint64) *piece { return &d.pieces[d.index(at)] }

// state returns the state of a record.
func (d *directory) state(r record) file.State {
	p := d.piece(r.at)
	return file.State(*p.view.Word(r.at - p.from))
}

// mark changes a record's status.
func (d *directory) mark(r record, s file.Status) {
	p := d.piece(r.at)
	p.view.SetState(r.at-p.from, file.NewState(s, d.state(r).Uses()))
}

// release unmaps everything.
func (d *directory) release() {
	for _, p := range d.pieces {
		p.region.release()
	}
	d.pieces = nil
}

// deadPool is dead records by their length.
type deadPool struct {
	byLength map[int][]record
	lengths  []int // in order, each with a list that is not empty
}

// put adds a record.
func (p *deadPool) put(r record) {
	if p.byLength == nil {
		p.byLength = make(map[int][]record)
	}
	list := p.byLength[r.length]
	if len(list) == 0 {
		i, _ := slices.BinarySearch(p.lengths, r.length)
		p.lengths = slices.Insert(p.lengths, i, r.length)
	}
	p.byLength[r.length] = append(list, r)
}

// take removes the shortest record of at least so many bytes.
func (p *deadPool) take(length int) (record, bool) {
	i, _ := slices.BinarySearch(p.lengths, length)
	if i == len(p.lengths) {
		return record{}, false
	}
	list := p.byLength[p.lengths[i]]
	r := list[len(list)-1]
	if list = list[:len(list)-1]; len(list) == 0 {
		delete(p.byLength, p.lengths[i])
		p.lengths = slices.Delete(p.lengths, i, i+1)
	} else {
		p.byLength[r.length] = list
	}
	return r, true
}
