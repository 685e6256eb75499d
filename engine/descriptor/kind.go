package descriptor

var kindNames = [kinds]string{Counter: "counter", Fraction: "fraction", Gauge: "gauge", Recent: "recent", UpDown: "updown",
	Histogram: "histogram", NativeBase: "native base", NativeBlock: "native block", Summary: "summary", Info: "info",
	StateSet: "stateset", Enum: "enum", Exemplar: "exemplar", Folded: "folded"}

// String returns the name that mmap/FORMAT.md has for the kind.
func (k Kind) String() string {
	if k < kinds && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}
