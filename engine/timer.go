package engine

import "time"

// Timer measures one duration for an instrument. It is a small value; the zero
// Timer measures nothing.
type Timer struct {
	to    observer
	start time.Time
}

// observer is what takes a duration, in seconds.
type observer interface{ Observe(v float64) }

func startTimer(to observer) Timer { return Timer{to, time.Now()} }

// Start begins a measurement:
//
//	defer latency.Start().Stop()
func (h *Histogram) Start() Timer { return startTimer(h) }

// Start begins a measurement, of the last run of a job, for example; Stop sets the
// gauge to it.
func (g *Gauge) Start() Timer { return startTimer(setter{g}) }

// setter is a gauge that is set by observations.
type setter struct{ *Gauge }

func (s setter) Observe(v float64) { s.Set(v) }

// Stop observes the seconds since Start and returns the duration. The clock is
// monotonic. Each call observes: call it once.
func (t Timer) Stop() time.Duration {
	if t.to == nil {
		return 0
	}
	d := time.Since(t.start)
	t.to.Observe(d.Seconds())
	return d
}

// ObserveDuration observes d in seconds.
func (h *Histogram) ObserveDuration(d time.Duration) { h.Observe(d.Seconds()) }

// CountErrors calls f and adds 1 if it returns an error, panics, or ends its
// goroutine:
//
//	err := failures.CountErrors(func() error { return store.Save(ctx, order) })
//
// It returns f's error. A panic goes on as it would without it.
func (c *Counter) CountErrors(f func() error) (err error) {
	failed := true
	defer func() {
		if failed {
			c.Inc()
		}
	}()
	err = f()
	failed = err != nil
	return err
}
