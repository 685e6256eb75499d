package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// large returns a registry of several chunks, with lines and families longer
// than one.
func large() *Registry {
	r := everything()
	v := MustStringCounterVec(r, Opts{Name: "many_total", Help: strings.Repeat("Long help. ", 10_000)}, "a", "b")
	for i := range 5000 {
		v.With(fmt.Sprint(i), "").Add(uint64(i))
	}
	v.With("long", strings.Repeat("\"x", 100_000)).Inc()
	MustHistogram(r, buckets("wide", LinearBuckets(0, 1, 5000)...)).Observe(7)
	return r
}

// chunks records what is written to it, and checks that it is whole lines.
type chunks struct {
	t   *testing.T
	all bytes.Buffer
	n   int
}

func (c *chunks) Write(p []byte) (int, error) {
	if len(p) == 0 || p[len(p)-1] != '\n' {
		c.t.Errorf("chunk %d of %d bytes ends within a line", c.n, len(p))
	}
	c.n++
	return c.all.Write(p)
}

func TestWriteTextEqualsAppendText(t *testing.T) {
	for name, r := range map[string]*Registry{"empty": NewRegistry(), "everything": everything(), "large": large()} {
		want := string(r.AppendText([]byte("before ")))
		w := &chunks{t: t}
		for range 2 {
			w.all.Reset()
			w.n = 0
			n, err := r.WriteText(w)
			if err != nil || n != int64(w.all.Len()) || "before "+w.all.String() != want {
				t.Errorf("%s: wrote %d bytes, said %d, %v; AppendText gives %d", name, w.all.Len(), n, err, len(want)-7)
			}
		}
		if name == "large" && w.n < 3 {
			t.Errorf("written in %d chunks", w.n)
		}
		parse(t, w.all.String())
	}
}

// AppendText appends wherever dst has room, and elsewhere when it has none.
func TestAppendTextUsesDst(t *testing.T) {
	r := NewRegistry()
	MustCounter(r, Opts{Name: "c_total", Help: "Counted."}).Add(1234567)
	MustUpDown(r, named("u")).Add(-98765)
	MustHistogramVec[route](r, buckets("h", 1)).With(route{"GET", "/\"path\"", 200}).Observe(0.123)
	want := string(r.AppendText(nil))
	dst := make([]byte, 3, len(want)+4096)
	copy(dst, "abc")
	got := r.AppendText(dst)
	if string(got) != "abc"+want || &got[0] != &dst[0] {
		t.Error("dst with room was not appended to")
	}
	for room := range len(want) + 40 { // whole-word stores must not need more room than there is
		if got := r.AppendText(make([]byte, 0, room)); string(got) != want {
			t.Fatalf("with room for %d bytes, %d of %d were appended", room, len(got), len(want))
		}
	}
}

var errBroken = errors.New("broken pipe")

// pipe takes so many bytes, in pieces, and then fails, or falls silent.
type pipe struct {
	all    bytes.Buffer
	room   int
	silent bool // a short write without an error
	calls  int  // after it was full
}

func (p *pipe) Write(b []byte) (int, error) {
	n := 0
	for len(b) > 0 && p.room > 0 { // as a socket would: seven bytes at a time
		k := min(7, p.room, len(b))
		p.all.Write(b[:k])
		b, n, p.room = b[k:], n+k, p.room-k
	}
	if len(b) == 0 {
		return n, nil
	}
	p.calls++
	if p.silent {
		return n, nil
	}
	return n, errBroken
}

// A writer that fails gets no more writes, and no callback is asked for it any more;
// its error is returned, with the number of bytes that it took; and the next scrape
// is whole.
func TestWriteTextToABrokenWriter(t *testing.T) {
	r := large()
	asked := 0
	MustGaugeFunc(r, named("zz"), func() float64 { asked++; return 1 })
	want := string(r.AppendText(nil))
	for _, room := range []int{0, 1, 100, chunk - 1, chunk, chunk + 1, len(want) / 2, len(want) - 1} {
		w, before := &pipe{room: room}, asked
		n, err := r.WriteText(w)
		if room < chunk && asked != before {
			t.Errorf("room for %d: a callback was asked after the writer had failed", room)
		}
		if err != errBroken || n != int64(room) || w.calls != 1 {
			t.Errorf("room for %d: n %d, error %v, %d writes after it was full", room, n, err, w.calls)
		}
		if w.all.String() != want[:room] {
			t.Errorf("room for %d: other bytes than AppendText", room)
		}
		var whole bytes.Buffer
		if n, err := r.WriteText(&whole); err != nil || n != int64(len(want)) || whole.String() != want {
			t.Fatalf("room for %d: the next scrape: %d bytes, %v", room, n, err)
		}
	}
	w := &pipe{room: len(want)}
	if n, err := r.WriteText(w); n != int64(len(want)) || err != nil {
		t.Errorf("just enough room: %d, %v", n, err)
	}
}

// A writer that takes less than it was given and says nothing must not make a
// truncated scrape look whole.
func TestWriteTextToAShortWriter(t *testing.T) {
	r := large()
	for _, room := range []int{0, 10, chunk + 10} {
		w := &pipe{room: room, silent: true}
		if n, err := r.WriteText(w); err != io.ErrShortWrite || n != int64(room) || w.calls != 1 {
			t.Errorf("room for %d: n %d, error %v, %d writes after it was full; want %v", room, n, err, w.calls, io.ErrShortWrite)
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// A writer may use the registry, and panic: no lock is held.
func TestWriterMayUseTheRegistry(t *testing.T) {
	r := large()
	want := len(r.AppendText(nil))
	_, err := r.WriteText(writerFunc(func(p []byte) (int, error) {
		if n := len(r.AppendText(nil)); n != want {
			t.Errorf("a scrape within a scrape has %d bytes, want %d", n, want)
		}
		return len(p), nil
	}))
	if err != nil {
		t.Error(err)
	}
	func() {
		defer func() { recover() }()
		r.WriteText(writerFunc(func([]byte) (int, error) { panic("writer") }))
	}()
	if n := len(r.AppendText(nil)); n != want {
		t.Errorf("after a panic a scrape has %d bytes, want %d", n, want)
	}
}
