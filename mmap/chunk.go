package mmap

import (
	"runtime"
	"sort"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/mmap/internal/sys"
	"github.com/pawl-metrics/pawl/shard"
)

// chunk is a row of stripes in the file. Address space for all of them is reserved
// at once, and each extent of the file is mapped into it where its stripes belong,
// so a chunk grows without anything moving. The store's mutex guards it.
//
//	reserved  | shared | P 0 | P 1 | P 2 | P 3 | ...      64 KiB each
//	mapped      extent 2 ........... | extent 9 | nothing
//	disk space  ##       ##    ##      ##                 pages up to ready, in each
type chunk struct {
	number  uint32
	space   *space
	region  sys.Region
	runs    []run
	stripes int // that are mapped, the shared one included
	ready   int // bytes of each stripe that have disk space and pages
	used    int // words that slabs have been cut from
	cuts    []cut
	self    *shard.Chunk
}

// run is stripes that came in one extent.
type run struct {
	stripe int
	offset int64 // in the file
}

// cut is a slab's place, which it keeps when it is given to another series.
type cut struct {
	first  int    // word
	record record // of the series that has it, or had it last
}

// newChunk makes a chunk with stripes for ps Ps, and address space for room of them.
func newChunk(number uint32, s *space, ps, room int) (*chunk, error) {
	region, err := sys.Reserve((1 + room) * file.StripeBytes)
	if err != nil {
		return nil, err
	}
	c := &chunk{number: number, space: s, region: region}
	if err := c.extend(1 + ps); err != nil {
		region.Release()
		return nil, err
	}
	return c, nil
}

// extend adds stripes, up to so many in all, or none.
func (c *chunk) extend(stripes int) error {
	err := c.add(stripes - c.stripes)
	if err != nil {
		c.space.abandon()
	}
	return err
}

func (c *chunk) add(n int) error {
	e := file.Extent{Kind: file.Cells, Chunk: c.number, Stripe: uint32(c.stripes), Stripes: uint32(n), Length: uint64(n) * file.StripeBytes}
	if err := c.space.lengthen(&e); err != nil {
		return err
	}
	offset := int64(e.Offset)
	for i := range n {
		if err := c.space.allocate(offset+int64(i)*file.StripeBytes, int64(c.ready)); err != nil {
			return err
		}
	}
	at := c.stripes * file.StripeBytes
	if err := c.region.MapAt(at, c.space.f, offset, int(e.Length)); err != nil {
		return err
	}
	for i := range n {
		if err := c.prefault(c.stripes+i, 0, c.ready); err != nil {
			return err
		}
	}
	c.runs = append(c.runs, run{c.stripes, offset})
	c.stripes += n
	c.space.publish(&e)
	return nil
}

// prepare gives every stripe disk space up to a word.
func (c *chunk) prepare(words int) error {
	to := int(c.space.round(int64(words) * 8))
	if to <= c.ready {
		return nil
	}
	for i := range c.stripes {
		if err := c.space.allocate(c.offset(i)+int64(c.ready), int64(to-c.ready)); err != nil {
			return err
		}
		if err := c.prefault(i, c.ready, to); err != nil {
			return err
		}
	}
	c.ready = to
	return nil
}

// prefault makes pages of a stripe present, so that recording does not fault on them
// while it has a P pinned.
func (c *chunk) prefault(stripe, from, to int) error {
	if from == to {
		return nil
	}
	at := stripe * file.StripeBytes
	return sys.Prefault(c.region.Bytes()[at+from : at+to])
}

// offset returns where in the file a stripe is.
func (c *chunk) offset(stripe int) int64 {
	i := sort.Search(len(c.runs), func(i int) bool { return stripe < c.runs[i].stripe }) - 1
	return c.runs[i].offset + int64(stripe-c.runs[i].stripe)*file.StripeBytes
}

// take cuts a slab from what nobody has had yet, if there is room, and returns its
// place among the cuts.
func (c *chunk) take(words int) (int, error) {
	if err := c.prepare(c.used + words); err != nil {
		return 0, err
	}
	c.cuts = append(c.cuts, cut{first: c.used})
	c.used += words
	return len(c.cuts) - 1, nil
}

// find returns the place of the slab that begins at a word.
func (c *chunk) find(word int) (int, bool) {
	i := sort.Search(len(c.cuts), func(i int) bool { return word <= c.cuts[i].first })
	return i, i < len(c.cuts) && c.cuts[i].first == word
}

// room returns how many stripes for Ps the chunk has address space for.
func (c *chunk) room() int { return c.region.Len()/file.StripeBytes - 1 }

// psNow returns how many Ps a new chunk has stripes for.
func psNow() int { return min(runtime.GOMAXPROCS(0), shard.Stripes()) }
