package prometheus

import "time"

// Timer times one piece of work:
//
//	defer prometheus.NewTimer(latency).ObserveDuration()
//
// Model. Immutable; what concurrent calls do is the observer's affair.
type Timer struct {
	begin    time.Time
	observer Observer
}

// NewTimer starts a timer whose time o gets, in seconds. A nil o gets nothing.
func NewTimer(o Observer) *Timer { return &Timer{time.Now(), o} }

// ObserveDuration gives the observer the time since NewTimer, and returns it.
func (t *Timer) ObserveDuration() time.Duration { return t.ObserveDurationWithExemplar(nil) }

// ObserveDurationWithExemplar is ObserveDuration, with an exemplar if it is not nil and the
// observer is an [ExemplarObserver].
func (t *Timer) ObserveDurationWithExemplar(exemplar Labels) time.Duration {
	d := time.Since(t.begin)
	if o, ok := t.observer.(ExemplarObserver); ok && exemplar != nil {
		o.ObserveWithExemplar(d.Seconds(), exemplar)
	} else if t.observer != nil {
		t.observer.Observe(d.Seconds())
	}
	return d
}
