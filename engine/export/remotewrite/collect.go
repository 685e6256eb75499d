package remotewrite

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/klauspost/compress/s2"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/outbox"
	"github.com/pawl-metrics/pawl/nativehist"
)

// maxMessage is the size at which a message is sent though it has room for more
// samples: histograms are large ones.
const maxMessage = 2 << 20

// message is a request in the making.
type message interface {
	// add appends a series. s is used again.
	add(s *series)
	// size returns how many bytes the message has.
	size() int
	// bytes returns the message, and begins another in the same memory.
	bytes() []byte
}

// collector makes requests out of families.
//
// Ownership. It belongs to whoever pushes, of which there is one at a time; invalid may
// be read by anyone.
type collector struct {
	src      Source
	o        *Options
	external []encode.Label // sorted
	invalid  atomic.Uint64

	put      func(outbox.Batch)
	now      int64 // of this push, in milliseconds
	before   int64 // of the push before
	last     bool  // it is the last one
	message  message
	samples  int // in the message
	packed   []byte
	labels   labels
	families int // in this push, for metadata
}

// gather is a push: it makes requests, and hands them to put.
func (c *collector) gather(ctx context.Context, last bool, put func(outbox.Batch)) error {
	// Later than the last push in any case: a series has one sample at a time.
	c.before, c.now = c.now, max(c.o.Now().UnixMilli(), c.now+1)
	c.put, c.last = put, last && c.o.StaleAtEnd
	c.begin()
	err := c.src.Gather(ctx, func(f *encode.Family) error {
		c.family(f)
		return nil
	})
	c.flush()
	if c.last {
		c.now++ // taken by the marks
	}
	if err != nil {
		return fmt.Errorf("remotewrite: %w", err)
	}
	return nil
}

func (c *collector) begin() {
	if c.message != nil {
		return
	}
	c.message = new(message1)
	if c.o.Version == Version2 {
		c.message = newMessage2()
	}
}

func (c *collector) family(f *encode.Family) {
	if !encode.ValidUTF8Name(f.Name) {
		return
	}
	c.labels.begin(f.Name, c.o.Names)
	c.families++
	natives := c.o.Version == Version2 && (f.Type == encode.Histogram || f.Type == encode.GaugeHistogram)
	if natives {
		c.natives(f)
	}
	for p := range f.Points(c.o.Names, encode.AppendCanonicalBound) {
		if natives && !c.o.Classic && native(p.Sample) != nil {
			continue
		}
		c.point(f, &p)
	}
}

// native returns the native histogram of a sample, if it has one that receivers take.
func native(s *encode.Sample) *nativehist.Histogram {
	if s.Histogram == nil {
		return nil
	}
	return s.Histogram.ValidNative()
}

func (c *collector) natives(f *encode.Family) {
	for i := range f.Samples {
		sample := &f.Samples[i]
		h := native(sample)
		if h == nil {
			continue
		}
		s := c.series(f, sample)
		s.native, s.gauge = h, f.Type == encode.GaugeHistogram
		s.exemplars = sample.Histogram.Exemplars
		if len(s.exemplars) == 0 && !c.o.Classic {
			s.exemplars = bucketExemplars(sample.Histogram.Buckets)
		}
		c.add(&s, "", &noBound)
	}
}

// noBound keeps the label of buckets off a native histogram, which may have them beside it.
var noBound = encode.Label{Name: "le"}

// bucketExemplars returns those of classic buckets.
func bucketExemplars(buckets []encode.Bucket) (list []encode.Exemplar) {
	for i := range buckets {
		if e := buckets[i].Exemplar; e != nil {
			list = append(list, *e)
		}
	}
	return list
}

func (c *collector) point(f *encode.Family, p *encode.Point) {
	s := c.series(f, p.Sample)
	s.value = p.Value
	if p.Exemplar != nil {
		s.exemplars = []encode.Exemplar{*p.Exemplar}
	}
	c.add(&s, p.Suffix, &p.Own)
}

// series returns what a sample's series have in common.
func (c *collector) series(f *encode.Family, sample *encode.Sample) series {
	s := series{family: f, of: sample, number: c.families, time: c.now, since: c.before, until: c.now}
	own, timed := millis(sample.Timestamp)
	if timed {
		s.time = own
	}
	s.stale = c.last && !timed
	if cumulative(f.Type) {
		s.start = start(sample.Start, s.time, timed)
	}
	return s
}

func cumulative(t encode.Type) bool {
	return t == encode.Counter || t == encode.Histogram || t == encode.Summary
}

// start returns a start timestamp in milliseconds, 0 for none. It lies before the
// sample: a series that began while the push was under way is stamped with the push's
// beginning, and so it began before that.
func start(t encode.Timestamp, at int64, timed bool) int64 {
	ms, ok := millis(t)
	switch {
	case !ok || ms >= at && timed:
		return 0
	case ms >= at:
		return at - 1
	case ms == 0:
		return 1 // 0 is none, and so its neighbour stands for it
	}
	return ms
}

func millis(t encode.Timestamp) (ms int64, ok bool) {
	const most = 1 << 53 // seconds; far beyond all calendars
	sec, nsec := t.Unix()
	if !t.IsSet() || sec > most || sec < -most {
		return 0, false
	}
	return sec*1000 + int64(nsec)/1e6, true
}

// add puts the series into the message, and sends that if it is full.
func (c *collector) add(s *series, suffix string, own *encode.Label) {
	var ok bool
	if s.labels, ok = c.labels.of(suffix, s.of.Labels, own, c.external); !ok {
		c.invalid.Add(1)
		return
	}
	c.message.add(s)
	if c.samples++; s.stale {
		c.samples++
	}
	if c.samples >= c.o.MaxSamples || c.message.size() >= maxMessage {
		c.flush()
	}
}

// flush hands the message on. What waits is a copy that is no larger than it need be.
func (c *collector) flush() {
	if c.samples == 0 {
		return
	}
	c.packed = s2.EncodeSnappy(c.packed[:cap(c.packed)], c.message.bytes())
	c.put(outbox.Batch{Body: bytes.Clone(c.packed), Samples: c.samples})
	c.samples = 0
}
