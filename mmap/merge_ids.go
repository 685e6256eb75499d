package mmap

import (
	"fmt"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
)

// ids keeps a merge from counting something twice: a file that an archive contains
// already, or a copy of a file.
type ids struct {
	folded map[file.ID]bool
	met    map[file.ID]string // paths
}

func (l *ids) reset() {
	clear(l.folded)
	clear(l.met)
}

// list notes what an archive contains.
func (l *ids) list(folded []file.ID) {
	if l.folded == nil {
		l.folded = make(map[file.ID]bool)
	}
	for _, id := range folded {
		l.folded[id] = true
	}
}

// meet notes a file. It is an error if it has been met before.
func (l *ids) meet(s *source) error {
	if l.met == nil {
		l.met = make(map[file.ID]string)
	}
	if other, ok := l.met[s.ID]; ok {
		return fmt.Errorf("a copy of %s: %w", other, file.ErrDamaged)
	}
	l.met[s.ID] = s.path
	return nil
}
