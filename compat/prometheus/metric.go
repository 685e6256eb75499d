package prometheus

import dto "github.com/prometheus/client_model/go"

// Metric is one series with its descriptor. The instruments of this package implement it,
// and so do the metrics that collectors of one's own make for a scrape: see
// [NewConstMetric].
type Metric interface {
	// Desc returns the metric's descriptor: always the same, never nil. A metric that
	// cannot describe itself returns one made by [NewInvalidDesc].
	Desc() *Desc
	// Write puts the metric's present state into a message that is empty. It is called by
	// several goroutines at once and should not wait for anything. Names must be
	// valid, values UTF-8, labels sorted by name. What it puts there must not be changed
	// afterwards.
	Write(*dto.Metric) error
}

// invalidMetric is a metric that is an error.
type invalidMetric struct {
	desc *Desc
	err  error
}

// NewInvalidMetric makes a metric whose Write returns err: how a collector tells the
// registry that it could not get one.
func NewInvalidMetric(desc *Desc, err error) Metric { return &invalidMetric{desc, err} }

func (m *invalidMetric) Desc() *Desc { return m.desc }

func (m *invalidMetric) Write(*dto.Metric) error { return m.err }
