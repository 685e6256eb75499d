package shard

import (
	"runtime"
	"sync/atomic"
)

// Gate lets a reader hold the writers of one series back for the length of a
// copy. The zero value is open.
//
// Any number of readers may have it raised at once, so it is a count. A writer
// looks at it inside its pinned section, before the first store, and when it is
// raised leaves the section and waits outside; a writer that is already past the
// look finishes its one update. A raised gate therefore lets at most one more
// update through on each P.
//
// The gate only bounds how much moves under a reader. Whether a copy is whole is
// always decided by what was copied (begin and end, or two equal passes), never
// by the gate, so its own ordering carries no proof.
//
// It lives in the series' object, on the line that every writer loads anyway to
// find its cells. One gate for each P's block was considered: it spares the other
// Ps the wait, some hundred nanoseconds per scrape, and costs 8 bytes per P and
// series and a word in mapped files that a killed reader would leave raised.
type Gate struct{ raised atomic.Int32 }

// Raised says whether a writer has to wait.
func (g *Gate) Raised() bool { return g.raised.Load() != 0 }

func (g *Gate) raise() { g.raised.Add(1) }
func (g *Gate) lower() { g.raised.Add(-1) }

// spins is how many looks at a gate a writer takes before it lets another
// goroutine run: about as long as a copy takes.
const spins = 64

// Wait returns when the gate has been seen open. The caller must not be pinned.
// It never sleeps and never queues behind the reader: parking a writer on the
// reader's mutex was measured at 30 to 70 ms a time.
func (g *Gate) Wait() {
	for i := 0; g.Raised(); i++ {
		if i >= spins {
			runtime.Gosched()
		}
	}
}
