// Package version has a collector of which build of a program is running, by package
// github.com/prometheus/common/version, whose variables are set when the program is
// linked.
package version

import (
	"fmt"
	"maps"

	"github.com/prometheus/common/version"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// Option configures NewCollector.
type Option func(*options)

type options struct{ extra prometheus.Labels }

// WithExtraConstLabels adds labels to those that there are, or replaces some.
func WithExtraConstLabels(l prometheus.Labels) Option {
	return func(o *options) { o.extra = l }
}

// NewCollector returns a collector of one gauge, <program>_build_info, whose value is 1
// and whose labels are version, revision, branch, goversion, goos, goarch and tags.
func NewCollector(program string, opts ...Option) prometheus.Collector {
	var o options
	for _, set := range opts {
		set(&o)
	}
	labels := prometheus.Labels{
		"version":   version.Version,
		"revision":  version.GetRevision(),
		"branch":    version.Branch,
		"goversion": version.GoVersion,
		"goos":      version.GoOS,
		"goarch":    version.GoArch,
		"tags":      version.GetTags(),
	}
	maps.Copy(labels, o.extra)
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: program,
		Name:      "build_info",
		Help: fmt.Sprintf("A metric with a constant '1' value labeled by version, revision, branch, goversion from which %s was built, and the goos and goarch for the build.",
			program),
		ConstLabels: labels,
	}, func() float64 { return 1 })
}
