package prometheus

import dto "github.com/prometheus/client_model/go"

// ValueType is the type of a metric that is a single number.
type ValueType int

// The types of single numbers. UntypedValue is for numbers of which it is not known.
const (
	_ ValueType = iota
	CounterValue
	GaugeValue
	UntypedValue
)

// These point to the types of families, for the messages that want a pointer. They must
// not be changed.
var (
	CounterMetricTypePtr = dto.MetricType_COUNTER.Enum()
	GaugeMetricTypePtr   = dto.MetricType_GAUGE.Enum()
	UntypedMetricTypePtr = dto.MetricType_UNTYPED.Enum()
)

// ToDTO returns the type as messages have it. What is neither a counter nor a gauge is
// untyped.
func (v ValueType) ToDTO() *dto.MetricType {
	switch v {
	case CounterValue:
		return CounterMetricTypePtr
	case GaugeValue:
		return GaugeMetricTypePtr
	}
	return UntypedMetricTypePtr
}
