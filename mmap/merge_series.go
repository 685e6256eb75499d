package mmap

import (
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// class is what the value of a series is, whichever kinds of slabs it comes in.
type class uint8

const (
	counters class = iota
	gauges
	histograms
	natives
	summaries
	infos
	stateSets
	beside // exemplars, which belong to a series of another class
)

var classOf = map[descriptor.Kind]class{
	descriptor.Counter: counters, descriptor.Fraction: counters,
	descriptor.Gauge: gauges, descriptor.Recent: gauges, descriptor.UpDown: gauges,
	descriptor.Histogram:  histograms,
	descriptor.NativeBase: natives, descriptor.NativeBlock: natives,
	descriptor.Summary: summaries, descriptor.Info: infos,
	descriptor.StateSet: stateSets, descriptor.Enum: stateSets,
	descriptor.Exemplar: beside,
}

// family is one family of the merge. The first place that is met in a scan says what
// its type, mode and buckets are; places that do not agree are left out.
type family struct {
	name   string
	series []*series // all that have been met, in label order when sorted
	sorted bool

	// Of the present scan.
	scan  uint64
	lead  *form
	met   int // series
	noted map[noted]bool
}

// noted is a disagreement that has been reported.
type noted struct {
	from *source
	what string
}

// series is one label set of a family.
type series struct {
	family *family
	labels []encode.Label // in name order
	number int            // in the order in which they were met
	listed bool           // in the family

	// Of the present scan.
	scan      uint64
	start     int64 // the earliest; 0 is not known
	value     value
	class     class
	exemplars []exemplar
}

// value adds up what files hold of one series.
type value interface {
	// begin forgets everything but memory.
	begin(lead *form)
	// add adds an entry of a file, whose words are those that source.read has.
	add(e *entry, words []uint64, from *source)
	// appendTo appends the samples of the series, one or, with a label pid, several.
	appendTo(r *result, f *resultFamily, s *series)
}

func newValue(c class) value {
	switch c {
	case counters:
		return new(counterValue)
	case gauges:
		return new(gaugeValue)
	case histograms:
		return new(histogramValue)
	case natives:
		return new(nativeValue)
	case summaries:
		return new(summaryValue)
	case infos:
		return new(infoValue)
	}
	return new(stateValue)
}

// join makes the series part of the present scan.
func (s *series) join(scan uint64, c class) {
	if s.scan == scan {
		return
	}
	if s.value == nil || s.class != c {
		s.value, s.class = newValue(c), c
	}
	s.scan, s.start, s.exemplars = scan, 0, s.exemplars[:0]
	f := s.family
	f.met++
	s.value.begin(f.lead)
	if !s.listed {
		s.listed, f.sorted = true, false
		f.series = append(f.series, s)
	}
}

// began keeps the earliest start.
func (s *series) began(at int64) {
	if at != 0 && (s.start == 0 || at < s.start) {
		s.start = at
	}
}

// order sorts the family's series by their labels.
func (f *family) order() {
	if !f.sorted {
		slices.SortFunc(f.series, func(a, b *series) int { return compareLabels(a.labels, b.labels) })
		f.sorted = true
	}
}

// compareLabels orders label sets as exposition does.
func compareLabels(a, b []encode.Label) int {
	for i := range min(len(a), len(b)) {
		if c := strings.Compare(a[i].Name, b[i].Name); c != 0 {
			return c
		}
		if c := strings.Compare(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// agrees says what stands between a place and the family's first: nothing, or something
// that is reported and costs the place, or, where it is only the help text, costs
// nothing.
func (p *form) agrees(lead *form) (what string, kind ErrorKind, fits bool) {
	switch {
	case p == lead:
		return "", "", true
	case p.Type != lead.Type:
		return "type", Conflict, false
	case p.Unit != lead.Unit:
		return "unit", Conflict, false
	case p.class != lead.class:
		return "kind of histogram", Layout, false
	case p.Mode != lead.Mode:
		return "gauge mode", Conflict, false
	case !slices.Equal(p.Bounds, lead.Bounds):
		return "buckets", Layout, false
	case !slices.Equal(p.States, lead.States):
		return "states", Layout, false
	}
	if p.Help != lead.Help {
		return "help", Conflict, true
	}
	return "", "", true
}
