package engine

import "time"

// Timer measures one duration for a histogram. It is a small value; the zero
// Timer measures nothing.
type Timer struct {
	h     *Histogram
	start time.Time
}

// Start begins a measurement:
//
//	defer latency.Start().Stop()
func (h *Histogram) Start() Timer { return Timer{h, time.Now()} }

// Stop observes the seconds since Start and returns the duration. The clock is
// monotonic. Each call observes: call it once.
func (t Timer) Stop() time.Duration {
	if t.h == nil {
		return 0
	}
	d := time.Since(t.start)
	t.h.Observe(d.Seconds())
	return d
}

// ObserveDuration observes d in seconds.
func (h *Histogram) ObserveDuration(d time.Duration) { h.Observe(d.Seconds()) }
