package fuzz

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pawl-metrics/pawl/engine"
)

// register draws a registration and tries it on both.
func (w *World) register() error {
	r := w.registration()
	f := w.form(&r)
	if !w.fits(&r, nil) {
		return nil
	}
	id := w.log.register(&r, f)
	mem, faults := w.Model.Register(r)
	made, err := f.register(w.Reg, &r)
	if len(faults) == 0 && f.single {
		faults = w.adopt(mem, made, id)
	} else if len(faults) == 0 && err == nil {
		v := made.(func(*member) *vec)(mem)
		v.name = id
		w.vecs = append(w.vecs, v)
	}
	return refusedFor(err, r.Name, faults)
}

// adopt makes the series of a registration without variable labels, and keeps its
// handle or callback. A registration whose series gets no cells never was.
func (w *World) adopt(mem *member, made any, id string) (faults []error) {
	s := w.Model.With(mem)
	if s == nil {
		w.Model.Withdraw(mem)
		return []error{engine.ErrStore}
	}
	if c, ok := made.(*Callback); ok {
		s.callback, c.name = c, id
		w.callbacks = append(w.callbacks, c)
	} else {
		s.inst = made
		w.handles = append(w.handles, &handle{name: id, inst: made, series: s})
	}
	return nil
}

// refusedFor checks the answer to a registration: nil when nothing was wrong, and
// else a RegisterError for the family, with one of the reasons.
func refusedFor(err error, name string, faults []error) error {
	if len(faults) == 0 {
		if err != nil {
			return fmt.Errorf("a good registration of %q was refused: %w", name, err)
		}
		return nil
	}
	if err == nil {
		return fmt.Errorf("a registration of %q was not refused, which should have been for %v", name, faults)
	}
	var r *engine.RegisterError
	switch {
	case !errors.As(err, &r):
		return fmt.Errorf("%T is not a RegisterError: %w", err, err)
	case r.Family != name:
		return fmt.Errorf("the error is for %q, not %q: %w", r.Family, name, err)
	case r.Detail == "":
		return fmt.Errorf("the error names no offender: %w", err)
	case !slices.ContainsFunc(faults, func(f error) bool { return errors.Is(err, f) }):
		return fmt.Errorf("refused for another reason than %v: %w", faults, err)
	}
	return nil
}

// registration draws names, help and labels. What it draws often fits what was
// drawn before, or programs would be nothing but conflicts.
func (w *World) registration() Registration {
	src := w.src
	r := Registration{Kind: kinds[src.Pick(len(kinds))], Name: src.Name()}
	switch b := src.Byte(); {
	case b < 0x80:
		if b&3 == 3 {
			r.Max = 1 + int(b>>2&3)
		}
	case b < 0xf0:
		r.Help = src.Text()
	default:
		r.Help, r.Unit = src.Text(), units[src.Pick(len(units))]
	}
	if b := src.Byte(); b >= 0x80 {
		r.Const = make(map[string]string)
		for range b & 3 {
			r.Const[src.LabelName()] = src.Text()
		}
	}
	if r.Kind == Histogram {
		r.Bounds = bounds[src.Pick(len(bounds))]
		if b := src.Byte(); b >= 0x80 && w.Model.cells < 0 {
			r.Native = natives[int(b)%len(natives)]
		}
	}
	return r
}

// opts is what the constructors take.
func (r *Registration) opts() engine.Opts {
	return engine.Opts{Name: r.Name, Help: r.Help, Unit: r.Unit, ConstLabels: r.Const, MaxSeries: r.Max}
}

func (r *Registration) histogramOpts() engine.HistogramOpts {
	return engine.HistogramOpts{Opts: r.opts(), Buckets: r.Bounds, Native: r.Native}
}

// form is a way to register: without labels, with named ones, with a struct.
type form struct {
	single bool
	goType string // the label struct, for the transcript
	// register returns an instrument or a *Callback when single; otherwise a
	// func(*member) *vec.
	register func(*engine.Registry, *Registration) (any, error)
}

// labelCounts is how many labels vecs of strings have: few, or more than nearly all.
var labelCounts = [8]int{0, 1, 1, 2, 2, 3, 4, 9}

// form draws the form of r and completes r with what belongs to it.
func (w *World) form(r *Registration) form {
	b := w.src.Byte()
	switch {
	case r.Kind == CounterFunc || r.Kind == GaugeFunc:
		r.NilFunc = b >= 0xf8
		return form{single: true, register: registerFunc}
	case b < 0x50:
		return form{single: true, register: registerSingle}
	case b < 0xc0:
		for range labelCounts[b&7] {
			r.Labels = append(r.Labels, w.src.LabelName())
		}
		return form{register: registerStrings}
	default:
		s := structs[int(b)%len(structs)]
		r.Labels, r.BadLabelType, r.FromTags = s.labels, s.bad, true
		return form{goType: s.goType, register: s.register}
	}
}

func registerFunc(reg *engine.Registry, r *Registration) (any, error) {
	c := new(Callback)
	f := c.call
	if r.NilFunc {
		f = nil
	}
	if r.Kind == CounterFunc {
		return c, engine.NewCounterFunc(reg, r.opts(), f)
	}
	return c, engine.NewGaugeFunc(reg, r.opts(), f)
}

func registerSingle(reg *engine.Registry, r *Registration) (any, error) {
	switch r.Kind {
	case Counter:
		return engine.NewCounter(reg, r.opts())
	case Gauge:
		return engine.NewGauge(reg, r.opts())
	case UpDown:
		return engine.NewUpDown(reg, r.opts())
	default:
		return engine.NewHistogram(reg, r.histogramOpts())
	}
}

func registerStrings(reg *engine.Registry, r *Registration) (any, error) {
	switch r.Kind {
	case Counter:
		return forStrings(engine.NewStringCounterVec(reg, r.opts(), r.Labels...))
	case Gauge:
		return forStrings(engine.NewStringGaugeVec(reg, r.opts(), r.Labels...))
	case UpDown:
		return forStrings(engine.NewStringUpDownVec(reg, r.opts(), r.Labels...))
	default:
		return forStrings(engine.NewStringHistogramVec(reg, r.histogramOpts(), r.Labels...))
	}
}
