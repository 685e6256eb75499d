package graphite

import (
	compat "github.com/pawl-metrics/pawl/compat/prometheus/graphite"
	"github.com/prometheus/client_golang/prometheus"
)

// NewBridge is [compat.NewBridge]. Without a Gatherer in c it takes DefaultGatherer, as package
// prometheus beside it has it at the call.
func NewBridge(c *Config) (*Bridge, error) {
	config := *c
	if config.Gatherer == nil {
		config.Gatherer = prometheus.DefaultGatherer
	}
	return compat.NewBridge(&config)
}
