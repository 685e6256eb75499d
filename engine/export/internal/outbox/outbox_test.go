package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func batch(name string) Batch { return Batch{slices.Clip([]byte(name)), 1} }

func names(list []Batch) (s string) {
	for _, b := range list {
		s += string(b.Body) + " "
	}
	return strings.TrimSpace(s)
}

// A full box drops its oldest, but neither what is being sent nor the newest.
func TestBound(t *testing.T) {
	b := New(6)
	for _, name := range []string{"aa", "bb", "cc"} {
		b.Put(batch(name))
	}
	if got, ok := b.take(t.Context()); !ok || string(got.Body) != "aa" {
		t.Fatal(got, ok)
	}
	b.Put(batch("dd"))
	if got := names(b.waits); got != "aa cc dd" || b.bytes != 6 {
		t.Errorf("%s, %d bytes", got, b.bytes)
	}
	b.Put(batch("large one"))
	if got := names(b.waits); got != "aa large one" {
		t.Error(got)
	}
	b.drop()
	if got := b.Stats(); got != (Stats{Overflowed: 3, WaitingBytes: 9, WaitingBatches: 1}) {
		t.Errorf("%+v", got)
	}
	b.Put(batch("e"))
	if got := names(b.waits); got != "e" {
		t.Error(got)
	}
}

// receiver takes, refuses or fails as it is told, and remembers when.
type receiver struct {
	mu    sync.Mutex
	tries []string
	got   []string
	next  func(name string, try int) Outcome
}

func (r *receiver) send(_ context.Context, b Batch) Outcome {
	r.mu.Lock()
	r.tries = append(r.tries, string(b.Body))
	try := len(r.tries)
	r.mu.Unlock()
	var out Outcome
	if r.next != nil {
		out = r.next(string(b.Body), try)
	}
	if out.Err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, string(b.Body))
	}
	return out
}

// numbered gathers "0", "1" and so on.
func numbered() func(context.Context, bool, func(Batch)) error {
	n := 0
	return func(_ context.Context, last bool, put func(Batch)) error {
		name := fmt.Sprint(n)
		if n++; last {
			name += "!"
		}
		put(batch(name))
		return nil
	}
}

func runner(r *receiver, limit int) *Runner {
	return &Runner{Box: New(limit), Interval: 10 * time.Second, Grace: 5 * time.Second, Gather: numbered(), Send: r.send,
		MinBackoff: time.Second, MaxBackoff: 8 * time.Second}
}

// run runs for so long, by a clock that costs no time.
func run(t *testing.T, r *Runner, d time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	return r.Run(ctx)
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &receiver{}
		r := runner(to, 1000)
		if err := run(t, r, 25*time.Second); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(to.got); got != "[0 1 2 3!]" {
			t.Error(got)
		}
		if got := r.Box.Stats(); got != (Stats{Sent: 4}) {
			t.Errorf("%+v", got)
		}
		if err := run(t, r, 5*time.Second); err != nil || fmt.Sprint(to.got) != "[0 1 2 3! 4 5!]" {
			t.Error("a second run:", err, to.got)
		}
	})
}

var errDown = errors.New("down")

func down(string, int) Outcome { return Outcome{Err: errDown, Again: true} }

// An outage that ends loses nothing, and gathering goes on through it.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(55 * time.Second)
		to := &receiver{next: func(string, int) Outcome {
			if time.Now().Before(back) {
				return Outcome{Err: errDown, Again: true}
			}
			return Outcome{}
		}}
		r := runner(to, 1000)
		reports := 0
		r.OnError = func(error) { reports++ }
		if err := run(t, r, 95*time.Second); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(to.got); got != "[0 1 2 3 4 5 6 7 8 9 10!]" {
			t.Error(got)
		}
		if s := r.Box.Stats(); s.Sent != 11 || s.Retries == 0 || int(s.Retries) != reports {
			t.Errorf("%+v, %d reports", s, reports)
		}
	})
}

// One that does not end drops the oldest, and in the end the rest; all is counted.
func TestOutageForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(&receiver{next: down}, 3)
		if err := run(t, r, 75*time.Second); err == nil || !strings.Contains(err.Error(), "2 samples") {
			t.Error(err)
		}
		if s := r.Box.Stats(); s.Overflowed != 7 || s.Unsent != 2 || s.Sent != 0 || s.WaitingBatches != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// A receiver that takes a minute for each batch holds up sending, not gathering.
func TestSlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &receiver{next: func(string, int) Outcome { time.Sleep(time.Minute); return Outcome{} }}
		r := runner(to, 1000)
		r.Grace = time.Hour
		if err := run(t, r, 45*time.Second); err != nil || fmt.Sprint(to.got) != "[0 1 2 3 4 5!]" {
			t.Error(err, to.got)
		}
	})
}

func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &receiver{next: func(name string, _ int) Outcome {
			if name == "1" {
				return Outcome{Err: errDown}
			}
			return Outcome{}
		}}
		r := runner(to, 1000)
		if err := run(t, r, 25*time.Second); err != nil || fmt.Sprint(to.tries) != "[0 1 2 3!]" || r.Box.Stats().Refused != 1 {
			t.Error(err, to.tries)
		}
	})
}

