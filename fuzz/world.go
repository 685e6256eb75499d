package fuzz

import (
	"fmt"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/shard"
)

// World is a registry and its model, and what a program that uses them holds.
type World struct {
	Reg   *engine.Registry
	Model *Model

	src       *Source
	vecs      []*vec
	handles   []*handle
	callbacks []*Callback
	log       *transcript
	given     int // exemplars

	text []byte // the last scrape's; the next one writes over it
	room int    // bytes by which the exposition may still grow, or so
	read int    // bytes of it that may still be read before the program's end
}

// What bounds a program, so that each takes milliseconds. A finding that needs more
// than this would be no pleasure to read.
const (
	maxSteps = 400
	maxText  = 1 << 20 // bytes of exposition: the longest value in a dozen buckets
	maxRead  = 4 << 20
)

// Run runs the program in data to its end, or to the first command after which
// registry and model differ.
func Run(data []byte) (*World, error) { return run(data, nil) }

// Transcript returns the program in data, as Go, up to where it goes wrong.
func Transcript(data []byte) (text string) {
	t := new(transcript)
	defer func() {
		if r := recover(); r != nil {
			text = t.String() + fmt.Sprintf("// panic: %v\n", r)
		}
	}()
	run(data, t)
	return t.String()
}

func run(data []byte, log *transcript) (*World, error) {
	w := newWorld(NewSource(data), log)
	for range maxSteps {
		if w.src.Done() {
			break
		}
		if err := w.step(); err != nil {
			return w, err
		}
	}
	return w, w.readAll()
}

// newWorld makes an empty registry: one in eight on a store that runs out of cells
// sooner or later, one in four for legacy names alone.
func newWorld(src *Source, log *transcript) *World {
	w := &World{src: src, log: log, room: maxText, read: maxRead}
	b := src.Byte()
	if b >= 0xe0 {
		cells := int(b & 31)
		w.log.line("reg := engine.NewRegistryWith(engine.RegistryOptions{Store: &scarce{left: %d}})", cells)
		w.Reg = engine.NewRegistryWith(engine.RegistryOptions{Store: &scarce{left: cells}})
		w.Model = NewModel(cells)
		return w
	}
	if b >= 0xa0 {
		w.log.line("reg := engine.NewRegistryWith(engine.RegistryOptions{Names: engine.LegacyNames})")
		w.Reg = engine.NewRegistryWith(engine.RegistryOptions{Names: engine.LegacyNames})
		w.Model = NewModel(-1)
		w.Model.legacy = true
		return w
	}
	w.log.line("reg := engine.NewRegistry()")
	w.Reg, w.Model = engine.NewRegistry(), NewModel(-1)
	return w
}

// step runs one command.
func (w *World) step() error {
	switch op := w.src.Pick(16); {
	case op < 2 || len(w.vecs)+len(w.handles)+len(w.callbacks) == 0:
		return w.register()
	case op < 6 && len(w.vecs) > 0:
		return w.with(w.vec())
	case op == 6 && len(w.vecs) > 0:
		return w.delete(w.vec())
	case op == 7 && len(w.vecs) > 0:
		return w.reset(w.vec())
	case op == 8 && len(w.vecs) > 0:
		return w.lookup(w.vec())
	case op == 9 && len(w.callbacks) > 0:
		w.change(w.callbacks[w.src.Pick(len(w.callbacks))])
		return nil
	case op == 10:
		return w.Scrape()
	case len(w.handles) > 0:
		return w.record(w.handles[w.src.Pick(len(w.handles))])
	}
	return w.register()
}

func (w *World) vec() *vec { return w.vecs[w.src.Pick(len(w.vecs))] }

// change makes a callback return something else.
func (w *World) change(c *Callback) {
	b := w.src.Byte()
	c.Panic, c.Value = b&7 == 7, w.src.Float()
	if c.Panic {
		w.log.line("// %s now panics", c.name)
	} else {
		w.log.line("// %s now returns %s", c.name, number(c.Value))
	}
}

// Calm makes every callback return something that is exposed, so that from here on
// a scrape changes nothing.
func (w *World) Calm() {
	for i, c := range w.callbacks {
		c.Panic, c.Value = false, float64(i)
	}
}

// Scrape compares one exposition with the model, read by our own reader alone: the
// fast check, for the middle of a program.
func (w *World) Scrape() error {
	if w.read < 0 {
		return nil
	}
	w.log.line("text = reg.AppendText(nil)")
	w.text = w.Reg.AppendText(w.text[:0])
	w.read -= len(w.text)
	return TextReaders[0].Check(w.text, w.Model.Scrape())
}

// fits says whether there is room for one more series of r, and takes it.
func (w *World) fits(r *Registration, values []string) bool {
	size := 0
	for _, v := range r.Const {
		size += len(v)
	}
	for _, v := range values {
		size += len(v)
	}
	if r.Kind == Histogram {
		size *= len(r.Bounds) + 12
	}
	w.room -= size + len(r.Help)
	return w.room >= 0
}

// readAll compares everything that can be read without a scrape.
func (w *World) readAll() error {
	for _, h := range w.handles {
		if err := h.read(); err != nil {
			return err
		}
	}
	for _, v := range w.vecs {
		if got, want := v.len(), v.member.live; got != want {
			return fmt.Errorf("%s.Len() = %d, want %d", v.name, got, want)
		}
	}
	if got, want := w.Reg.Dropped(), w.Model.Dropped(); got != want {
		return fmt.Errorf("reg.Dropped() = %d, want %d", got, want)
	}
	return nil
}

// scarce is a store that gives cells so many times and no more.
type scarce struct {
	shard.Arena
	left int
}

// Alloc is called by one goroutine at a time here.
func (s *scarce) Alloc(desc []byte, l shard.Layout) (shard.Slab, error) {
	if s.left == 0 {
		return shard.NoSlab(), fmt.Errorf("no cells for %.100q", desc)
	}
	s.left--
	return s.Arena.Alloc(desc, l)
}

// Replace and Withdraw make the engine describe each series, as for a mapped file.
func (s *scarce) Replace(desc []byte, l shard.Layout, fill func(shard.Slab), _ []shard.Slab) (shard.Slab, error) {
	slab, err := s.Alloc(desc, l)
	if err == nil {
		fill(slab)
	}
	return slab, err
}

// Withdraw has nobody to hide a slab from.
func (s *scarce) Withdraw(shard.Slab) {}
