package prometheus

import (
	"time"

	dto "github.com/prometheus/client_model/go"
)

// timestampedMetric is a metric with a timestamp of its own.
type timestampedMetric struct {
	Metric
	t time.Time
}

// NewMetricWithTimestamp gives a metric a timestamp, in whole milliseconds. That is only for
// passing on what was measured elsewhere at another time: scrapers know themselves when
// they scrape.
func NewMetricWithTimestamp(t time.Time, m Metric) Metric { return timestampedMetric{m, t} }

// Write implements Metric.
func (m timestampedMetric) Write(out *dto.Metric) error {
	err := m.Metric.Write(out)
	out.TimestampMs = new(m.t.UnixMilli())
	return err
}
