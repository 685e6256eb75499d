package scrape

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// collector runs collections in one format, one at a time, and lets waiting scrapes
// share them.
//
// Ownership. Whoever has put a token into turn may set limit and run a collection, or
// take the latest one; a collection passes the token on when it is done. begun and
// latest belong to mu. A body's bytes belong to the collection until it is
// published, and are then read-only until its last reference is released.
type collector struct {
	src   engine.Source
	opts  engine.ExpositionOptions
	turn  chan struct{}
	limit time.Duration // how long the engine's collectors have; 0 is no limit
	run   func()        // collect, as a value that go need not make each time

	mu     sync.Mutex
	begun  uint64 // collections begun so far
	latest *body  // the newest finished one, or nil
}

// body is the result of one collection.
type body struct {
	number uint64 // it was the number-th collection to begin
	refs   int    // belongs to collector.mu; latest counts as one
	text   []byte
	err    error // why there is no text

	gzip, zstd packing // of text
}

// reuse returns b's memory as the body of another collection.
func (b *body) reuse() *body {
	*b = body{text: b.text[:0], gzip: packing{bytes: b.gzip.bytes[:0]}, zstd: packing{bytes: b.zstd.bytes[:0]}}
	return b
}

func newCollector(src engine.Source, opts engine.ExpositionOptions) *collector {
	c := &collector{src: src, opts: opts, turn: make(chan struct{}, 1)}
	c.run = c.collect
	return c
}

// after returns a collection that began after the call, with a reference that
// the caller has to release. limit is how long the engine's collectors have, if a
// collection is begun for this call.
func (c *collector) after(ctx context.Context, limit time.Duration) (*body, error) {
	c.mu.Lock()
	arrived := c.begun
	c.mu.Unlock()
	for {
		select {
		case c.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if b := c.share(arrived); b != nil {
			<-c.turn
			if b.err != nil {
				defer c.release(b)
				return nil, b.err
			}
			return b, nil
		}
		// In a goroutine of its own: a callback that blocks must not keep this
		// request past its timeout. It takes our token along.
		c.limit = limit
		go c.run()
	}
}

// share returns the latest collection when it began after the arrived-th.
func (c *collector) share(arrived uint64) *body {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest == nil || c.latest.number <= arrived {
		return nil
	}
	c.latest.refs++
	return c.latest
}

// collect runs one collection and passes the turn on.
func (c *collector) collect() {
	defer func() { <-c.turn }()
	b := c.begin()
	c.render(b)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = b
}

// begin starts a collection, in the latest one's buffers when no request reads
// them any more. Scrapes that could still have shared it will share this one.
func (c *collector) begin() *body {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.begun++
	b := c.spare()
	b.number, b.refs = c.begun, 1
	return b
}

// spare takes the latest collection out, and returns its memory if it can be had.
func (c *collector) spare() *body {
	old := c.latest
	c.latest = nil
	if old != nil {
		if old.refs--; old.refs == 0 {
			return old.reuse()
		}
	}
	return new(body)
}

// render fills b. Callbacks that panic are the engine's business; should it panic
// all the same, the scrape fails and the process lives.
func (c *collector) render(b *body) {
	defer func() {
		if p := recover(); p != nil {
			b.text, b.err = b.text[:0], fmt.Errorf("panic: %v", p)
		}
	}()
	ctx, cancel := within(c.limit)
	defer cancel()
	b.text = c.src.AppendExpositionContext(ctx, b.text, c.opts)
}

// within returns the context of a collection. It is not a request's: others may
// share the collection when the one that began it has gone.
func within(limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return context.Background(), func() {}
	}
	return context.WithTimeout(context.Background(), limit)
}

func (c *collector) release(b *body) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b.refs--
}
