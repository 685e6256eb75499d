package engine

// failure is a reason for which a whole collection is lost.
type failure int

const (
	failError   failure = iota // Collect returned an error
	failPanic                  // or panicked
	failTimeout                // or had not returned when the scrape's time was up
	failBusy                   // or was still away from an earlier scrape, and so not called
	failures
)

var failureReasons = [failures]string{"error", "panic", "timeout", "busy"}

// loss is a reason for which a part of a collection is lost.
type loss int

const (
	loseFamily    loss = iota // its name, help, unit or labels cannot be
	loseConflict              // its names are another family's
	loseSample                // its labels or its value cannot be
	loseDuplicate             // its series is there already
	losses
)

var lossReasons = [losses]string{"invalid_family", "conflict", "invalid_sample", "duplicate_sample"}

// collectorReports are the families in which a registry reports on its collectors.
type collectorReports struct {
	errors, dropped *StringVec[Counter]
}

// registerReports makes them. Without collectors they have no series.
func (r *Registry) registerReports() {
	r.reports.errors = must(NewStringCounterVec(r, Opts{
		Name: "pawl_collector_errors_total",
		Help: "Collections that failed and whose families are missing from the scrape, by collector and reason.",
	}, "collector", "reason"))
	r.reports.dropped = must(NewStringCounterVec(r, Opts{
		Name: "pawl_collector_dropped_total",
		Help: "Families and samples of collectors that were left out of a scrape, by collector and reason.",
	}, "collector", "reason"))
}

// into gives a collector its counters, so that they are there, at 0, before
// anything goes wrong.
func (p *collectorReports) into(c *collector) {
	for i, reason := range failureReasons {
		c.errors[i] = p.errors.With(c.name, reason)
	}
	for i, reason := range lossReasons {
		c.dropped[i] = p.dropped.With(c.name, reason)
	}
}
