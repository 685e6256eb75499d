package pushgateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/encode/linegzip"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/internal/post"
)

// Source is what is pushed: an *engine.Registry, mostly.
type Source interface {
	WriteExpositionContext(ctx context.Context, w io.Writer, o engine.ExpositionOptions) (int64, error)
}

// Options says where to push and as what. URL and Job are required.
type Options struct {
	URL string // of the gateway, such as http://pushgateway:9091, or with the path that leads to it
	Job string // the label job of everything that is pushed

	// Grouping are the other labels of the grouping key. Their names are ASCII; their
	// values may be any UTF-8.
	Grouping map[string]string

	// Format is text 0.0.4, which the zero value is, or delimited protobuf: a gateway
	// knows no other. Native histograms need protobuf and a gateway of 1.8 or later.
	Format encode.Format

	// Gzip compresses what is pushed. Gateways understand it from version 1.5 on.
	Gzip bool

	// Username and Password, or BearerToken, are sent with each request. URL may have
	// the first two as well.
	Username, Password string
	BearerToken        string
	Header             http.Header // more headers

	// Client sends the requests, with whatever it has of TLS, proxies and redirects; a
	// redirect that would lose the body is an error with any. Nil is a client
	// with the default transport that waits 30 s for an answer.
	Client *http.Client
}

// StatusError is a refusal by the gateway.
type StatusError struct {
	Method, Job, URL string
	Status           int
	Text             string // the beginning of the answer, which explains
}

func (e *StatusError) Error() string {
	a := post.Answer{Status: e.Status, Text: e.Text}
	return fmt.Sprintf("pushgateway: job %q: %s %s: %v", e.Job, e.Method, e.URL, a.Err())
}

// Pusher pushes to one group. Its methods may be called concurrently; in which order
// the gateway gets what they push is then open.
type Pusher struct {
	src  Source
	o    Options
	key  checker
	post *post.Poster
}

// New returns a pusher. It sends nothing yet.
func New(src Source, o Options) (*Pusher, error) {
	p := &Pusher{src: src, o: o, key: newChecker(o.Job, o.Grouping)}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("pushgateway: job %q: %w", o.Job, err)
	}
	return p, nil
}

func (p *Pusher) check() error {
	if p.src == nil {
		return errors.New("there is nothing to push: Source is nil")
	}
	if s := p.o.Format.Syntax; s != encode.Text004 && s != encode.ProtobufDelimited {
		return fmt.Errorf("format %s: a gateway takes text 0.0.4 or delimited protobuf", p.o.Format)
	}
	if err := checkKey(p.o.Job, p.o.Grouping); err != nil {
		return err
	}
	target := string(appendKey([]byte(strings.TrimRight(p.o.URL, "/")), p.o.Job, p.o.Grouping))
	var err error
	p.post, err = post.New(p.o.Client, 30*time.Second, target, p.o.Header, post.Auth{
		Username: p.o.Username, Password: p.o.Password, BearerToken: p.o.BearerToken})
	return err
}

// Push makes the group what the registry has now.
func (p *Pusher) Push(ctx context.Context) error { return p.send(ctx, http.MethodPut) }

// Add replaces those families of the group that the registry has.
func (p *Pusher) Add(ctx context.Context) error { return p.send(ctx, http.MethodPost) }

// Delete deletes the group.
func (p *Pusher) Delete(ctx context.Context) error {
	return p.do(ctx, http.MethodDelete, nil, nil)
}

func (p *Pusher) send(ctx context.Context, method string) error {
	var body bytes.Buffer
	_, err := p.src.WriteExpositionContext(ctx, &body, engine.ExpositionOptions{Format: p.o.Format})
	if err == nil {
		err = p.key.check(body.Bytes(), p.o.Format)
	}
	if err != nil {
		return p.failed(method, err)
	}
	header := http.Header{"Content-Type": {p.o.Format.ContentType()}}
	if !p.o.Gzip {
		return p.do(ctx, method, header, body.Bytes())
	}
	header.Set("Content-Encoding", "gzip")
	return p.do(ctx, method, header, new(linegzip.Encoder).AppendGzip(nil, body.Bytes()))
}

func (p *Pusher) do(ctx context.Context, method string, header http.Header, body []byte) error {
	answer, err := p.post.Do(ctx, method, header, body)
	if err != nil {
		return p.failed(method, err)
	}
	if answer.Err() != nil {
		return &StatusError{method, p.o.Job, p.post.URL(), answer.Status, answer.Text}
	}
	return nil
}

func (p *Pusher) failed(method string, err error) error {
	return fmt.Errorf("pushgateway: job %q: %s %s: %w", p.o.Job, method, p.post.URL(), err)
}

// LocalIP returns the address of this machine from which it reaches a gateway: a good
// value for the label instance where host names are not unique. It sends nothing.
func LocalIP(ctx context.Context, gateway string) (string, error) {
	u, err := url.Parse(gateway)
	if err != nil || u.Hostname() == "" {
		return "", errors.New("pushgateway: LocalIP: the gateway's URL has no host")
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", fmt.Errorf("pushgateway: LocalIP: %w", err)
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).IP.String(), nil
}
