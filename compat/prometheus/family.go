package prometheus

import (
	"slices"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// ours is a collector whose series are in the engine: a counter, gauge, histogram or
// summary, or a vec of them. A registry walks it without a channel, and a scrape lets
// the engine write it without a protobuf message.
//
// Whether a collector is one is for asOurs to say. An assertion will not do: a user's
// struct that embeds one of our vecs has these methods too, and perhaps a Collect of
// its own, which must not be passed over.
type ours interface {
	Collector

	// each calls f with the metrics that Collect sends. No lock is held.
	each(f func(Metric))
	// source returns the registry that has these metrics and no others, for a scrape in
	// any format. Nil: this collector is only to be had through Write.
	source() *engine.Registry
	// family returns what Describe sends.
	family() *Desc
}

// asOurs returns c as one of ours, or nil.
func asOurs(c Collector) ours {
	switch c := c.(type) {
	case *counter:
		return c
	case *gauge:
		return c
	case *histogram:
		return c
	case *summary:
		return c
	case *CounterVec:
		return c
	case *GaugeVec:
		return c
	case *HistogramVec:
		return c
	case *SummaryVec:
		return c
	case *MetricVec:
		return c
	}
	return nil
}

// reports is where the engine counts what our instruments refuse. Each collector has
// an engine registry of its own, since it may be registered with none or with several
// of ours, and all of them report here.
var reports = engine.NewRegistry()

// family is what a collector of ours knows and its engine registry does not. A handle
// leads back to it, as its registry's owner: it has no room for a pointer of its own.
//
// Model. Immutable once the collector has been made.
type family struct {
	desc *Desc
	reg  *engine.Registry

	vec    bool  // the registry may have more series than one
	misuse error // what making a series panics with, as upstream does; nil mostly

	// renamed says that the engine refused what upstream takes, and has the family
	// under another name: see hidden. Then scrapes go by Write.
	renamed bool

	bounds []float64 // upstream's bounds of classic buckets, where they are not the engine's
	ranks  []float64 // of a summary, the quantiles asked for, ascending
}

// newFamily returns a family with a registry of its own.
func newFamily(desc *Desc) *family {
	f := &family{desc: desc, renamed: desc.err != nil}
	f.reg = engine.NewRegistryWith(engine.RegistryOptions{Reports: reports, Owner: f})
	return f
}

// ownerOf returns the family of an instrument, given its registry.
func ownerOf(reg *engine.Registry) *family { return reg.Owner().(*family) }

// opts are the engine's options for the family.
func (f *family) opts() engine.Opts {
	if f.renamed {
		return engine.Opts{Name: "hidden"}
	}
	consts := make(map[string]string, len(f.desc.constLabels))
	for _, p := range f.desc.constLabels {
		consts[p.GetName()] = p.GetValue()
	}
	return engine.Opts{Name: f.desc.fqName, Help: f.desc.help, Unit: f.desc.unit, ConstLabels: consts}
}

// labels are the engine's names for the variable labels.
func (f *family) labels() []string {
	if !f.renamed {
		return f.desc.variableLabels.names
	}
	names := make([]string, len(f.desc.variableLabels.names))
	for i := range names {
		names[i] = hiddenLabel(i)
	}
	return names
}

// label is labels()[i].
func (f *family) label(i int) string {
	if f.renamed {
		return hiddenLabel(i)
	}
	return f.desc.variableLabels.names[i]
}

// hiddenLabel names the ith variable label of a family that the engine has under
// another name. The order of these names is that of the labels.
func hiddenLabel(i int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	return "l" + string([]byte{digits[i/len(digits)%len(digits)], digits[i%len(digits)]})
}

// enter registers with the engine what make does; a second time, under another name, if
// the engine does not take the descriptor: it is stricter about units, and about
// names that some format would spell alike. What upstream refuses only in Register
// must work until then, too.
func enter[T any](f *family, make func(*family) (T, error)) T {
	v, err := make(f)
	if err == nil {
		return v
	}
	f.renamed = true
	if v, err = make(f); err != nil {
		panic(err) // options that no engine could take: a histogram of 100,000 buckets
	}
	return v
}

// source is the family's registry, if scrapes may use it.
func (f *family) source() *engine.Registry {
	if f.renamed {
		return nil
	}
	return f.reg
}

// handleSource is the source of one of the family's series, which may be registered by
// itself.
func (f *family) handleSource() *engine.Registry {
	if f.vec {
		return nil
	}
	return f.source()
}

// hasLabel says whether one of the labels, variable or const, has this name.
func (d *Desc) hasLabel(name string) bool {
	return slices.Contains(d.variableLabels.names, name) ||
		slices.ContainsFunc(d.constLabels, func(p *dto.LabelPair) bool { return p.GetName() == name })
}

// desc returns the descriptor that the options mean, with these variable labels; nil is
// none.
func (o Opts) desc(labels ConstrainableLabels) *Desc {
	return newDesc(BuildFQName(o.Namespace, o.Subsystem, o.Name), o.Help, o.Unit, compiled(labels), o.ConstLabels)
}
