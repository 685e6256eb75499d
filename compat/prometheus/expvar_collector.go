package prometheus

import (
	"encoding/json"
	"expvar"
	"maps"
	"slices"
)

// expvarCollector collects published variables. Its map is never changed.
type expvarCollector map[string]*Desc

// NewExpvarCollector returns the collector that collectors.NewExpvarCollector returns.
//
// Deprecated: call it there.
func NewExpvarCollector(exports map[string]*Desc) Collector {
	c := expvarCollector(maps.Clone(exports))
	return &c
}

// Describe sends the descriptors, by the names of their variables.
func (c *expvarCollector) Describe(ch chan<- *Desc) {
	for _, name := range slices.Sorted(maps.Keys(*c)) {
		ch <- (*c)[name]
	}
}

// Collect sends what the variables hold. One that has not been published is passed by;
// one that is not JSON is a metric with an error.
func (c *expvarCollector) Collect(ch chan<- Metric) {
	for _, name := range slices.Sorted(maps.Keys(*c)) {
		v := expvar.Get(name)
		if v == nil {
			continue
		}
		var value any
		desc := (*c)[name]
		if err := json.Unmarshal([]byte(v.String()), &value); err != nil {
			ch <- NewInvalidMetric(desc, err)
			continue
		}
		collectExpvar(ch, desc, value, nil)
	}
}

// collectExpvar goes down one level of maps for each label that has no value yet.
func collectExpvar(ch chan<- Metric, desc *Desc, value any, labels []string) {
	if len(labels) < len(desc.variableLabels.names) {
		level, _ := value.(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(level)) {
			collectExpvar(ch, desc, level[key], append(slices.Clip(labels), key))
		}
		return
	}
	switch v := value.(type) {
	case float64:
		ch <- MustNewConstMetric(desc, UntypedValue, v, labels...)
	case bool:
		n := 0.0
		if v {
			n = 1
		}
		ch <- MustNewConstMetric(desc, UntypedValue, n, labels...)
	}
}
