package promhttp

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// A ResponseWriter may be more: there are five interfaces that handlers look for. A response
// must be all that the writer below it is, and nothing else, so that each of their 32
// sets takes a type. The name of one lists its members: C CloseNotify, F Flush, H Hijack,
// R ReadFrom, P Push. It is the type of the set without its last member, with the method of
// that. In the end each is a pointer to a response, which an interface holds
// without an allocation.
type (
	onlyC     struct{ *response }
	onlyF     struct{ *response }
	onlyCF    struct{ onlyC }
	onlyH     struct{ *response }
	onlyCH    struct{ onlyC }
	onlyFH    struct{ onlyF }
	onlyCFH   struct{ onlyCF }
	onlyR     struct{ *response }
	onlyCR    struct{ onlyC }
	onlyFR    struct{ onlyF }
	onlyCFR   struct{ onlyCF }
	onlyHR    struct{ onlyH }
	onlyCHR   struct{ onlyCH }
	onlyFHR   struct{ onlyFH }
	onlyCFHR  struct{ onlyCFH }
	onlyP     struct{ *response }
	onlyCP    struct{ onlyC }
	onlyFP    struct{ onlyF }
	onlyCFP   struct{ onlyCF }
	onlyHP    struct{ onlyH }
	onlyCHP   struct{ onlyCH }
	onlyFHP   struct{ onlyFH }
	onlyCFHP  struct{ onlyCFH }
	onlyRP    struct{ onlyR }
	onlyCRP   struct{ onlyCR }
	onlyFRP   struct{ onlyFR }
	onlyCFRP  struct{ onlyCFR }
	onlyHRP   struct{ onlyHR }
	onlyCHRP  struct{ onlyCHR }
	onlyFHRP  struct{ onlyFHR }
	onlyCFHRP struct{ onlyCFHR }
)

func (w onlyC) CloseNotify() <-chan bool { return w.closeNotify() }

func (w onlyF) Flush()  { w.flush() }
func (w onlyCF) Flush() { w.flush() }

func (w onlyH) Hijack() (net.Conn, *bufio.ReadWriter, error)   { return w.hijack() }
func (w onlyCH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w onlyFH) Hijack() (net.Conn, *bufio.ReadWriter, error)  { return w.hijack() }
func (w onlyCFH) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.hijack() }

func (w onlyR) ReadFrom(src io.Reader) (int64, error)    { return w.readFrom(src) }
func (w onlyCR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w onlyFR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w onlyCFR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w onlyHR) ReadFrom(src io.Reader) (int64, error)   { return w.readFrom(src) }
func (w onlyCHR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w onlyFHR) ReadFrom(src io.Reader) (int64, error)  { return w.readFrom(src) }
func (w onlyCFHR) ReadFrom(src io.Reader) (int64, error) { return w.readFrom(src) }

func (w onlyP) Push(target string, o *http.PushOptions) error     { return w.push(target, o) }
func (w onlyCP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w onlyFP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w onlyCFP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyHP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w onlyCHP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyFHP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyCFHP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w onlyRP) Push(target string, o *http.PushOptions) error    { return w.push(target, o) }
func (w onlyCRP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyFRP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyCFRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w onlyHRP) Push(target string, o *http.PushOptions) error   { return w.push(target, o) }
func (w onlyCHRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w onlyFHRP) Push(target string, o *http.PushOptions) error  { return w.push(target, o) }
func (w onlyCFHRP) Push(target string, o *http.PushOptions) error { return w.push(target, o) }

// upgrades makes the type of a set, whose number has a bit for each member, C the lowest.
var upgrades = [32]func(*response) http.ResponseWriter{
	func(w *response) http.ResponseWriter { return w },
	func(w *response) http.ResponseWriter { return onlyC{w} },
	func(w *response) http.ResponseWriter { return onlyF{w} },
	func(w *response) http.ResponseWriter { return onlyCF{onlyC{w}} },
	func(w *response) http.ResponseWriter { return onlyH{w} },
	func(w *response) http.ResponseWriter { return onlyCH{onlyC{w}} },
	func(w *response) http.ResponseWriter { return onlyFH{onlyF{w}} },
	func(w *response) http.ResponseWriter { return onlyCFH{onlyCF{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyR{w} },
	func(w *response) http.ResponseWriter { return onlyCR{onlyC{w}} },
	func(w *response) http.ResponseWriter { return onlyFR{onlyF{w}} },
	func(w *response) http.ResponseWriter { return onlyCFR{onlyCF{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyHR{onlyH{w}} },
	func(w *response) http.ResponseWriter { return onlyCHR{onlyCH{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyFHR{onlyFH{onlyF{w}}} },
	func(w *response) http.ResponseWriter { return onlyCFHR{onlyCFH{onlyCF{onlyC{w}}}} },
	func(w *response) http.ResponseWriter { return onlyP{w} },
	func(w *response) http.ResponseWriter { return onlyCP{onlyC{w}} },
	func(w *response) http.ResponseWriter { return onlyFP{onlyF{w}} },
	func(w *response) http.ResponseWriter { return onlyCFP{onlyCF{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyHP{onlyH{w}} },
	func(w *response) http.ResponseWriter { return onlyCHP{onlyCH{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyFHP{onlyFH{onlyF{w}}} },
	func(w *response) http.ResponseWriter { return onlyCFHP{onlyCFH{onlyCF{onlyC{w}}}} },
	func(w *response) http.ResponseWriter { return onlyRP{onlyR{w}} },
	func(w *response) http.ResponseWriter { return onlyCRP{onlyCR{onlyC{w}}} },
	func(w *response) http.ResponseWriter { return onlyFRP{onlyFR{onlyF{w}}} },
	func(w *response) http.ResponseWriter { return onlyCFRP{onlyCFR{onlyCF{onlyC{w}}}} },
	func(w *response) http.ResponseWriter { return onlyHRP{onlyHR{onlyH{w}}} },
	func(w *response) http.ResponseWriter { return onlyCHRP{onlyCHR{onlyCH{onlyC{w}}}} },
	func(w *response) http.ResponseWriter { return onlyFHRP{onlyFHR{onlyFH{onlyF{w}}}} },
	func(w *response) http.ResponseWriter { return onlyCFHRP{onlyCFHR{onlyCFH{onlyCF{onlyC{w}}}}} },
}
