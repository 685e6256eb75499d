package mmap

import (
	"os"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// carryInto adds to b what the last holder of a slot has left in f: a record for each
// slab, as a fold would write it. The caller holds the file's lock, and has seen that no
// archive contains the file.
func carryInto(b *file.Builder, f *os.File) error {
	s := &source{path: f.Name(), handle: noHandle, state: Dead}
	d := &desk{limits: Limits{FileBytes: 1 << 62}.orDefaults()}
	defer s.close()
	err := guard(func() error { return s.readOpen(newTable(d.limits.Series), d, handleOf(f)) })
	if err != nil {
		return fileError(f.Name(), err)
	}
	nameProcesses([]*source{s})
	var r remains
	r.add(s)
	return r.addTo(b)
}

// readOpen reads the file of a dead process by a descriptor that somebody else goes on
// using.
func (s *source) readOpen(t *table, d *desk, h handle) error {
	id, size, err := h.stat()
	if err != nil {
		return err
	}
	s.id = id
	if err := s.look(h, d, size, true, false); err != nil {
		return err
	}
	if s.Header, err = s.view.Header(); err != nil {
		return err
	}
	return s.readOnce(t, d, h)
}
