package prometheus

var defaultRegistry = NewRegistry()

// The registry that is used where none is given: by [Register], by package promauto, by
// promhttp.Handler. It has a collector of the Go runtime and one of the process. Programs
// that replace one of these should do so before they register or serve anything, and replace the
// other one too.
var (
	DefaultRegisterer Registerer = defaultRegistry
	DefaultGatherer   Gatherer   = defaultRegistry
)

func init() {
	defaultRegistry.MustRegister(NewProcessCollector(ProcessCollectorOpts{}), NewGoCollector())
}

// Register is DefaultRegisterer's.
func Register(c Collector) error { return DefaultRegisterer.Register(c) }

// MustRegister is DefaultRegisterer's.
func MustRegister(cs ...Collector) { DefaultRegisterer.MustRegister(cs...) }

// Unregister is DefaultRegisterer's.
func Unregister(c Collector) bool { return DefaultRegisterer.Unregister(c) }
