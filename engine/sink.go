package engine

import (
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// Sink takes the families that a collector makes.
//
// Model. It belongs to one call of Collect, and to one goroutine. Families and what
// Add returns are good until Collect returns; the memory behind them is used again by
// later scrapes, so that a collector that makes as much as last time allocates
// nothing here.
//
// Nothing that is given to a Sink fails. What cannot be exposed costs itself, a
// sample or a family, and is counted in pawl_collector_dropped_total.
type Sink struct {
	plain
	from   *collector
	list   []*collected // the families, in the order in which they were made
	made   int          // of list
	strays []*Family
	after  []func()
}

// collected is one family of a collection.
type collected struct {
	Family
	sink    *Sink
	known   *knownFamily
	labels  []labelSlot // sorted by name, const ones of the registration included
	count   int         // variable labels
	invalid bool        // its labels cannot be
	lost    uint64      // samples of a wrong number of label values
	spill   Sample      // what Add returns for them
}

// labelSlot is one label of a family: a const one, or the place of a value.
type labelSlot struct {
	name, value string
	variable    int // index among the values, or -1
}

// start opens a family.
func (s *Sink) start(typ Type, name, help string, labels []string) *collected {
	if s.made == len(s.list) {
		s.list = append(s.list, new(collected))
	}
	c := s.list[s.made]
	s.made++
	c.known = s.from.know(name, typ)
	c.Family = Family{Name: c.known.name, Help: help, Type: typ, Samples: c.Samples[:0]}
	c.sink, c.lost, c.count = s, 0, len(labels)
	c.setLabels(s.from, labels)
	c.invalid = !c.labelsFit(s.from.reg.names)
	return c
}

// setLabels sorts the labels of the family and those that its registration adds.
func (c *collected) setLabels(from *collector, names []string) {
	c.labels = c.labels[:0]
	for i, name := range names {
		c.labels = append(c.labels, labelSlot{name, "", i})
	}
	for _, l := range from.added {
		c.labels = append(c.labels, labelSlot{l.Name, l.Value, -1})
	}
	slices.SortFunc(c.labels, func(a, b labelSlot) int { return strings.Compare(a.name, b.name) })
}

// labelsFit says whether all samples can have these labels.
func (c *collected) labelsFit(rule NameRule) bool {
	for i := range c.labels {
		if !fitsLabel(c.labels[i].name, reservedLabel(c.Type, c.Name), rule) ||
			i > 0 && c.labels[i-1].name == c.labels[i].name {
			return false
		}
	}
	return true
}

// fitsLabel is checkLabelName for scrapes: mostly without work.
func fitsLabel(name, reserved string, rule NameRule) bool {
	if encode.ValidLabelName(name) {
		return name != reserved && !strings.HasPrefix(name, "__")
	}
	return checkLabelName("", name, reserved, rule) == nil
}

// reservedLabel is the label that a type adds to its samples.
func reservedLabel(typ Type, family string) string {
	switch typ {
	case encode.Histogram, encode.GaugeHistogram:
		return "le"
	case encode.Summary:
		return "quantile"
	case encode.StateSet:
		return family
	}
	return ""
}

// SetUnit says what the family is measured in: "seconds", "bytes". Its name must end
// in the unit (before _total).
func (c *collected) SetUnit(unit string) { c.Unit = unit }

// add makes a sample with these label values.
func (c *collected) add(values []string) *Sample {
	if len(values) != c.count {
		c.lost++
		c.spill = Sample{}
		return &c.spill
	}
	c.Samples = append(c.Samples, Sample{})
	s := &c.Samples[len(c.Samples)-1]
	s.Labels = c.sink.labels.take(len(c.labels))
	for i := range c.labels {
		l := &c.labels[i]
		if l.variable >= 0 {
			s.Labels[i] = Label{Name: l.name, Value: cleanValue(values[l.variable])}
		} else {
			s.Labels[i] = Label{Name: l.name, Value: l.value}
		}
	}
	return s
}

// ValueFamily is a family of counters, gauges or samples of no known type.
type ValueFamily struct{ *collected }

// HistogramFamily is a family of histograms or gauge histograms.
type HistogramFamily struct{ *collected }

// SummaryFamily is a family of summaries.
type SummaryFamily struct{ *collected }

// InfoFamily is a family of infos: labels that say something about their series,
// whose value is always 1.
type InfoFamily struct{ *collected }

// StateSetFamily is a family of sets of states, of which each is on or off.
type StateSetFamily struct{ *collected }

// Counter opens a family of counters with these labels. name is as samples have it,
// thus x_total.
func (s *Sink) Counter(name, help string, labels ...string) ValueFamily {
	return ValueFamily{s.start(encode.Counter, name, help, labels)}
}

// Gauge opens a family of gauges with these labels.
func (s *Sink) Gauge(name, help string, labels ...string) ValueFamily {
	return ValueFamily{s.start(encode.Gauge, name, help, labels)}
}

// Unknown opens a family of samples of no known type.
func (s *Sink) Unknown(name, help string, labels ...string) ValueFamily {
	return ValueFamily{s.start(encode.Unknown, name, help, labels)}
}

// Histogram opens a family of histograms with these labels.
func (s *Sink) Histogram(name, help string, labels ...string) HistogramFamily {
	return HistogramFamily{s.start(encode.Histogram, name, help, labels)}
}

// GaugeHistogram opens a family of histograms of present things, such as the ages of
// what waits in a queue, whose buckets may fall.
func (s *Sink) GaugeHistogram(name, help string, labels ...string) HistogramFamily {
	return HistogramFamily{s.start(encode.GaugeHistogram, name, help, labels)}
}

// Summary opens a family of summaries with these labels.
func (s *Sink) Summary(name, help string, labels ...string) SummaryFamily {
	return SummaryFamily{s.start(encode.Summary, name, help, labels)}
}

// Info opens a family of infos. Samples of x are called x_info.
func (s *Sink) Info(name, help string, labels ...string) InfoFamily {
	return InfoFamily{s.start(encode.Info, name, help, labels)}
}

// StateSet opens a family of statesets with these labels.
func (s *Sink) StateSet(name, help string, labels ...string) StateSetFamily {
	return StateSetFamily{s.start(encode.StateSet, name, help, labels)}
}

// Family adds a family as it is. The sink reads it when Collect has returned and
// until the scrape is over, and does not change it: it may be used again by the next
// call of Collect only if the collector knows that scrapes do not overlap.
//
// Labels may stand in any order, and differ from sample to sample. A family whose
// samples stand in the order of their labels, and these in the order of their
// names, is the cheapest to check: its series must differ, and then they do.
func (s *Sink) Family(f *Family) { s.strays = append(s.strays, f) }

// Defer calls f once, when the scrape has no more use for what the collector has made,
// however it ends: a collector that hands over families of its own can use their memory
// again then. f may be called by another goroutine than Collect, and must not panic.
func (s *Sink) Defer(f func()) { s.after = append(s.after, f) }

// Add adds a sample with these label values, one for each of the family's labels.
// More can be said of it through what Add returns, before the next Add:
//
//	jobs.Add(n, "backup").Start = engine.TimestampOf(began)
func (f ValueFamily) Add(v float64, values ...string) *Sample {
	s := f.add(values)
	s.Value = v
	return s
}

// Add adds a histogram. h is copied; its buckets and its native histogram are not, and
// must stay as they are until the scrape is over. See ValueFamily.Add.
func (f HistogramFamily) Add(h HistogramValue, values ...string) *Sample {
	s := f.add(values)
	s.Histogram = f.sink.histograms.one()
	*s.Histogram = h
	return s
}

// Add adds a summary. Its quantiles are copied. See ValueFamily.Add.
func (f SummaryFamily) Add(v SummaryValue, values ...string) *Sample {
	v.Quantiles = f.sink.quantiles.copied(v.Quantiles)
	s := f.add(values)
	s.Summary = f.sink.summaries.one()
	*s.Summary = v
	return s
}

// Add adds an info: labels beside those that the family has. See ValueFamily.Add.
func (f InfoFamily) Add(info []Label, values ...string) *Sample {
	s := f.add(values)
	all := f.sink.labels.take(len(s.Labels) + len(info))
	copy(all[copy(all, s.Labels):], info)
	for i := range all {
		all[i].Value = cleanValue(all[i].Value)
	}
	sortLabels(all)
	s.Labels = all
	return s
}

// Add adds a set of states, which are copied. See ValueFamily.Add.
func (f StateSetFamily) Add(states []State, values ...string) *Sample {
	s := f.add(values)
	s.States = f.sink.states.copied(states)
	return s
}

// reset makes the sink ready for the next collection.
func (s *Sink) reset() {
	s.plain.reset()
	for _, c := range s.list[:s.made] {
		clear(c.Samples)
		c.Family = Family{Samples: c.Samples[:0]}
		clear(c.labels)
	}
	clear(s.strays)
	s.made, s.strays = 0, s.strays[:0]
	for i, f := range s.after {
		f()
		s.after[i] = nil
	}
	s.after = s.after[:0]
}

// wrapped returns a family that was handed in with what the registration adds to it.
func (s *Sink) wrapped(f *Family) *Family {
	c := s.from
	if c.wrap.prefix == "" && len(c.added) == 0 {
		return f
	}
	return (&renaming{c.wrap.prefix, c.added}).wrapped(&s.plain, f)
}
