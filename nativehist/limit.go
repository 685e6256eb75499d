package nativehist

import (
	"time"
	"weak"
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
			r.reset()
			r.base.observe(v, i)
			return
		}
		// A reset undoes the other steps as soon as it may. The timer does not
		// keep a recorder that nobody uses any more.
		r.pending = true
		w := weak.Make(r)
		time.AfterFunc(wait-age, func() { resetPending(w) })
	}
	r.retire()
	_ = r.base.widen(r.config.MaxZeroThreshold) || r.base.halve()
}

func resetPending(w weak.Pointer[Recorder]) {
	if r := w.Value(); r != nil {
		r.mu.Lock()
		r.reset()
		r.pending = false
		r.mu.Unlock()
	}
}

// reset starts counting anew. Observations under way to a block go with it. The
// mutex is held.
func (r *Recorder) reset() {
	r.retire()
	r.dropped = append(r.dropped, r.retired...)
	clear(r.retired)
	r.retired = r.retired[:0]
	r.base.reset(r.config)
	r.start = time.Now()
	r.fold()
}
