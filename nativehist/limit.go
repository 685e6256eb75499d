package nativehist

import (
	"time"
	"weak"

	"github.com/pawl-metrics/pawl/shard"
)

// over says whether more buckets are populated than may be. The mutex is held.
func (r *Recorder) over() bool {
	return r.config.MaxBuckets > 0 && r.base.populated() > r.config.MaxBuckets
}

// limit takes the first step that applies, of client_golang's three and in its
// order: reset and record v again, widen the zero bucket, halve the resolution.
// One step may not be enough; the recorder then stays cold, and the next
// observation takes another. The mutex is held.
func (r *Recorder) limit(v float64, i int) {
	if wait := r.config.MinResetDuration; wait > 0 && !r.pending {
		age := time.Since(r.start)
		if age >= wait {
			r.reset(func(s *sparse) { s.observe(v, i) })
			return
		}
		// A reset undoes the other steps as soon as it may. The timer does not
		// keep a recorder that nobody uses any more.
		r.pending = true
		w := weak.Make(r)
		time.AfterFunc(wait-age, func() { resetPending(w) })
	}
	if r.coarsen() {
		r.retire()
	}
}

// coarsen widens the zero bucket or halves the resolution, if either can be done. It
// is false when a store with other readers has no room for what comes of it; nothing
// has changed then.
func (r *Recorder) coarsen() bool {
	change := func(s *sparse) bool { return s.widen(r.config.MaxZeroThreshold) || s.halve() }
	if r.image == nil {
		change(&r.base)
		return true
	}
	next := r.base.clone()
	if change(&next) {
		if !r.image.step(&next) {
			return false
		}
		r.base = next
	}
	return true
}

func resetPending(w weak.Pointer[Recorder]) {
	if r := w.Value(); r != nil {
		r.mu.Lock()
		r.reset(func(*sparse) {})
		r.pending = false
		r.mu.Unlock()
	}
}

// reset starts counting anew, with what first records. Observations under way to a
// block go with it. Where a store with other readers has no room for that, the
// recorder goes on as it is. The mutex is held.
func (r *Recorder) reset(first func(*sparse)) {
	now := time.Now()
	if r.image == nil {
		r.base.reset(r.config)
		first(&r.base)
	} else {
		next := r.base.blank()
		next.reset(r.config)
		first(&next)
		if !r.image.restart(&next, now.UnixNano(), r.slabs()) {
			return
		}
		r.base = next
	}
	r.retire()
	r.dropped = append(r.dropped, r.retired...)
	clear(r.retired)
	r.retired = r.retired[:0]
	r.start = now
	r.fold()
}

// slabs are those of the blocks that readers sum.
func (r *Recorder) slabs() (all []shard.Slab) {
	for _, b := range r.blocks(nil) {
		all = append(all, b.cells.Slab)
	}
	return all
}
