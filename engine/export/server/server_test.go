package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello ", r.URL.Path) })

// start serves until the test ends, and fails it if that does not go well.
func start(t *testing.T, h http.Handler, o Options) *Server {
	t.Helper()
	s, err := Listen("127.0.0.1:0", h, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		o    Options
		want map[string]string
	}{
		{Options{}, map[string]string{"/metrics": "200 hello /metrics", "/": "404 Metrics are at /metrics.\n", "/metrics/": "404 Metrics are at /metrics.\n"}},
		{Options{Path: "/m", HealthPath: "/-/healthy"}, map[string]string{"/m": "200 hello /m", "/-/healthy": "200 ok\n", "/metrics": "404 Metrics are at /m.\n"}},
		{Options{Path: "/", HealthPath: "/healthy"}, map[string]string{"/": "200 hello /", "/x//y": "200 hello /x//y", "/healthy": "200 ok\n"}},
	} {
		s := start(t, hello, c.o)
		for path, want := range c.want {
			status, text := get(t, http.DefaultClient, "http://"+s.Addr().String()+path)
			if got := fmt.Sprint(status, " ", text); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		if status, _ := get(t, http.DefaultClient, s.URL()); status != 200 {
			t.Errorf("%s: %d", s.URL(), status)
		}
	}
}

// Every limit is set, because net/http's zero is none.
func TestLimits(t *testing.T) {
	s, err := build(hello, &Options{WriteTimeout: 7 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	h := &s.http
	if h.ReadHeaderTimeout != 5*time.Second || h.ReadTimeout != 10*time.Second || h.WriteTimeout != 7*time.Minute || h.IdleTimeout != 2*time.Minute || h.MaxHeaderBytes != 64<<10 {
		t.Errorf("%v %v %v %v %d", h.ReadHeaderTimeout, h.ReadTimeout, h.WriteTimeout, h.IdleTimeout, h.MaxHeaderBytes)
	}
}

// A client that does not finish its header is sent away.
func TestSlowHeader(t *testing.T) {
	s := start(t, hello, Options{ReadHeaderTimeout: 20 * time.Millisecond})
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n"); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(conn); err != nil || strings.Contains(string(text), "200") {
		t.Errorf("%q, %v", text, err)
	}
}

// Requests under way at the end are answered; new ones are not accepted.
func TestGracefulEnd(t *testing.T) {
	entered, free := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-free
		fmt.Fprint(w, "done")
	})
	s, err := Listen("127.0.0.1:0", h, Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	answer := make(chan string)
	go func() {
		_, text := get(t, http.DefaultClient, s.URL())
		answer <- text
	}()
	<-entered
	cancel()
	for refused := false; !refused; { // the listener closes a moment after the context
		conn, err := net.Dial("tcp", s.Addr().String())
		if refused = err != nil; !refused {
			conn.Close()
		}
	}
	close(free)
	if text := <-answer; text != "done" {
		t.Errorf("%q", text)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What takes longer than the grace is cut off, and the error says so.
func TestGraceEnds(t *testing.T) {
	entered := make(chan struct{})
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})
	s, err := Listen("127.0.0.1:0", h, Options{Grace: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()
	go func() {
		if answer, err := http.Get(s.URL()); err == nil {
			answer.Body.Close()
		}
	}()
	<-entered
	cancel()
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "cut off") {
		t.Error(err)
	}
}

func TestAddressInUse(t *testing.T) {
	s := start(t, hello, Options{})
	addr := s.Addr().String()
	if err := ListenAndServe(t.Context(), addr, hello, Options{}); err == nil || !strings.HasPrefix(err.Error(), "server: "+addr) {
		t.Error(err)
	}
}

func TestServe(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- Serve(ctx, l, hello, Options{}) }()
	if status, _ := get(t, http.DefaultClient, "http://"+l.Addr().String()+"/metrics"); status != 200 {
		t.Error(status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A listener that fails ends Serve.
func TestListenerFails(t *testing.T) {
	s, err := Listen("127.0.0.1:0", hello, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context()); err == nil {
		t.Error("served on a closed port")
	}
}

func TestBadOptions(t *testing.T) {
	for _, o := range []Options{{Path: "metrics"}, {HealthPath: "h"}, {HealthPath: "/metrics"}} {
		if _, err := Listen("127.0.0.1:0", hello, o); err == nil {
			t.Errorf("%+v is taken", o)
		}
	}
	if _, err := Listen("127.0.0.1:0", nil, Options{}); err == nil {
		t.Error("nothing to serve")
	}
}
