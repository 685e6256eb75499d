package encode

// Label is one name=value pair of a series.
type Label struct {
	Name, Value string
}

// Type is what a family's TYPE line says.
type Type uint8

// The types that text format 0.0.4 knows.
const (
	Untyped Type = iota
	Counter
	Gauge
	Histogram
	Summary
)

var typeWords = [...]string{"untyped", "counter", "gauge", "histogram", "summary"}

// String returns the type's word in text format 0.0.4.
func (t Type) String() string {
	if int(t) < len(typeWords) {
		return typeWords[t]
	}
	return "untyped"
}
