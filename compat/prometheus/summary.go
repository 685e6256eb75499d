package prometheus

import (
	"fmt"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/engine"
)

// Summary counts observations, sums them up, and, if it has objectives, estimates
// quantiles of those of the last minutes. Quantiles of several processes cannot be put
// together to one; where that is needed, and in most other cases, a [Histogram] is the better
// choice.
//
// NewSummary makes summaries, and so does the WithLabelValues of a [SummaryVec]. All methods may be
// called concurrently. An observation never waits for another or for a scrape.
type Summary interface {
	Metric
	Collector

	// Observe counts a value, adds it to the sum, and enters it into the quantiles. A
	// negative value makes the sum fall, which Prometheus takes for a reset of the
	// _sum series. NaN is refused.
	Observe(float64)
}

// Defaults of SummaryOpts.
const (
	// DefMaxAge is how far back quantiles look.
	DefMaxAge time.Duration = 10 * time.Minute
	// DefAgeBuckets is in how many steps observations age.
	DefAgeBuckets = 5
	// DefBufCap is client_golang's BufCap.
	DefBufCap = 500
)

// SummaryOpts are the options of a summary. Only Name is required; Help is worth the
// trouble.
type SummaryOpts struct {
	// Namespace, Subsystem and Name, joined by underscores, are the family's name: see
	// BuildFQName.
	Namespace string
	Subsystem string
	Name      string

	// Help says in a sentence what the summary is about. All collectors with one name
	// must have the same.
	Help string

	// Unit is the unit of the observations, for OpenMetrics.
	Unit string

	// ConstLabels are on every series. All collectors with one name must have the same
	// label names. The label quantile is the summary's own: making one that has it
	// panics.
	ConstLabels Labels

	// Objectives are the quantiles to estimate, each with its allowed error. None
	// means a summary of count and sum.
	//
	// In client_golang the error is one of rank: an estimate of the 0.99-quantile with an
	// error of 0.001 is a value between the 0.989- and the 0.991-quantile, which in a long
	// tail may be far apart. Here it is one of value, for all objectives the same: the
	// least of the allowed errors, but no more than 0.01 and no less than 0.0028. An estimate of 0.2 s is
	// off by at most 2 ms at the coarsest.
	Objectives map[float64]float64

	// MaxAge is how far back quantiles look; count and sum are of all observations. It must
	// not be negative, or making a summary panics. 0 means DefMaxAge.
	MaxAge time.Duration

	// AgeBuckets is in how many steps observations age: quantiles are over at most MaxAge,
	// and at least an AgeBuckets-th less. 0 means DefAgeBuckets; 1 counts as 2.
	AgeBuckets uint32

	// BufCap has no effect: there is no buffer.
	BufCap uint32
}

// summary is a series in the engine, as counter is.
type summary engine.Summary

// NewSummary makes a summary. It panics for a negative MaxAge, and for a const label
// quantile.
func NewSummary(opts SummaryOpts) Summary {
	f := newFamily(opts.base().desc(nil))
	if f.misuse = opts.misuse(f.desc); f.misuse != nil {
		panic(f.misuse)
	}
	of := opts.engine(f)
	return (*summary)(enter(f, func(f *family) (*engine.Summary, error) {
		of.Opts = f.opts()
		return engine.NewSummary(f.reg, of)
	}))
}

// base are the options that all instruments have.
func (o *SummaryOpts) base() Opts {
	return Opts{Namespace: o.Namespace, Subsystem: o.Subsystem, Name: o.Name, Help: o.Help, Unit: o.Unit, ConstLabels: o.ConstLabels}
}

// misuse is what making a summary with these options panics with.
func (o *SummaryOpts) misuse(desc *Desc) error {
	switch {
	case desc.hasLabel(quantileLabel):
		return errQuantileLabel
	case o.MaxAge < 0:
		return fmt.Errorf("illegal max age MaxAge=%v", o.MaxAge)
	}
	return nil
}

// quantileLabel is the label of a summary's quantiles.
const quantileLabel = "quantile"

var errQuantileLabel = fmt.Errorf("%q is not allowed as label name in summaries", quantileLabel)

// The bounds of a quantile's error; see SummaryOpts.Objectives.
const (
	leastError = 0.0028
	mostError  = 0.01
)

// engine returns the options for the engine, and puts the objectives into the family. An
// objective outside of [0, 1], which upstream lets pass, is the least or the greatest
// value, and then the family goes by Write.
func (o *SummaryOpts) engine(f *family) engine.SummaryOpts {
	of := engine.SummaryOpts{MaxAge: o.MaxAge, AgeBuckets: DefAgeBuckets, Error: mostError}
	if of.MaxAge == 0 {
		of.MaxAge = DefMaxAge
	}
	if o.AgeBuckets > 0 {
		of.AgeBuckets = int(min(o.AgeBuckets, 1<<10))
	}
	of.AgeBuckets = max(2, of.AgeBuckets)
	of.MaxAge = max(of.MaxAge, time.Duration(of.AgeBuckets)*time.Millisecond)
	for rank, allowed := range o.Objectives {
		if rank == rank {
			f.ranks = append(f.ranks, rank)
			of.Error = min(of.Error, max(allowed, leastError))
		}
	}
	slices.Sort(f.ranks)
	of.Quantiles = f.quantiles()
	return of
}

// quantiles are the ranks as the engine takes them.
func (f *family) quantiles() []float64 {
	list := make([]float64, len(f.ranks))
	for i, rank := range f.ranks {
		list[i] = min(1, max(0, rank))
		f.renamed = f.renamed || list[i] != rank
	}
	return slices.Compact(list)
}

// Observe implements Summary.
func (s *summary) Observe(v float64) { (*engine.Summary)(s).Observe(v) }

// Desc implements Metric.
func (s *summary) Desc() *Desc { return s.owner().desc }

// Write implements Metric.
func (s *summary) Write(out *dto.Metric) error {
	sample, f := (*engine.Summary)(s).Sample(), s.owner()
	out.Label, out.Summary = f.pairs(sample.Labels), writeSummary(&sample, f.ranks)
	return nil
}

// Describe implements Collector.
func (s *summary) Describe(ch chan<- *Desc) { ch <- s.Desc() }

// Collect implements Collector.
func (s *summary) Collect(ch chan<- Metric) { ch <- s }

func (s *summary) owner() *family           { return ownerOf((*engine.Summary)(s).Registry()) }
func (s *summary) each(f func(Metric))      { f(s) }
func (s *summary) source() *engine.Registry { return s.owner().handleSource() }
func (s *summary) family() *Desc            { return s.Desc() }
