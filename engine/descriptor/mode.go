package descriptor

import (
	"fmt"
	"slices"
)

// Mode says how the gauges of several processes become one. They are those of
// Python's prometheus_client. A live mode drops the value of a process when it dies.
type Mode uint8

// The modes. Their numbers are part of the file format.
const (
	Default    Mode = iota // none was chosen; in a descriptor: the kind has no modes
	LiveAll                // each living process has its own series, with a label pid
	All                    // each process has, dead ones too
	LiveSum                // the sum over living processes
	Sum                    // over all
	LiveMin                // the smallest value of a living process
	Min                    // of any
	LiveMax                // the greatest value of a living process
	Max                    // of any
	LiveRecent             // the value that a living process set last
	MostRecent             // that any set last
	Modes                  // one more than the last
)

var modeNames = [Modes]string{"", "liveall", "all", "livesum", "sum", "livemin", "min", "livemax", "max", "livemostrecent", "mostrecent"}

// String returns the mode's name in Python, or "default".
func (m Mode) String() string {
	switch {
	case m == Default:
		return "default"
	case m < Modes:
		return modeNames[m]
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// ParseMode returns the mode that Python calls so.
func ParseMode(name string) (m Mode, ok bool) {
	if at := slices.Index(modeNames[LiveAll:], name); at >= 0 {
		return LiveAll + Mode(at), true
	}
	return Default, false
}

// Live says whether a process's value goes when the process does.
func (m Mode) Live() bool {
	switch m {
	case LiveAll, LiveSum, LiveMin, LiveMax, LiveRecent:
		return true
	}
	return false
}

// Each says whether every process has a series of its own.
func (m Mode) Each() bool { return m == LiveAll || m == All }

// Recent says whether the newest value counts, so that each needs its time.
func (m Mode) Recent() bool { return m == LiveRecent || m == MostRecent }
