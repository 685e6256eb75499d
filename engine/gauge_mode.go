package engine

import "github.com/pawl-metrics/pawl/engine/descriptor"

// GaugeMode says how the gauges of several processes become one series, where they
// record into one directory (package mmap). In one process it changes nothing but
// for the recent modes, of which see [Gauge]. The modes are those of Python's
// prometheus_client.
//
// A live mode drops the value of a process when the process is gone. The default is
// a live one, other than in Python: a gauge says how things are, and with the mode
// all there would be a series for each process that there ever was.
type GaugeMode = descriptor.Mode

// The modes of gauges.
const (
	GaugeDefault        = descriptor.Default    // the instrument's own: GaugeLiveSum for an UpDown, GaugeLiveAll for others
	GaugeLiveAll        = descriptor.LiveAll    // a series for each living process, with a label pid
	GaugeAll            = descriptor.All        // for each that there ever was
	GaugeLiveSum        = descriptor.LiveSum    // the sum over living processes
	GaugeSum            = descriptor.Sum        // over all
	GaugeLiveMin        = descriptor.LiveMin    // the smallest value of a living process
	GaugeMin            = descriptor.Min        // of any
	GaugeLiveMax        = descriptor.LiveMax    // the greatest value of a living process
	GaugeMax            = descriptor.Max        // of any
	GaugeLiveMostRecent = descriptor.LiveRecent // the value that a living process set last
	GaugeMostRecent     = descriptor.MostRecent // that any set last
)

// ParseGaugeMode returns the mode of that name: all, min, max, sum or mostrecent, each
// also with live before it. The empty string is GaugeDefault. An error wraps ErrMode.
func ParseGaugeMode(name string) (GaugeMode, error) {
	if m, ok := descriptor.ParseMode(name); ok || name == "" {
		return m, nil
	}
	return GaugeDefault, &modeError{name}
}

// modeError is a name that no mode has.
type modeError struct{ name string }

func (e *modeError) Error() string {
	return "engine: gauge mode \"" + e.name + "\": want all, min, max, sum or mostrecent, or live before one of these"
}

func (e *modeError) Unwrap() error { return ErrMode }

// modes is what the families of an instrument may choose from.
type modes struct {
	usual  GaugeMode // where none is chosen; GaugeDefault: there is nothing to choose
	recent bool      // the recent modes are among them
	each   bool      // only those are that keep processes apart: there is no sum of states
}

// choose returns the mode of a family.
func (m modes) choose(family string, wanted GaugeMode) (GaugeMode, error) {
	switch {
	case wanted == GaugeDefault:
		return m.usual, nil
	case wanted >= descriptor.Modes:
		return 0, refuse(family, ErrMode, "%v", wanted)
	case m.usual == GaugeDefault:
		return 0, refuse(family, ErrMode, "%v: such a family has no modes", wanted)
	case m.each && wanted != GaugeLiveAll && wanted != GaugeAll:
		return 0, refuse(family, ErrMode, "%v: states have %v and %v", wanted, GaugeLiveAll, GaugeAll)
	case wanted.Recent() && !m.recent:
		return 0, refuse(family, ErrMode, "%v: only a gauge that is set has it", wanted)
	}
	return wanted, nil
}
