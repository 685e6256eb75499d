package graphite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/outbox"
)

// Source is what is sent: an *engine.Registry, mostly. Families are valid during the call
// only.
type Source interface {
	Gather(ctx context.Context, each func(*encode.Family) error) error
}

// Options says where to send and how. Addr is required.
type Options struct {
	Addr    string // host:port of carbon's plaintext listener; its usual port is 2003
	Network string // "tcp", which the zero value is, or "unix"

	Prefix string // comes before each name, with a dot between; may have dots itself
	Tags   bool   // labels become tags, which carbon has since version 1.1, and not parts of the path
	Style  Style

	Interval time.Duration // between the pushes of Run; zero is a minute, carbon's finest by default
	Timeout  time.Duration // for one try to deliver a push; zero is 10 s
	Grace    time.Duration // for delivering what is left when Run ends; zero is 5 s

	// MaxBuffer bounds the bytes that wait for delivery; zero is 16 MiB. See the
	// package comment.
	MaxBuffer int

	// NoConfirm does not wait for the other side to close the connection: for
	// receivers that never do. What they had not read when they went is then lost.
	NoConfirm bool

	// OnError is called with what Run does not return: failed tries, collectors that
	// failed. Calls do not overlap. Nil ignores them; Stats counts all the same.
	OnError func(error)

	// Dial makes connections, for TLS or for tests; nil is a net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Now is the clock that lines are stamped with; nil is time.Now.
	Now func() time.Time
}

// Stats counts lines by what became of them.
type Stats struct {
	Sent       uint64 // and, unless NoConfirm, read to the end by the other side
	Overflowed uint64 // dropped because MaxBuffer was reached
	Refused    uint64 // always 0: carbon cannot refuse
	Unsent     uint64 // dropped when Run ended, for want of Grace
	Retries    uint64 // pushes that failed and were kept, once for each time

	WaitingBytes   int
	WaitingBatches int // pushes that wait
}

// Bridge sends a source to one carbon. Its methods may be called concurrently, but of Run
// only one call at a time.
type Bridge struct {
	src    Source
	o      Options
	runner outbox.Runner
	size   int // of the last push in bytes; belongs to the runner's gathering
}

const (
	minBackoff = time.Second
	maxBackoff = 30 * time.Second
)

// New returns a bridge. It connects to nothing yet.
func New(src Source, o Options) (*Bridge, error) {
	if err := validate(src, &o); err != nil {
		return nil, fmt.Errorf("graphite: %w", err)
	}
	b := &Bridge{src: src, o: o}
	b.runner = outbox.Runner{Box: outbox.New(o.MaxBuffer), Interval: o.Interval, Grace: o.Grace,
		Gather: b.gather, Send: b.send, MinBackoff: minBackoff, MaxBackoff: maxBackoff, OnError: o.OnError}
	return b, nil
}

func validate(src Source, o *Options) error {
	switch {
	case src == nil:
		return errors.New("there is nothing to send: Source is nil")
	case o.Addr == "":
		return errors.New("there is no address")
	case o.Interval < 0 || o.Timeout < 0 || o.Grace < 0 || o.MaxBuffer < 0:
		return errors.New("an interval, a time or a size is negative")
	case o.Style >= numStyles:
		return fmt.Errorf("style %d: there is no such style", o.Style)
	}
	o.Prefix = strings.Trim(o.Prefix, ".")
	if !utf8.ValidString(o.Prefix) || strings.ContainsFunc(o.Prefix, noPrefix) {
		return fmt.Errorf("prefix %q: want UTF-8 without spaces, quotes and semicolons", o.Prefix)
	}
	o.defaults()
	return nil
}

func noPrefix(r rune) bool { return r == ';' || r == '"' || unicode.IsSpace(r) || unicode.IsControl(r) }

func (o *Options) defaults() {
	if o.Network == "" {
		o.Network = "tcp"
	}
	setZero(&o.Interval, time.Minute)
	setZero(&o.Timeout, 10*time.Second)
	setZero(&o.Grace, 5*time.Second)
	setZero(&o.MaxBuffer, 16<<20)
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func setZero[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Push sends the present samples and returns when they are delivered. It tries once. If
// a collector fails the others' samples are sent, and the error tells of it.
func (b *Bridge) Push(ctx context.Context) error {
	push, err := b.render(ctx, 0)
	if err != nil {
		err = fmt.Errorf("graphite: %w", err)
	}
	return errors.Join(err, b.deliver(ctx, push.Body))
}

// Run pushes at once and then at every interval until ctx ends, then a last time. It
// returns nil if everything was delivered then, or dropped before. See the package
// comment on what happens while carbon is away.
func (b *Bridge) Run(ctx context.Context) error {
	if err := b.runner.Run(ctx); err != nil {
		return fmt.Errorf("graphite: %s: %w", b.o.Addr, err)
	}
	return nil
}

// Stats returns the counts of what Run has done so far.
func (b *Bridge) Stats() Stats { return Stats(b.runner.Box.Stats()) }

func (b *Bridge) gather(ctx context.Context, _ bool, put func(outbox.Batch)) error {
	push, err := b.render(ctx, b.size)
	if push.Samples > 0 {
		put(push)
	}
	if b.size = len(push.Body); err != nil {
		return fmt.Errorf("graphite: %w", err)
	}
	return nil
}

// render makes the lines of one push, with what there is if something fails.
func (b *Bridge) render(ctx context.Context, size int) (outbox.Batch, error) {
	l := lines{o: &b.o, now: b.o.Now().Unix(), dst: make([]byte, 0, size+size/8)}
	err := b.src.Gather(ctx, func(f *encode.Family) error {
		l.family(f)
		return nil
	})
	return outbox.Batch{Body: l.dst, Samples: l.n}, err
}

func (b *Bridge) send(ctx context.Context, push outbox.Batch) outbox.Outcome {
	return outbox.Outcome{Err: b.deliver(ctx, push.Body), Again: true}
}
