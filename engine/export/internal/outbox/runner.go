package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// Outcome is what came of sending a batch.
type Outcome struct {
	Err   error         // nil if it was taken
	Again bool          // it may be taken later
	After time.Duration // but not before
	Taken int           // how many samples were taken of a batch that is not to come again
	Note  error         // what there is to say of a batch that was taken, for OnError
}

// ErrBusy is returned when a runner is asked to do two things at once.
var ErrBusy = errors.New("a push is under way already")

// Runner gathers and sends. Its fields are set before its first use.
type Runner struct {
	Box      *Box
	Interval time.Duration
	Grace    time.Duration // for sending what is left at the end

	// Gather makes batches and hands them to put. At the end of a run it is called
	// once more, with last set.
	Gather func(ctx context.Context, last bool, put func(Batch)) error
	// Send tries once to deliver.
	Send func(ctx context.Context, b Batch) Outcome

	MinBackoff, MaxBackoff time.Duration
	OnError                func(error) // may be nil; not called by two goroutines at once

	busy      atomic.Bool
	reporting sync.Mutex
}

// Run gathers at once and at every interval, and delivers, until ctx ends. Then it does
// both a last time. The error is about what could not be delivered in the end.
func (r *Runner) Run(ctx context.Context) error {
	if !r.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer r.busy.Store(false)
	r.Box.reopen()
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var sender sync.WaitGroup
	sender.Go(func() { r.deliver(lasting) })
	every(ctx, r.Interval, func() {
		// A collector that hangs costs its families, and not the next interval.
		brief, cancel := context.WithTimeout(ctx, r.Interval-r.Interval/10)
		defer cancel()
		if err := r.Gather(brief, false, r.Box.Put); err != nil && ctx.Err() == nil {
			r.report(err)
		}
	})
	end := time.AfterFunc(r.Grace, cancel)
	defer end.Stop()
	if err := r.Gather(lasting, true, r.Box.Put); err != nil {
		r.report(err)
	}
	r.Box.close()
	sender.Wait()
	before := r.Box.unsent.Load()
	r.Box.reopen()
	if n := r.Box.unsent.Load() - before; n > 0 {
		return fmt.Errorf("%d samples are not delivered at the end", n)
	}
	return nil
}

// Once gathers and delivers in the caller's goroutine, trying again until ctx ends.
func (r *Runner) Once(ctx context.Context) error {
	if !r.busy.CompareAndSwap(false, true) {
		return ErrBusy
	}
	defer r.busy.Store(false)
	var batches []Batch
	errs := []error{r.Gather(ctx, false, func(b Batch) { batches = append(batches, b) })}
	for _, b := range batches {
		if err := r.send(ctx, b, nil); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// deliver sends what comes into the box until that is closed and empty, or ctx ends.
func (r *Runner) deliver(ctx context.Context) {
	for {
		b, ok := r.Box.take(ctx)
		if !ok {
			return
		}
		if r.send(ctx, b, r.Box.ending); ctx.Err() != nil {
			return
		}
		r.Box.drop()
	}
}

// send tries until the batch is taken or refused, or ctx ends. hurry, when it is closed,
// ends one wait that nobody asked for.
func (r *Runner) send(ctx context.Context, b Batch, hurry <-chan struct{}) error {
	wait := r.MinBackoff
	for {
		out := r.Send(ctx, b)
		switch {
		case out.Err == nil:
			r.Box.sent.Add(uint64(b.Samples))
			if out.Note != nil {
				r.report(out.Note)
			}
			return nil
		case !out.Again:
			taken := min(max(out.Taken, 0), b.Samples)
			r.Box.sent.Add(uint64(taken))
			r.Box.refused.Add(uint64(b.Samples - taken))
			r.report(out.Err)
			return out.Err
		case ctx.Err() != nil:
			return out.Err
		}
		r.Box.retries.Add(1)
		r.report(out.Err)
		if !r.pause(ctx, max(jitter(wait), out.After), out.After > 0, &hurry) {
			return errors.Join(ctx.Err(), out.Err)
		}
		wait = min(2*wait, r.MaxBackoff)
	}
}

// pause waits, and says whether ctx still goes on.
func (r *Runner) pause(ctx context.Context, d time.Duration, asked bool, hurry *<-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	wake := *hurry
	if asked {
		wake = nil
	}
	select {
	case <-t.C:
	case <-wake:
		*hurry = nil
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// jitter returns something from half of d to d, so that a fleet does not come back as
// one.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

func (r *Runner) report(err error) {
	if r.OnError == nil {
		return
	}
	r.reporting.Lock()
	defer r.reporting.Unlock()
	r.OnError(err)
}

// every calls f at once and then at each multiple of interval since, by the monotonic
// clock, until ctx ends. Those that f was too slow for are left out.
func every(ctx context.Context, interval time.Duration, f func()) {
	start := time.Now()
	for ctx.Err() == nil {
		f()
		t := time.NewTimer(interval - time.Since(start)%interval)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}
