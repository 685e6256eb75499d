package goruntime

import (
	"context"
	"runtime/debug"

	"github.com/pawl-metrics/pawl/engine"
)

// Build is an engine.Collector of one series, go_build_info, whose labels say which build
// of which program this is: path, version and checksum of its main module, as
// client_golang has them, and the revision and time of its source where the build knows
// them. A build without modules has labels that are "unknown" or empty.
type Build struct{ labels []engine.Label }

// NewBuild returns the collector.
func NewBuild() *Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = new(debug.BuildInfo)
	}
	return &Build{buildLabels(info)}
}

func buildLabels(info *debug.BuildInfo) []engine.Label {
	labels := []engine.Label{
		{Name: "checksum", Value: info.Main.Sum},
		{Name: "path", Value: orUnknown(info.Main.Path)},
		{Name: "revision", Value: ""},
		{Name: "time", Value: ""},
		{Name: "version", Value: orUnknown(info.Main.Version)},
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			labels[2].Value = s.Value
		case "vcs.time":
			labels[3].Value = s.Value
		}
	}
	return labels
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

const (
	buildName = "go_build_info"
	buildHelp = "The build of this program, as labels."
)

// Collect makes the series.
func (b *Build) Collect(_ context.Context, s *engine.Sink) error {
	s.Family(&engine.Family{Name: buildName, Help: buildHelp, Type: engine.GaugeType,
		Samples: []engine.Sample{{Labels: b.labels, Value: 1}}})
	return nil
}

// Describe claims the name.
func (b *Build) Describe() []engine.Desc {
	return []engine.Desc{{Name: buildName, Help: buildHelp, Type: engine.GaugeType}}
}

// String names the collector where its errors are counted.
func (b *Build) String() string { return "go build" }
