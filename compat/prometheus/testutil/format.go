package testutil

import (
	"bytes"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// CollectAndFormat returns an exposition of the families named, of a collector.
func CollectAndFormat(c prometheus.Collector, format expfmt.FormatType, metricNames ...string) ([]byte, error) {
	reg, err := registered(c)
	if err != nil {
		return nil, err
	}
	return GatherAndFormat(reg, format, metricNames...)
}

// GatherAndFormat returns an exposition of the families named, of a Gatherer. Other
// than in the rest of this package, without names there are no families.
func GatherAndFormat(g prometheus.Gatherer, format expfmt.FormatType, metricNames ...string) ([]byte, error) {
	families, err := gather(g)
	if err != nil {
		return nil, err
	}
	return encoded("gathered", named(families, metricNames), expfmt.NewFormat(format))
}

// encoded returns families as an exposition. What says which they are, in errors.
func encoded(what string, families []*dto.MetricFamily, format expfmt.Format) ([]byte, error) {
	var out bytes.Buffer
	enc := expfmt.NewEncoder(&out, format)
	for _, mf := range families {
		if err := enc.Encode(mf); err != nil {
			return nil, fmt.Errorf("encoding %s metrics failed: %w", what, err)
		}
	}
	if c, ok := enc.(expfmt.Closer); ok {
		if err := c.Close(); err != nil {
			return nil, fmt.Errorf("finalizing %s metrics failed: %w", what, err)
		}
	}
	return out.Bytes(), nil
}
