package mmap

import (
	"os"
	"sync"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// machine is what a process knows of where it runs.
type machine struct {
	boot [16]byte // zero: not known
	host string
}

// thisMachine asks once: the host's name could change, and what is dead must not
// become foreign by that.
var thisMachine = sync.OnceValue(func() *machine {
	m := new(machine)
	m.host, _ = os.Hostname()
	m.host = m.host[:min(len(m.host), file.MaxHost)]
	m.boot = bootID()
	return m
})

// liveness says what is known of the writer of a file. Where the system tells no
// boot id, the host's name decides.
func (m *machine) liveness(h *file.Header, held bool) Liveness {
	switch {
	case h.Kind == file.Archive:
		return Dead
	case held:
		return Alive
	case h.Boot == m.boot && m.boot != [16]byte{}, h.Host == m.host:
		return Dead
	}
	return Foreign
}
