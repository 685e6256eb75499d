package prometheus

import "runtime/debug"

// NewBuildInfoCollector returns the collector that collectors.NewBuildInfoCollector
// returns.
//
// Deprecated: call it there.
func NewBuildInfoCollector() Collector {
	path, version, sum := "unknown", "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		path, version, sum = info.Main.Path, info.Main.Version, info.Main.Sum
	}
	return constCollector{MustNewConstMetric(
		NewDesc("go_build_info", "Build information about the main Go module.", nil,
			Labels{"path": path, "version": version, "checksum": sum}),
		GaugeValue, 1)}
}

// constCollector collects one metric that never changes.
type constCollector struct{ metric Metric }

// Describe sends the metric's descriptor.
func (c constCollector) Describe(ch chan<- *Desc) { ch <- c.metric.Desc() }

// Collect sends the metric.
func (c constCollector) Collect(ch chan<- Metric) { ch <- c.metric }
