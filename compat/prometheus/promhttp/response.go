package promhttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// response is a ResponseWriter that notes what goes through it.
//
// Model. As any ResponseWriter it belongs to the goroutine that serves the request.
type response struct {
	http.ResponseWriter
	status  int              // what WriteHeader was last given; 0: not called
	written int64            // bytes of body
	begun   bool             // whether WriteHeader has been called
	onBegin func(status int) // called with its first call; may be nil
}

// newResponse returns a response in front of w, and the same as a ResponseWriter that has
// the optional interfaces of w.
func newResponse(w http.ResponseWriter, onBegin func(status int)) (*response, http.ResponseWriter) {
	r := &response{ResponseWriter: w, onBegin: onBegin}
	return r, upgrades[setOf(w)](r)
}

// closeNotifier is http.CloseNotifier, which is deprecated, but still used.
type closeNotifier interface{ CloseNotify() <-chan bool }

// setOf returns the number of the set of optional interfaces that w has.
func setOf(w http.ResponseWriter) (set uint) {
	if _, ok := w.(closeNotifier); ok {
		set |= 1
	}
	if _, ok := w.(http.Flusher); ok {
		set |= 2
	}
	if _, ok := w.(http.Hijacker); ok {
		set |= 4
	}
	if _, ok := w.(io.ReaderFrom); ok {
		set |= 8
	}
	if _, ok := w.(http.Pusher); ok {
		set |= 16
	}
	return set
}

// WriteHeader passes on every call, though only the first is right: the writer below
// complains about the others.
func (r *response) WriteHeader(status int) {
	if r.onBegin != nil && !r.begun {
		r.onBegin(status)
	}
	r.status, r.begun = status, true
	r.ResponseWriter.WriteHeader(status)
}

// begin writes the header that a body implies.
func (r *response) begin() {
	if !r.begun {
		r.WriteHeader(http.StatusOK)
	}
}

func (r *response) Write(b []byte) (int, error) {
	r.begin()
	n, err := r.ResponseWriter.Write(b)
	r.written += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (r *response) Unwrap() http.ResponseWriter { return r.ResponseWriter }

func (r *response) closeNotify() <-chan bool {
	return r.ResponseWriter.(closeNotifier).CloseNotify()
}

func (r *response) flush() {
	r.begin()
	r.ResponseWriter.(http.Flusher).Flush()
}

func (r *response) hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.ResponseWriter.(http.Hijacker).Hijack()
}

func (r *response) readFrom(src io.Reader) (int64, error) {
	r.begin()
	n, err := r.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
	r.written += n
	return n, err
}

func (r *response) push(target string, o *http.PushOptions) error {
	return r.ResponseWriter.(http.Pusher).Push(target, o)
}
