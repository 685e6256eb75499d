package encode

// Label is one name=value pair of a series.
type Label struct {
	Name, Value string
}

// Type is what a family is. Each format has its own words for it, and two know
// only some: see [Syntax.TypeWord].
type Type uint8

// The types of all formats. Untyped is the zero value, which OpenMetrics calls
// unknown.
const (
	Untyped Type = iota
	Counter
	Gauge
	Histogram
	Summary
	GaugeHistogram
	Info
	StateSet
	numTypes
)

// Unknown is OpenMetrics' word for Untyped.
const Unknown = Untyped

// A TYPE line with a word that is not its format's fails the scrape, so the text
// format calls the types that it does not know by what their samples look like.
var (
	textWords = [numTypes]string{"untyped", "counter", "gauge", "histogram", "summary",
		"histogram", "gauge", "gauge"}
	openMetricsWords = [numTypes]string{"unknown", "counter", "gauge", "histogram", "summary",
		"gaugehistogram", "info", "stateset"}
	// protoTypes are the numbers of the enum MetricType, which has no info and no
	// stateset either.
	protoTypes = [numTypes]byte{Untyped: 3, Counter: 0, Gauge: 1, Histogram: 4, Summary: 2,
		GaugeHistogram: 5, Info: 1, StateSet: 1}
)

// String returns the type's word in text format 0.0.4.
func (t Type) String() string { return textWords[t.known()] }

func (t Type) known() Type {
	if t < numTypes {
		return t
	}
	return Untyped
}

// TypeWord returns what a type is called in a TYPE line.
func (s Syntax) TypeWord(t Type) string {
	if s.isOpenMetrics() {
		return openMetricsWords[t.known()]
	}
	return t.String()
}

// cumulative says whether the type's values grow from a start on, so that a start
// timestamp means something.
func (t Type) cumulative() bool { return t == Counter || t == Histogram || t == Summary }
