package promhttp

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// full is a ResponseWriter with all optional interfaces, which notes what is called.
type full struct {
	*httptest.ResponseRecorder
	called []string
}

var errHijack = errors.New("no connection")

func (f *full) closeNotify() <-chan bool { f.called = append(f.called, "CloseNotify"); return nil }
func (f *full) flush()                   { f.called = append(f.called, "Flush") }
func (f *full) hijack() (net.Conn, *bufio.ReadWriter, error) {
	f.called = append(f.called, "Hijack")
	return nil, nil, errHijack
}
func (f *full) readFrom(r io.Reader) (int64, error) {
	f.called = append(f.called, "ReadFrom")
	return io.Copy(f.Body, r)
}
func (f *full) push(target string, _ *http.PushOptions) error {
	f.called = append(f.called, "Push "+target)
	return nil
}

// The writers below are made of these, and of a plain ResponseWriter, in all ways.
type (
	base  struct{ http.ResponseWriter }
	withC struct{ f *full }
	withF struct{ f *full }
	withH struct{ f *full }
	withR struct{ f *full }
	withP struct{ f *full }
)

func (w withC) CloseNotify() <-chan bool                      { return w.f.closeNotify() }
func (w withF) Flush()                                        { w.f.flush() }
func (w withH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.f.hijack() }
func (w withR) ReadFrom(r io.Reader) (int64, error)           { return w.f.readFrom(r) }
func (w withP) Push(target string, o *http.PushOptions) error { return w.f.push(target, o) }
func makeFull() (*full, base, withC, withF, withH, withR, withP) {
	f := &full{ResponseRecorder: httptest.NewRecorder()}
	return f, base{f.ResponseRecorder}, withC{f}, withF{f}, withH{f}, withR{f}, withP{f}
}

// writers returns a ResponseWriter for each set of optional interfaces.
func writers() (all [32]http.ResponseWriter, fulls [32]*full) {
	for set := range all {
		fl, b, c, f, h, r, p := makeFull()
		fulls[set] = fl
		all[set] = [32]http.ResponseWriter{
			b, struct {
				base
				withC
			}{b, c}, struct {
				base
				withF
			}{b, f}, struct {
				base
				withC
				withF
			}{b, c, f},
			struct {
				base
				withH
			}{b, h}, struct {
				base
				withC
				withH
			}{b, c, h}, struct {
				base
				withF
				withH
			}{b, f, h}, struct {
				base
				withC
				withF
				withH
			}{b, c, f, h},
			struct {
				base
				withR
			}{b, r}, struct {
				base
				withC
				withR
			}{b, c, r}, struct {
				base
				withF
				withR
			}{b, f, r}, struct {
				base
				withC
				withF
				withR
			}{b, c, f, r},
			struct {
				base
				withH
				withR
			}{b, h, r}, struct {
				base
				withC
				withH
				withR
			}{b, c, h, r}, struct {
				base
				withF
				withH
				withR
			}{b, f, h, r}, struct {
				base
				withC
				withF
				withH
				withR
			}{b, c, f, h, r},
			struct {
				base
				withP
			}{b, p}, struct {
				base
				withC
				withP
			}{b, c, p}, struct {
				base
				withF
				withP
			}{b, f, p}, struct {
				base
				withC
				withF
				withP
			}{b, c, f, p},
			struct {
				base
				withH
				withP
			}{b, h, p}, struct {
				base
				withC
				withH
				withP
			}{b, c, h, p}, struct {
				base
				withF
				withH
				withP
			}{b, f, h, p}, struct {
				base
				withC
				withF
				withH
				withP
			}{b, c, f, h, p},
			struct {
				base
				withR
				withP
			}{b, r, p}, struct {
				base
				withC
				withR
				withP
			}{b, c, r, p}, struct {
				base
				withF
				withR
				withP
			}{b, f, r, p}, struct {
				base
				withC
				withF
				withR
				withP
			}{b, c, f, r, p},
			struct {
				base
				withH
				withR
				withP
			}{b, h, r, p}, struct {
				base
				withC
				withH
				withR
				withP
			}{b, c, h, r, p}, struct {
				base
				withF
				withH
				withR
				withP
			}{b, f, h, r, p}, struct {
				base
				withC
				withF
				withH
				withR
				withP
			}{b, c, f, h, r, p},
		}[set]
	}
	return all, fulls
}

// A response is what the writer below it is, no more and no less, and passes everything on.
func TestResponseSets(t *testing.T) {
	all, fulls := writers()
	for set, below := range all {
		if got := setOf(below); got != uint(set) {
			t.Fatalf("writer %d is %d", set, got)
		}
		noted, w := newResponse(below, nil)
		if got := setOf(w); got != uint(set) {
			t.Errorf("%d becomes %d", set, got)
		}
		var want []string
		if c, ok := w.(closeNotifier); ok {
			c.CloseNotify()
			want = append(want, "CloseNotify")
		}
		if h, ok := w.(http.Hijacker); ok {
			if _, _, err := h.Hijack(); err != errHijack {
				t.Error(err)
			}
			want = append(want, "Hijack")
		}
		if p, ok := w.(http.Pusher); ok {
			p.Push("x", nil)
			want = append(want, "Push x")
		}
		if noted.begun || noted.status != 0 {
			t.Errorf("%d: status %d before anything is written", set, noted.status)
		}
		n := int64(0)
		if r, ok := w.(io.ReaderFrom); ok {
			n, _ = r.ReadFrom(strings.NewReader("four"))
			want = append(want, "ReadFrom")
			if n != 4 || noted.status != 200 {
				t.Errorf("%d: read %d, status %d", set, n, noted.status)
			}
		}
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
			want = append(want, "Flush")
			if noted.status != 200 {
				t.Errorf("%d: flushed, status %d", set, noted.status)
			}
		}
		w.Write([]byte("five!"))
		if noted.written != n+5 || noted.status != 200 || fulls[set].Body.Len() != int(n+5) {
			t.Errorf("%d: %d bytes, status %d, %q", set, noted.written, noted.status, fulls[set].Body)
		}
		if got := strings.Join(fulls[set].called, ","); got != strings.Join(want, ",") {
			t.Errorf("%d: called %s, want %q", set, got, want)
		}
		if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); !ok || u.Unwrap() != below {
			t.Errorf("%d is not unwrapped", set)
		}
	}
}

// Whatever the set, a response is one allocation: the wrapping costs none.
func TestResponseAllocations(t *testing.T) {
	all, _ := writers()
	for set, below := range all {
		var w http.ResponseWriter
		if n := testing.AllocsPerRun(100, func() { _, w = newResponse(below, nil) }); n != 1 {
			t.Errorf("%d: %v allocations", set, n)
		}
		_ = w
	}
}

// Connections can be taken over, and deadlines set, through a response of a real server.
func TestHijack(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, upgraded := newResponse(w, nil)
		if err := http.NewResponseController(upgraded).EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		conn, rw, err := http.NewResponseController(upgraded).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		rw.WriteString("HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		rw.Flush()
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 418 {
		t.Error(resp.Status)
	}
}

// What is flushed arrives while the handler is still at work.
func TestFlush(t *testing.T) {
	arrived := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, upgraded := newResponse(w, nil)
		io.WriteString(upgraded, "x")
		if err := http.NewResponseController(upgraded).Flush(); err != nil {
			t.Error(err)
		}
		<-arrived
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	close(arrived)
}