// Of a batch that is refused the receiver may have taken a part.
func TestPartlyTaken(t *testing.T) {
	r := runner(&receiver{next: func(string, int) Outcome { return Outcome{Err: errDown, Taken: 7} }}, 1000)
	r.Gather = func(_ context.Context, _ bool, put func(Batch)) error { put(Batch{Samples: 10}); return nil }
	if err := r.Once(t.Context()); !errors.Is(err, errDown) {
		t.Error(err)
	}
	if s := r.Box.Stats(); s.Sent != 7 || s.Refused != 3 {
		t.Errorf("%+v", s)
	}
}

// A batch that was taken may leave something to say.
func TestNote(t *testing.T) {
	r := runner(&receiver{next: func(string, int) Outcome { return Outcome{Note: errDown} }}, 1000)
	var reports []error
	r.OnError = func(err error) { reports = append(reports, err) }
	if err := r.Once(t.Context()); err != nil || len(reports) != 1 || r.Box.Stats().Sent != 1 {
		t.Error(err, reports)
	}
}

// What was gathered before a collector failed is delivered all the same.
func TestOncePartly(t *testing.T) {
	to := &receiver{}
	r := runner(to, 1000)
	r.Gather = func(_ context.Context, _ bool, put func(Batch)) error { put(batch("a")); return errDown }
	if err := r.Once(t.Context()); !errors.Is(err, errDown) || fmt.Sprint(to.got) != "[a]" {
		t.Error(err, to.got)
	}
}

// Waits double up to a limit, each cut by up to a half; what a receiver asks for is kept.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Time
		to := &receiver{next: func(_ string, try int) Outcome {
			at = append(at, time.Now())
			if try == 7 {
				return Outcome{Err: errDown, Again: true, After: time.Hour}
			}
			return Outcome{Err: errDown, Again: try < 8}
		}}
		r := runner(to, 1000)
		if err := r.Once(t.Context()); !errors.Is(err, errDown) {
			t.Error(err)
		}
		want := []time.Duration{1, 2, 4, 8, 8, 8}
		for i, w := range want {
			if d := at[i+1].Sub(at[i]); d < w*time.Second/2 || d > w*time.Second {
				t.Errorf("wait %d is %v, want from %v/2 to %v s", i, d, w, w)
			}
		}
		if d := at[7].Sub(at[6]); d != time.Hour {
			t.Errorf("waited %v though asked for an hour", d)
		}
	})
}

// At the end one wait is cut short, but not one that the receiver asked for.
func TestEndOfWaits(t *testing.T) {
	for after, want := range map[time.Duration]string{0: "[0 0 1!]", time.Hour: "[0]"} {
		synctest.Test(t, func(t *testing.T) {
			to := &receiver{next: func(_ string, try int) Outcome {
				return Outcome{Err: map[bool]error{true: errDown}[try == 1], Again: true, After: after}
			}}
			r := runner(to, 1000)
			r.MinBackoff = time.Hour
			_ = run(t, r, time.Second)
			if got := fmt.Sprint(to.tries); got != want {
				t.Errorf("after %v: %s, want %s", after, got, want)
			}
		})
	}
}

// A gathering that takes longer than the interval leaves out what it missed.
func TestMissedSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []int
		ctx, cancel := context.WithTimeout(t.Context(), 55*time.Second)
		defer cancel()
		every(ctx, 10*time.Second, func() {
			at = append(at, int(time.Since(start)/time.Second))
			if len(at) == 2 {
				time.Sleep(25 * time.Second)
			}
		})
		if want := []int{0, 10, 40, 50}; !slices.Equal(at, want) {
			t.Errorf("%v, want %v", at, want)
		}
	})
}

// A gathering has until the next one, and says so if it was not enough.
func TestGatherHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(&receiver{}, 1000)
		hangs := 0
		r.Gather = func(ctx context.Context, _ bool, _ func(Batch)) error { hangs++; <-ctx.Done(); return ctx.Err() }
		var reports []error
		r.OnError = func(err error) { reports = append(reports, err) }
		if err := run(t, r, 25*time.Second); err != nil || hangs != 4 || len(reports) != 3 {
			t.Error(err, hangs, reports)
		}
	})
}

func TestGatherFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(&receiver{}, 1000)
		r.Gather = func(context.Context, bool, func(Batch)) error { return errDown }
		var reports []error
		r.OnError = func(err error) { reports = append(reports, err) }
		if err := run(t, r, 15*time.Second); err != nil || len(reports) != 3 {
			t.Error(err, reports)
		}
		if err := r.Once(t.Context()); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := runner(&receiver{}, 1000)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		if err := r.Once(t.Context()); err != ErrBusy {
			t.Error(err)
		}
		if err := r.Run(t.Context()); err != ErrBusy {
			t.Error(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestOnceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := runner(&receiver{next: down}, 0).Once(ctx); !errors.Is(err, errDown) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}
