package remotewrite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/outbox"
	"github.com/pawl-metrics/pawl/engine/export/internal/post"
)

// Source is what is pushed: an *engine.Registry, mostly. Families are valid during the
// call only.
type Source interface {
	Gather(ctx context.Context, each func(*encode.Family) error) error
}

// Version is a version of the protocol.
type Version uint8

// The versions. The zero value is what every receiver understands.
const (
	Version1 Version = iota // 1.0
	Version2                // 2.0
)

func (v Version) String() string {
	if v == Version2 {
		return "2.0"
	}
	return "1.0"
}

// Options says where to push and what. URL is required.
type Options struct {
	URL     string // such as http://prometheus:9090/api/v1/write
	Version Version

	// Labels are put on every series that does not have them: job and instance.
	Labels map[string]string
	// Names says how names that are not legacy-valid are spelled. In version 2.0 it may
	// be encode.AllowUTF8, which leaves them as they are.
	Names encode.Scheme
	// Classic sends, in version 2.0, the classic buckets of native histograms too.
	Classic bool
	// StaleAtEnd marks all series as ended when Run ends.
	StaleAtEnd bool

	Interval time.Duration // between the pushes of Run; zero is 15 s
	Timeout  time.Duration // for one try of one request; zero is 30 s
	Grace    time.Duration // for delivering what is left when Run ends; zero is 5 s

	MaxSamples int // in one request; zero is 2000
	MaxBuffer  int // bytes of requests that wait; zero is 16 MiB. See the package comment.

	// Username and Password, or BearerToken, are sent with each request. URL may have
	// the first two as well.
	Username, Password string
	BearerToken        string
	Header             http.Header // more headers, such as X-Scope-OrgID

	// Client sends the requests, with whatever it has of TLS and proxies. Nil is one with
	// the default transport.
	Client *http.Client

	// OnError is called with what Run does not return: failed tries, refused samples,
	// collectors that failed. Calls do not overlap. Nil ignores them; Stats counts all
	// the same.
	OnError func(error)

	// Now is the clock that samples are stamped with; nil is time.Now.
	Now func() time.Time
}

// Stats counts samples by what became of them; a native histogram is one.
type Stats struct {
	Sent       uint64 // and taken
	Overflowed uint64 // dropped because MaxBuffer was reached
	Refused    uint64 // dropped because the receiver refused them for good
	Unsent     uint64 // dropped when Run ended, for want of Grace
	Retries    uint64 // requests that failed and were kept, once for each time

	WaitingBytes   int
	WaitingBatches int // requests that wait

	Invalid uint64 // samples that were never sent because their labels contradict each other
}

// Writer pushes a source to one receiver. Push and Run exclude each other, because a
// series' samples have to arrive in order: a call while another is under way
// returns [ErrBusy].
type Writer struct {
	o      Options
	post   *post.Poster
	runner outbox.Runner
	collector
}

// ErrBusy is returned by Push and Run while either is under way.
var ErrBusy = outbox.ErrBusy

const (
	minBackoff = 30 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// New returns a writer. It sends nothing yet.
func New(src Source, o Options) (*Writer, error) {
	w := &Writer{o: o}
	if err := w.build(src); err != nil {
		return nil, fmt.Errorf("remotewrite: %w", err)
	}
	return w, nil
}

func (w *Writer) build(src Source) error {
	if src == nil {
		return errors.New("there is nothing to push: Source is nil")
	}
	if err := w.o.check(); err != nil {
		return err
	}
	w.o.defaults()
	var err error
	w.post, err = post.New(w.o.Client, 0, w.o.URL, w.o.header(), post.Auth{
		Username: w.o.Username, Password: w.o.Password, BearerToken: w.o.BearerToken})
	w.collector = collector{src: src, o: &w.o, external: w.o.external()}
	w.runner = outbox.Runner{Box: outbox.New(w.o.MaxBuffer), Interval: w.o.Interval, Grace: w.o.Grace,
		Gather: w.gather, Send: w.send, MinBackoff: minBackoff, MaxBackoff: maxBackoff, OnError: w.o.OnError}
	return err
}

func (o *Options) check() error {
	switch {
	case o.Version > Version2:
		return fmt.Errorf("version %d: there is no such version", o.Version)
	case o.Names == encode.AllowUTF8 && o.Version == Version1:
		return errors.New("names in UTF-8: version 1.0 has none")
	case o.Interval < 0 || o.Timeout < 0 || o.Grace < 0 || o.MaxSamples < 0 || o.MaxBuffer < 0:
		return errors.New("an interval, a time or a size is negative")
	}
	for name, value := range o.Labels {
		good := encode.ValidLabelName(name) || o.Names == encode.AllowUTF8 && encode.ValidUTF8Name(name)
		if !good || name == nameLabel || !utf8.ValidString(value) {
			return fmt.Errorf("label %q=%q cannot be put on a series", name, value)
		}
	}
	return nil
}

func (o *Options) defaults() {
	setZero(&o.Interval, 15*time.Second)
	setZero(&o.Timeout, 30*time.Second)
	setZero(&o.Grace, 5*time.Second)
	setZero(&o.MaxSamples, 2000)
	setZero(&o.MaxBuffer, 16<<20)
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

// header returns what every request says of itself.
func (o *Options) header() http.Header {
	h := http.Header{"User-Agent": {"pawl-remotewrite"}}
	for name, values := range o.Header {
		h[http.CanonicalHeaderKey(name)] = values
	}
	h.Set("Content-Encoding", "snappy")
	h.Set("Content-Type", "application/x-protobuf")
	h.Set("X-Prometheus-Remote-Write-Version", "0.1.0")
	if o.Version == Version2 {
		h.Set("Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request")
		h.Set("X-Prometheus-Remote-Write-Version", "2.0.0")
	}
	return h
}

// external returns Labels, without empty values, which are none.
func (o *Options) external() (list []encode.Label) {
	for _, name := range slices.Sorted(maps.Keys(o.Labels)) {
		if value := o.Labels[name]; value != "" {
			list = append(list, encode.Label{Name: name, Value: value})
		}
	}
	return list
}

// Push sends the present samples and returns when they are taken or refused. It tries
// again until ctx ends, so give it one that does. If a collector fails the others' samples are sent,
// and the error tells of it.
func (w *Writer) Push(ctx context.Context) error { return w.wrap(w.runner.Once(ctx)) }

// Run pushes at once and then at every interval until ctx ends, then a last time. It
// returns nil if everything was delivered then, or dropped before. See the package
// comment on what happens while the receiver is away.
func (w *Writer) Run(ctx context.Context) error { return w.wrap(w.runner.Run(ctx)) }

func (w *Writer) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("remotewrite: %s: %w", w.post.URL(), err)
}

// Stats returns the counts of what Push and Run have done so far.
func (w *Writer) Stats() Stats {
	s := w.runner.Box.Stats()
	return Stats{s.Sent, s.Overflowed, s.Refused, s.Unsent, s.Retries, s.WaitingBytes, s.WaitingBatches, w.invalid.Load()}
}
