package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

// Options configures a server. The zero value serves plain HTTP on the path /metrics.
type Options struct {
	// Path is where the handler is; "" is /metrics, and "/" every path that is not
	// HealthPath.
	Path string

	// HealthPath is answered with 200 and "ok" as long as the server runs, for the probes
	// of an orchestrator. "" means no such path.
	HealthPath string

	TLS *TLS // nil is plain HTTP

	// Times: see the package comment for what zero is.
	ReadHeaderTimeout time.Duration // for the header of a request
	ReadTimeout       time.Duration // for a whole request
	WriteTimeout      time.Duration // from the end of a request's header to the end of its answer
	IdleTimeout       time.Duration // between requests
	Grace             time.Duration // for requests that are under way at the end; zero is 10 s

	// ErrorLog gets what net/http has to say, such as failed handshakes. Nil is the
	// standard logger.
	ErrorLog *log.Logger
}

const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = time.Minute
	idleTimeout       = 2 * time.Minute
	grace             = 10 * time.Second
	maxHeaderBytes    = 64 << 10
)

// Server is a server that has its port already, but serves only in Serve.
type Server struct {
	listener net.Listener
	http     http.Server
	grace    time.Duration
	scheme   string
	path     string
}

// Listen takes the address and reads the TLS files. After it the port is the server's:
// who connects waits for Serve. addr is host:port; port 0 is one that is free, and
// Addr tells which.
func Listen(addr string, h http.Handler, o Options) (*Server, error) {
	s, err := build(h, &o)
	if err == nil {
		s.listener, err = net.Listen("tcp", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("server: %s: %w", addr, err)
	}
	return s, nil
}

// New is Listen on a listener that there is already, which is then the server's to close.
func New(l net.Listener, h http.Handler, o Options) (*Server, error) {
	s, err := build(h, &o)
	if err != nil {
		return nil, fmt.Errorf("server: %s: %w", l.Addr(), err)
	}
	s.listener = l
	return s, nil
}

// ListenAndServe serves h at an address until ctx ends, and returns nil then.
func ListenAndServe(ctx context.Context, addr string, h http.Handler, o Options) error {
	s, err := Listen(addr, h, o)
	if err != nil {
		return err
	}
	return s.Serve(ctx)
}

// Serve serves h on a listener until ctx ends, and returns nil then.
func Serve(ctx context.Context, l net.Listener, h http.Handler, o Options) error {
	s, err := New(l, h, o)
	if err != nil {
		return err
	}
	return s.Serve(ctx)
}

func build(h http.Handler, o *Options) (*Server, error) {
	if h == nil {
		return nil, errors.New("there is nothing to serve: the handler is nil")
	}
	path := or(o.Path, "/metrics")
	if path[0] != '/' || o.HealthPath != "" && o.HealthPath[0] != '/' {
		return nil, fmt.Errorf("paths %q and %q: want a slash first", path, o.HealthPath)
	}
	if path == o.HealthPath {
		return nil, fmt.Errorf("path %q is both the handler's and for health", path)
	}
	s := &Server{grace: or(o.Grace, grace), scheme: "http", path: path, http: http.Server{
		Handler:           route(path, o.HealthPath, h),
		ReadHeaderTimeout: or(o.ReadHeaderTimeout, readHeaderTimeout),
		ReadTimeout:       or(o.ReadTimeout, readTimeout),
		WriteTimeout:      or(o.WriteTimeout, writeTimeout),
		IdleTimeout:       or(o.IdleTimeout, idleTimeout),
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          o.ErrorLog,
	}}
	if o.TLS == nil {
		return s, nil
	}
	s.scheme = "https"
	var err error
	s.http.TLSConfig, err = o.TLS.config()
	return s, err
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// route compares paths as they are: a mux would redirect those that are not clean.
func route(path, health string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case health != "" && r.URL.Path == health:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = w.Write([]byte("ok\n"))
		case path == "/" || r.URL.Path == path:
			h.ServeHTTP(w, r)
		default:
			http.Error(w, "Metrics are at "+path+".", http.StatusNotFound)
		}
	})
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL returns where the handler is, by the address that the server listens on: of one
// that listens on all addresses that is 0.0.0.0 or [::].
func (s *Server) URL() string { return s.scheme + "://" + s.Addr().String() + s.path }

// Serve serves until ctx ends, then finishes what is under way, and returns nil. It can be
// called once. The error is about a listener that failed or about requests that took
// longer than Options.Grace and were cut off.
func (s *Server) Serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.serve() }()
	select {
	case err := <-failed:
		return s.wrap(err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	err := s.http.Shutdown(ending)
	if err != nil {
		err = errors.Join(fmt.Errorf("requests were cut off after %v: %w", s.grace, err), s.http.Close())
	}
	<-failed
	return s.wrap(err)
}

func (s *Server) serve() error {
	if s.http.TLSConfig != nil {
		return s.http.ServeTLS(s.listener, "", "") // the config has the certificate
	}
	return s.http.Serve(s.listener)
}

func (s *Server) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("server: %s: %w", s.Addr(), err)
}

// Close gives the port back without serving, or cuts everything off.
func (s *Server) Close() error { return errors.Join(s.http.Close(), closed(s.listener.Close())) }

// closed takes no offence at what is closed already.
func closed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
