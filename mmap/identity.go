package mmap

import (
	"crypto/rand"
	"os"
	"time"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// newID draws an id. 128 random bits are what keeps the files of two containers with
// equal process ids, on one host name even, from being one file.
func newID() (id file.ID) {
	rand.Read(id[:]) // never fails: the runtime ends the process first
	return id
}

// identity returns a header that says who this process is.
func identity(kind file.Kind, slot string) file.Header {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return file.Header{
		Generation: 1,
		Kind:       kind,
		Made:       time.Now().UnixNano(),
		ID:         newID(),
		PID:        uint64(os.Getpid()),
		Started:    startTicks(),
		Boot:       bootID(),
		Host:       host,
		Slot:       slot,
	}
}
