package mmap

// counts is what a store counts as it goes. The store's mutex guards it.
type counts struct {
	slabs       int
	refused     uint64
	lastRefusal error
	carried     int
}

// Stats is a store at one moment.
type Stats struct {
	Path       string // of the file
	Slot       string // Options.Slot
	FileSystem string // its name, or its magic number in hexadecimal
	Memory     bool   // the file system is memory; otherwise writeback makes recording fault (package comment)

	Bytes     int64 // disk space that the file holds; on tmpfs this is memory
	Length    int64 // of the file, holes included
	Directory int64 // bytes of the directory, of its dead records too
	Chunks    int
	Extents   int // of at most 1920
	Slabs     int // in use; a series has one or several
	Carried   int // records that Options.Slot took over from earlier holders

	// RefusedStripes counts how often a P could get no stripe of its own in a chunk,
	// for want of space. It records in the shared one, correctly and more slowly.
	RefusedStripes uint64
	LastRefusal    error // of those
}

// Stats returns what the store is like now, or was when it was closed.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{
		Path:           s.path,
		Slot:           s.slot,
		FileSystem:     s.fs.Name,
		Memory:         s.fs.Memory,
		Bytes:          s.space.held,
		Length:         s.space.end,
		Directory:      int64(s.dir.used),
		Chunks:         int(s.next),
		Extents:        s.space.extents,
		Slabs:          s.stats.slabs,
		Carried:        s.stats.carried,
		RefusedStripes: s.stats.refused,
		LastRefusal:    s.stats.lastRefusal,
	}
}
