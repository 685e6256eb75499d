package prometheus

// Observer takes observations: a histogram, a summary, or a function made one.
type Observer interface {
	Observe(float64)
}

// ObserverFunc is a function as an Observer: for a [Timer] that sets a gauge, or that
// decides at its end where the time is to go.
type ObserverFunc func(float64)

// Observe calls the function.
func (f ObserverFunc) Observe(value float64) { f(value) }

// ObserverVec is what [HistogramVec] and [SummaryVec] have in common.
type ObserverVec interface {
	GetMetricWith(Labels) (Observer, error)
	GetMetricWithLabelValues(lvs ...string) (Observer, error)
	With(Labels) Observer
	WithLabelValues(...string) Observer
	CurryWith(Labels) (ObserverVec, error)
	MustCurryWith(Labels) ObserverVec

	Collector
}

// ExemplarObserver is what observers offer that keep exemplars, as histograms do.
type ExemplarObserver interface {
	// ObserveWithExemplar observes value, and keeps it with the labels and the present time as
	// an exemplar. Labels that are empty make an exemplar without labels; nil
	// leaves the exemplar that there is. It panics when exemplar has an invalid name, a
	// value that is not UTF-8, or more than ExemplarMaxRunes runes.
	ObserveWithExemplar(value float64, exemplar Labels)
}
