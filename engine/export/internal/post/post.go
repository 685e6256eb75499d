// Package post sends one HTTP request with a body and reports what came of it, in
// errors that a person can act upon. It has what the packages that push over HTTP
// would otherwise each get wrong alone:
//
//   - A redirect must not change the request. On 301, 302 and 303 net/http goes on with
//     GET and without the body, which many servers answer with 200: nothing was pushed
//     and nobody is told. Such a redirect is an error here; 307 and 308 are followed.
//   - The answer is read to its end, or the connection could not be used again, but not
//     without limit.
//   - No password appears in an error.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"
)

// Poster sends requests to one place. It may be used concurrently.
type Poster struct {
	client http.Client
	url    *url.URL
	header http.Header
}

// Auth is how requests say who sends them: a name and password, or a token.
type Auth struct {
	Username, Password string
	BearerToken        string
}

// New returns a poster for an absolute URL. client may be nil, which is one of its own with a
// timeout; header is sent with each request.
func New(client *http.Client, timeout time.Duration, target string, header http.Header, auth Auth) (*Poster, error) {
	u, err := parse(target)
	if err != nil {
		return nil, err
	}
	p := &Poster{client: http.Client{Timeout: timeout}, url: u, header: header.Clone()}
	if client != nil {
		p.client = *client
	}
	follow := p.client.CheckRedirect
	p.client.CheckRedirect = func(r *http.Request, via []*http.Request) error { return redirect(follow, r, via) }
	if p.header == nil {
		p.header = make(http.Header)
	}
	return p, auth.apply(p.header)
}

func parse(target string) (*url.URL, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, errors.New("the URL cannot be parsed") // the error would show it, with its password
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the URL is not http://host or https://host") // not shown: without a scheme, a password is not seen as one
	}
	return u, nil
}

func (a Auth) apply(h http.Header) error {
	if a.BearerToken != "" && a.Username+a.Password != "" {
		return errors.New("both a bearer token and a user name or password: a request has room for one of them")
	}
	if a.BearerToken != "" {
		h.Set("Authorization", "Bearer "+a.BearerToken)
	}
	if a.Username+a.Password != "" {
		r := http.Request{Header: h}
		r.SetBasicAuth(a.Username, a.Password)
	}
	return nil
}

// redirect decides on a redirect: the client's own policy, and none that turns a
// request into another one.
func redirect(follow func(*http.Request, []*http.Request) error, r *http.Request, via []*http.Request) error {
	if r.Method != via[0].Method {
		return fmt.Errorf("redirected from %s to %s %s: that would lose the body", via[0].Method, r.Method, r.URL.Redacted())
	}
	if follow != nil {
		return follow(r, via)
	}
	if len(via) >= 10 {
		return errors.New("stopped after 10 redirects")
	}
	return nil
}

// URL returns where requests go, without the password.
func (p *Poster) URL() string { return p.url.Redacted() }

// Answer is what a server said.
type Answer struct {
	Status int
	Header http.Header
	Text   string // the beginning of the body
}

// Err returns nil for a status of 2xx, and else an error with status and text.
func (a *Answer) Err() error {
	if a.Status/100 == 2 {
		return nil
	}
	if a.Text == "" {
		return fmt.Errorf("%d %s", a.Status, http.StatusText(a.Status))
	}
	return fmt.Errorf("%d %s: %q", a.Status, http.StatusText(a.Status), a.Text)
}

const (
	excerpt = 512     // bytes of an answer that are shown
	most    = 1 << 20 // and that are read
)

// Do sends a request. The error is for requests that got no answer.
func (p *Poster) Do(ctx context.Context, method string, header http.Header, body []byte) (*Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if r.Header = p.header.Clone(); p.url.User != nil && r.Header.Get("Authorization") == "" {
		password, _ := p.url.User.Password()
		r.SetBasicAuth(p.url.User.Username(), password)
	}
	for k, v := range header {
		r.Header[k] = v
	}
	if host := r.Header.Get("Host"); host != "" { // net/http takes it from here only
		r.Host = host
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, bare(err)
	}
	defer answer.Body.Close()
	return read(answer), nil
}

// bare takes method and URL out of an error, which whoever reports it has already.
func bare(err error) error {
	var full *url.Error
	if errors.As(err, &full) {
		return full.Err
	}
	return err
}

func read(answer *http.Response) *Answer {
	text := make([]byte, excerpt)
	n, _ := io.ReadFull(answer.Body, text)
	_, _ = io.CopyN(io.Discard, answer.Body, most)
	return &Answer{answer.StatusCode, answer.Header, string(whole(bytes.TrimSpace(text[:n])))}
}

// whole cuts off a character of which only the beginning was read.
func whole(text []byte) []byte {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return text[:i]
			}
			break
		}
	}
	return text
}
