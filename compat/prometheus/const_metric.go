package prometheus

import (
	"errors"
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// constMetric is a number that does not change.
//
// Model. Immutable; messages point into it.
type constMetric struct {
	desc    *Desc
	typ     ValueType
	value   float64
	labels  []*dto.LabelPair
	created *timestamppb.Timestamp // of a counter; nil for unknown
}

// NewConstMetric makes a metric of a number that was read elsewhere, for a collector to
// send and forget. The error is about the descriptor, the type, or label values that are not as
// many as the descriptor's variable labels or are not UTF-8.
func NewConstMetric(desc *Desc, valueType ValueType, value float64, labelValues ...string) (Metric, error) {
	labels, err := constLabels(desc, labelValues)
	if err != nil {
		return nil, err
	}
	return newConstMetric(&constMetric{desc, valueType, value, labels, nil})
}

// MustNewConstMetric is NewConstMetric that panics on an error.
func MustNewConstMetric(desc *Desc, valueType ValueType, value float64, labelValues ...string) Metric {
	return must(NewConstMetric(desc, valueType, value, labelValues...))
}

// NewConstMetricWithCreatedTimestamp is NewConstMetric for a counter that is known to have
// been zero at ct. Other types are an error.
func NewConstMetricWithCreatedTimestamp(desc *Desc, valueType ValueType, value float64, ct time.Time, labelValues ...string) (Metric, error) {
	labels, err := constLabels(desc, labelValues)
	if err != nil {
		return nil, err
	}
	if valueType != CounterValue {
		return nil, errors.New("created timestamps are only supported for counters")
	}
	return newConstMetric(&constMetric{desc, valueType, value, labels, timestamppb.New(ct)})
}

// MustNewConstMetricWithCreatedTimestamp is NewConstMetricWithCreatedTimestamp that
// panics on an error.
func MustNewConstMetricWithCreatedTimestamp(desc *Desc, valueType ValueType, value float64, ct time.Time, labelValues ...string) Metric {
	return must(NewConstMetricWithCreatedTimestamp(desc, valueType, value, ct, labelValues...))
}

func newConstMetric(m *constMetric) (Metric, error) {
	switch m.typ {
	case CounterValue, GaugeValue, UntypedValue:
		return m, nil
	}
	return nil, fmt.Errorf("encountered unknown type %v", m.typ)
}

// constLabels checks what all constant metrics have, and returns the labels.
func constLabels(desc *Desc, values []string) ([]*dto.LabelPair, error) {
	if desc.err != nil {
		return nil, desc.err
	}
	if err := checkLabelValues(values, len(desc.variableLabels.names)); err != nil {
		return nil, err
	}
	return MakeLabelPairs(desc, values), nil
}

// Desc implements Metric.
func (m *constMetric) Desc() *Desc { return m.desc }

// Write implements Metric.
func (m *constMetric) Write(out *dto.Metric) error {
	out.Label = m.labels
	switch m.typ {
	case CounterValue:
		out.Counter = &dto.Counter{Value: &m.value, CreatedTimestamp: m.created}
	case GaugeValue:
		out.Gauge = &dto.Gauge{Value: &m.value}
	default:
		out.Untyped = &dto.Untyped{Value: &m.value}
	}
	return nil
}
