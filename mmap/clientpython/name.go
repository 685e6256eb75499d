package clientpython

import (
	"path/filepath"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// Mode says how the values that several processes gave one gauge become what a scrape
// shows.
type Mode uint8

// The ten modes. Those that begin with Live leave out processes that have died.
const (
	All        Mode = iota // one series for each process, told apart by the label pid
	Min                    // the least value
	Max                    // the greatest
	Sum                    // their sum
	MostRecent             // the one that was set last

	LiveAll
	LiveMin
	LiveMax
	LiveSum
	LiveMostRecent
	numModes
)

var modeNames = [numModes]string{"all", "min", "max", "sum", "mostrecent",
	"liveall", "livemin", "livemax", "livesum", "livemostrecent"}

// ParseMode returns the mode with a name as Python code and file names have it, such as
// "livesum".
func ParseMode(name string) (Mode, bool) {
	for m, n := range modeNames {
		if n == name {
			return Mode(m), true
		}
	}
	return 0, false
}

// String returns the mode's name in file names.
func (m Mode) String() string {
	if m < numModes {
		return modeNames[m]
	}
	return "invalid"
}

// Live says whether the mode leaves out processes that have died.
func (m Mode) Live() bool { return m >= LiveAll }

// rule returns the mode without its liveness: how values are merged.
func (m Mode) rule() Mode { return m % LiveAll }

// File is what the name of a file says.
type File struct {
	Type encode.Type // Counter, Gauge, Histogram or Summary
	Mode Mode        // of gauges
	// PID is the identifier of the process: a number unless the Python program has
	// its own idea. An archive has none.
	PID string
	// Archive says that a fold wrote the file.
	Archive bool
	// Dead says that a fold has put the file aside: its process is dead, and it will
	// be removed once it is in an archive.
	Dead bool
}

const (
	extension        = ".db"
	archiveID        = "pawl-archive"
	archiveExtension = ".pawl" // of the archive that client_python must not read
	deadMark         = extension + "_pawl-dead-"
	deadRandom       = 16 // hexadecimal digits after deadMark
)

// ParseName returns what the name of a file says, its folder aside; false when it is
// not the name of a file of client_python's or of an archive of ours.
func ParseName(name string) (File, bool) {
	name = filepath.Base(name)
	if name == "gauge_all_"+archiveID+archiveExtension {
		return File{Type: encode.Gauge, Mode: All, Archive: true}, true
	}
	name, ok := strings.CutSuffix(name, extension)
	if !ok {
		return File{}, false
	}
	var f File
	name, f.Dead = cutDead(name)
	kind, id, _ := strings.Cut(name, "_")
	if f.Type, ok = types[kind]; !ok {
		return File{}, false
	}
	if f.Type == encode.Gauge {
		var mode string
		mode, id, _ = strings.Cut(id, "_")
		if f.Mode, ok = ParseMode(mode); !ok {
			return File{}, false
		}
	}
	if f.PID = id; id == archiveID {
		f.PID, f.Archive = "", true
	}
	return f, id != ""
}

var types = map[string]encode.Type{"counter": encode.Counter, "gauge": encode.Gauge,
	"histogram": encode.Histogram, "summary": encode.Summary}

// cutDead cuts what a fold puts behind the name of a file that it has put aside.
func cutDead(name string) (rest string, dead bool) {
	if i := len(name) - deadRandom - len(deadMark); i > 0 && name[i:i+len(deadMark)] == deadMark {
		return name[:i], true
	}
	return name, false
}

// prefix is the name of the file up to the identifier.
func (f File) prefix() string {
	if f.Type == encode.Gauge {
		return "gauge_" + f.Mode.String() + "_"
	}
	return f.Type.String() + "_"
}

// rule says how the file's values are merged.
func (f File) rule() Mode {
	if f.Type == encode.Gauge {
		return f.Mode.rule()
	}
	return Sum
}

// ofLive says whether the file's values count only while its process lives.
func (f File) ofLive() bool { return f.Type == encode.Gauge && f.Mode.Live() }

// withPIDs says whether keys of the file have a pid label of their own.
func (f File) withPIDs() bool { return f.Archive && f.Type == encode.Gauge && f.Mode == All }

// archiveName is the name of the archive for files of this kind.
func (f File) archiveName() string {
	if f.Type == encode.Gauge && f.Mode == All {
		return f.prefix() + archiveID + archiveExtension
	}
	return f.prefix() + archiveID + extension
}
