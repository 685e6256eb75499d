package graphite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// carbon is a listener that reads connections to their end, unless it is told otherwise.
type carbon struct {
	net.Listener
	handle func(net.Conn) bool // says whether it has dealt with the connection

	mu   sync.Mutex
	text string
}

func newCarbon(t *testing.T, addr string) *carbon {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &carbon{Listener: l}
	t.Cleanup(func() { l.Close() })
	return c
}

func (c *carbon) start() *carbon {
	go func() {
		for {
			conn, err := c.Accept()
			if err != nil {
				return
			}
			if c.handle == nil || !c.handle(conn) {
				text, _ := io.ReadAll(conn)
				c.mu.Lock()
				c.text += string(text)
				c.mu.Unlock()
			}
			conn.Close()
		}
	}()
	return c
}

func (c *carbon) got() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text
}

func bridge(t *testing.T, src Source, o Options) *Bridge {
	t.Helper()
	b, err := New(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPush(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0").start()
	b := bridge(t, families{gauge("g", 1, "a", "b")}, Options{Addr: c.Addr().String(), Now: clock})
	for n := range 3 {
		if err := b.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := strings.Repeat("g.a.b 1 1434898897\n", n+1); c.got() != want {
			t.Errorf("%q, want %q", c.got(), want)
		}
	}
}

// An empty registry is a connection without a byte, as in client_python.
func TestPushNothing(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0").start()
	if err := bridge(t, families{}, Options{Addr: c.Addr().String()}).Push(t.Context()); err != nil || c.got() != "" {
		t.Error(err, c.got())
	}
}

// A receiver that goes away without reading has not got the push, though each Write went
// well: neither if it resets the connection, for there are bytes that it has not read,
// nor if it closes at once, as a proxy without a carbon behind it does.
func TestGoneIsNoticed(t *testing.T) {
	big := families{}
	for i := range 1000 {
		big = append(big, gauge(fmt.Sprintf("g%d", i), 1))
	}
	handles := map[string]func(net.Conn) bool{
		"at once":       func(net.Conn) bool { return true },
		"after a byte":  func(conn net.Conn) bool { _, _ = conn.Read(make([]byte, 1)); return true },
		"after a while": func(conn net.Conn) bool { _, _ = io.ReadFull(conn, make([]byte, 10000)); return true },
	}
	if runtime.GOOS != "linux" { // see closedFirst
		delete(handles, "at once")
	}
	for name, handle := range handles {
		c := newCarbon(t, "127.0.0.1:0")
		c.handle = handle
		c.start()
		b := bridge(t, big, Options{Addr: c.Addr().String()})
		for range 50 {
			if err := b.Push(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "graphite: "+c.Addr().String()) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Who reads to the end has it, however many there are.
func TestConfirmed(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0").start()
	b := bridge(t, families{gauge("g", 1)}, Options{Addr: c.Addr().String()})
	for range 500 {
		if err := b.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// One that never closes has not confirmed; with NoConfirm nobody waits for that.
func TestNoConfirm(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0")
	free := make(chan struct{})
	c.handle = func(conn net.Conn) bool {
		go func() { <-free; conn.Close() }()
		conn.(*net.TCPConn).SetLinger(-1)
		<-free
		return true
	}
	c.start()
	defer close(free)
	o := Options{Addr: c.Addr().String(), Timeout: 50 * time.Millisecond}
	if err := bridge(t, families{gauge("g", 1)}, o).Push(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	o.NoConfirm, o.Timeout = true, time.Minute
	if err := bridge(t, families{gauge("g", 1)}, o).Push(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNobodyListens(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0")
	c.Close()
	if err := bridge(t, families{gauge("g", 1)}, Options{Addr: c.Addr().String()}).Push(t.Context()); err == nil {
		t.Error("nobody listens, and yet all is well")
	}
}

// half is a collector that fails after one family.
type half struct{}

func (half) Gather(_ context.Context, each func(*encode.Family) error) error {
	f := gauge("g", 1)
	return errors.Join(each(&f), errors.New("second collector failed"))
}

func TestCollectorFails(t *testing.T) {
	c := newCarbon(t, "127.0.0.1:0").start()
	err := bridge(t, half{}, Options{Addr: c.Addr().String(), Now: clock}).Push(t.Context())
	if err == nil || !strings.Contains(err.Error(), "second collector") || c.got() != "g 1 1434898897\n" {
		t.Error(err, c.got())
	}
}

// memory is a receiver that lives in memory, so that a test can have its own clock.
type memory struct {
	down func() error
	text strings.Builder // of those connections that were closed in order
}

func (m *memory) dial(context.Context, string, string) (net.Conn, error) {
	if err := m.down(); err != nil {
		return nil, err
	}
	return &memoryConn{m: m}, nil
}

type memoryConn struct {
	net.Conn // for the methods that are not called
	m        *memory
	text     []byte
}

func (c *memoryConn) Write(p []byte) (int, error) { c.text = append(c.text, p...); return len(p), nil }
func (c *memoryConn) CloseWrite() error           { c.m.text.Write(c.text); return nil }
func (c *memoryConn) Read([]byte) (int, error)    { return 0, io.EOF }
func (c *memoryConn) Close() error                { return nil }
func (c *memoryConn) SetDeadline(time.Time) error { return nil }

// After an outage every push arrives, each with the time at which it was made.
func TestRunThroughOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		m := &memory{down: func() error {
			if d := time.Since(start); d > 30*time.Second && d < 5*time.Minute {
				return errors.New("connection refused")
			}
			return nil
		}}
		failures := 0
		b := bridge(t, families{gauge("g", 1)}, Options{Addr: "x", Dial: m.dial, OnError: func(error) { failures++ }})
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute+time.Second)
		defer cancel()
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
		var want strings.Builder
		for minute := range 9 {
			fmt.Fprintf(&want, "g 1 %d\n", start.Add(time.Duration(minute)*time.Minute).Unix())
		}
		fmt.Fprintf(&want, "g 1 %d\n", start.Add(8*time.Minute+time.Second).Unix())
		if m.text.String() != want.String() {
			t.Errorf("%s\nwant\n%s", m.text.String(), want.String())
		}
		if s := b.Stats(); s.Sent != 10 || s.Retries == 0 || int(s.Retries) != failures || s.Overflowed+s.Unsent != 0 || s.WaitingBytes != 0 {
			t.Errorf("%+v, %d failures", s, failures)
		}
	})
}

// The bound holds through an outage of any length, and the newest push survives it.
func TestMaxBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{down: func() error { return errors.New("down") }}
		o := Options{Addr: "x", Dial: m.dial, MaxBuffer: 100}
		b := bridge(t, families{gauge("g", 1), gauge("h", 2)}, o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.Run(ctx) }()
		time.Sleep(time.Second) // between the pushes
		for range 100 {
			time.Sleep(time.Minute)
			if n := b.Stats().WaitingBytes; n > 100 {
				t.Fatalf("%d bytes wait", n)
			}
		}
		cancel()
		if err := <-done; err == nil || !strings.Contains(err.Error(), "not delivered") {
			t.Error(err)
		}
		if s := b.Stats(); s.Sent != 0 || s.Overflowed+s.Unsent != 2*102 || s.Unsent == 0 || s.Unsent > 10 {
			t.Errorf("%+v", s)
		}
	})
}

func TestBadOptions(t *testing.T) {
	for _, o := range []Options{{}, {Addr: "x", Prefix: "a b"}, {Addr: "x", Prefix: "a;b"}, {Addr: "x", Prefix: "\xff"}, {Addr: "x", Prefix: "a\n"},
		{Addr: "x", Prefix: "a\u2003b"}, {Addr: "x", Style: 7}, {Addr: "x", Interval: -1}, {Addr: "x", MaxBuffer: -1}} {
		if _, err := New(families{}, o); err == nil || !strings.HasPrefix(err.Error(), "graphite: ") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := New(nil, Options{Addr: "x"}); err == nil {
		t.Error("nothing to send")
	}
}
