package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

var errFull = errors.New("no room for another byte")

// pieces is a writer that passes on n bytes at a time.
type pieces struct {
	n   int
	got bytes.Buffer
}

func (w *pieces) Write(p []byte) (int, error) {
	for i := 0; i < len(p); i += w.n {
		w.got.Write(p[i:min(i+w.n, len(p))])
	}
	return len(p), nil
}

// lines is a writer that insists on whole lines.
type lines struct{ got bytes.Buffer }

func (w *lines) Write(p []byte) (int, error) {
	if len(p) == 0 || p[len(p)-1] != '\n' {
		return 0, fmt.Errorf("a chunk of %d bytes that does not end a line", len(p))
	}
	return w.got.Write(p)
}

// full is a writer with room for n bytes. What does not fit is cut, and err
// returned; with a nil err it breaks the contract of io.Writer, as writers do.
type full struct {
	n      int
	err    error
	got    bytes.Buffer
	failed bool
	after  int // writes after the first that did not fit
}

func (w *full) Write(p []byte) (int, error) {
	if w.failed {
		w.after++
	}
	n := min(len(p), w.n-w.got.Len())
	w.got.Write(p[:n])
	if n < len(p) {
		w.failed = true
		return n, w.err
	}
	return n, nil
}

// families is a writer that insists on whole messages.
type families struct{ got bytes.Buffer }

func (w *families) Write(p []byte) (int, error) {
	if _, err := readProtobuf(p); err != nil {
		return 0, fmt.Errorf("a chunk of %d bytes that does not end a message: %w", len(p), err)
	}
	return w.got.Write(p)
}

func (w *families) bytes() []byte { return w.got.Bytes() }

// checkWriters writes the same exposition through every kind of writer. text is what
// AppendExposition makes of it, and cut is where the small ones are full.
func checkWriters(reg *engine.Registry, o engine.ExpositionOptions, text []byte, cut int) error {
	whole := []interface {
		io.Writer
		bytes() []byte
	}{&pieces{n: 1}, &pieces{n: 7}, &lines{}}
	if o.Format.Syntax == encode.ProtobufDelimited {
		whole[2] = &families{}
	}
	for _, w := range whole {
		n, err := reg.WriteExposition(w, o)
		if err != nil || int(n) != len(text) || !bytes.Equal(w.bytes(), text) {
			return fmt.Errorf("WriteExposition to a %T wrote %d of %d bytes: %v", w, n, len(text), err)
		}
	}
	for _, n := range []int{0, 1, 7, cut, len(text) - 1} {
		if err := checkFull(reg, o, text, &full{n: n, err: errFull}); err != nil {
			return err
		}
		if err := checkFull(reg, o, text, &full{n: n}); err != nil {
			return err
		}
	}
	// A failure is that one scrape's.
	if !bytes.Equal(reg.AppendExposition(nil, o), text) {
		return errors.New("after writers that failed, the exposition is another")
	}
	return nil
}

func (w *pieces) bytes() []byte { return w.got.Bytes() }
func (w *lines) bytes() []byte  { return w.got.Bytes() }

// checkFull expects an error, the number of bytes that were taken, those bytes to
// be the beginning of the document, and no further writes.
func checkFull(reg *engine.Registry, o engine.ExpositionOptions, text []byte, w *full) error {
	w.n = min(w.n, len(text)-1)
	n, err := reg.WriteExposition(w, o)
	switch {
	case !w.failed:
		return fmt.Errorf("WriteText returned %v before the writer was full", err)
	case err == nil:
		return fmt.Errorf("WriteText to a writer that takes %d bytes and returns %v: no error, though %d of %d bytes were written",
			w.n, w.err, w.got.Len(), len(text))
	case w.err != nil && !errors.Is(err, w.err):
		return fmt.Errorf("WriteText returned %v and not the writer's error", err)
	case w.after > 0:
		return fmt.Errorf("WriteText wrote on, %d times, after %v", w.after, err)
	case int(n) != w.got.Len() || !bytes.Equal(w.got.Bytes(), text[:n]):
		return fmt.Errorf("WriteText says that it wrote %d bytes; the writer took %d", n, w.got.Len())
	}
	return nil
}

// The checks above must notice a writer's chunk that is lost.
func TestCheckFullNoticesALostTail(t *testing.T) {
	reg := engine.NewRegistry()
	text := reg.AppendText(nil)
	if err := checkFull(reg, engine.ExpositionOptions{}, append(text, "x 1\n"...), &full{n: len(text) + 3, err: errFull}); err == nil {
		t.Error("a document without its last line passed")
	}
}
