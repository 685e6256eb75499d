package fuzz

import (
	"fmt"
	"unsafe"

	"github.com/pawl-metrics/pawl/engine"
)

// vec is a vec of the engine, of any sort, and its registration in the model.
type vec struct {
	name   string // in transcripts
	member *member
	draw   func(*Source) labelled
	reset  func()
	len    func() int
}

// labelled is what can be done to a vec with one drawing of label values.
type labelled struct {
	values []string      // as the policy renders them
	shown  func() string // as Go code
	with   func() any
	delete func() bool
	lookup func() (any, error) // vecs of strings only
}

// with takes a handle.
func (w *World) with(v *vec) error {
	d := v.draw(w.src)
	r := v.member.fam.Registration
	r.Const = v.member.consts
	if !w.fits(&r, d.values) {
		return nil
	}
	id := w.log.with(v, d)
	inst := d.with()
	h := &handle{name: id, inst: inst}
	w.handles = append(w.handles, h)
	if len(d.values) != len(v.member.labels) {
		h.void = WrongCount
		return nil
	}
	h.series = w.Model.With(v.member, d.values...)
	if h.series == nil {
		h.void = NoCells
		return nil
	}
	if h.series.inst == nil {
		h.series.inst = inst
	}
	if h.series.inst != inst {
		return fmt.Errorf("%s.With(%s) returned a second instrument for one series", v.name, d.shown())
	}
	return nil
}

// lookup is with for vecs that report a wrong count.
func (w *World) lookup(v *vec) error {
	d := v.draw(w.src)
	if d.lookup == nil || len(d.values) == len(v.member.labels) {
		return nil
	}
	w.log.call("_, err = %s.Lookup(%s)", v, d)
	inst, err := d.lookup()
	if inst != nil {
		return fmt.Errorf("%s.Lookup(%s) returned an instrument", v.name, d.shown())
	}
	return refusedFor(err, v.member.fam.Name, []error{engine.ErrLabelCount})
}

func (w *World) delete(v *vec) error {
	d := v.draw(w.src)
	w.log.call("%s.Delete(%s)", v, d)
	if got, want := d.delete(), v.member.Delete(d.values...); got != want {
		return fmt.Errorf("%s.Delete(%s) = %v", v.name, d.shown(), got)
	}
	return nil
}

func (w *World) reset(v *vec) error {
	w.log.line("%s.Reset()", v.name)
	v.reset()
	v.member.Reset()
	return nil
}

// forStrings takes what a constructor of a vec of strings returns.
func forStrings[S any](v *engine.StringVec[S], err error) (any, error) {
	return func(mem *member) *vec {
		return &vec{member: mem, reset: v.Reset, len: v.Len, draw: func(src *Source) labelled {
			return withStrings(v, drawValues(src, len(mem.labels)))
		}}
	}, err
}

func withStrings[S any](v *engine.StringVec[S], values []string) labelled {
	return labelled{
		values: values,
		shown:  func() string { return goStrings(values) },
		with: func() any {
			lent, spoil := lend(values)
			defer spoil()
			return v.With(lent...)
		},
		delete: func() bool {
			lent, spoil := lend(values)
			defer spoil()
			return v.Delete(lent...)
		},
		lookup: func() (any, error) {
			s, err := v.Lookup(values...)
			if s == nil {
				return nil, err
			}
			return s, err
		},
	}
}

// drawValues draws label values, one time in sixteen a wrong number of them.
func drawValues(src *Source, n int) []string {
	if n > 0 {
		if b := src.Byte(); b >= 0xf0 {
			n = int(b & 7)
		}
	}
	values := make([]string, n)
	for i := range values {
		values[i] = src.Text()
	}
	return values
}

// lend returns copies of the values whose memory spoil overwrites, as a caller may
// that builds label values in a buffer: the engine has promised to copy.
func lend(values []string) (lent []string, spoil func()) {
	var buffers [][]byte
	for _, v := range values {
		b := []byte(v)
		buffers = append(buffers, b)
		lent = append(lent, unsafe.String(unsafe.SliceData(b), len(b)))
	}
	return lent, func() {
		for _, b := range buffers {
			for i := range b {
				b[i] = '!'
			}
		}
	}
}
