package remotewrite

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/pawl-metrics/pawl/engine/export/internal/outbox"
	"github.com/pawl-metrics/pawl/engine/export/internal/post"
)

// maxRetryAfter bounds what Retry-After may ask for: a wrong clock must not silence a
// service for a day.
const maxRetryAfter = 5 * time.Minute

// StatusError is a receiver's answer other than that it has taken a request.
type StatusError struct {
	URL     string
	Status  int
	Text    string // the beginning of the answer
	Samples int    // in the request
	Written int    // how many of them the receiver has taken all the same, as far as it says
}

func (e *StatusError) Error() string {
	a := post.Answer{Status: e.Status, Text: e.Text}
	return fmt.Sprintf("remotewrite: %s: %v (%d samples, %d written)", e.URL, e.explain(&a), e.Samples, e.Written)
}

func (e *StatusError) explain(a *post.Answer) string {
	switch {
	case e.Status == http.StatusUnsupportedMediaType:
		return a.Err().Error() + ", which may mean that it knows no other version than 1.0"
	case e.Status/100 == 2 && e.Written == 0:
		return "taken without a word of what was written, as by a receiver that knows version 1.0 only and has read none of it"
	case e.Status/100 == 2:
		return "taken, but not all of it"
	}
	return a.Err().Error()
}

// send tries once to deliver a request.
func (w *Writer) send(ctx context.Context, b outbox.Batch) outbox.Outcome {
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	answer, err := w.post.Do(ctx, http.MethodPost, nil, b.Body)
	if err != nil {
		return outbox.Outcome{Err: fmt.Errorf("remotewrite: %s: %w", w.post.URL(), err), Again: true}
	}
	return w.judge(answer, b.Samples)
}

// judge says what is to be done after an answer.
func (w *Writer) judge(a *post.Answer, samples int) outbox.Outcome {
	written, counted := w.written(a.Header)
	if a.Status/100 == 2 && (w.o.Version == Version1 || counted && written >= samples) {
		return outbox.Outcome{}
	}
	err := &StatusError{w.post.URL(), a.Status, a.Text, samples, written}
	switch {
	case a.Status/100 == 5 || a.Status == http.StatusTooManyRequests:
		after := min(retryAfter(a.Header.Get("Retry-After"), w.o.Now()), maxRetryAfter)
		return outbox.Outcome{Err: err, Again: true, After: after}
	case counted && written >= samples:
		// All that was amiss were exemplars, as when a request comes again: Prometheus
		// knows samples that it has already, but of a series' exemplars only the last.
		return outbox.Outcome{Note: err}
	}
	return outbox.Outcome{Err: err, Taken: written}
}

// written returns how many samples and histograms a receiver of version 2.0 says that
// it has taken; counted is whether it says so.
func (w *Writer) written(h http.Header) (n int, counted bool) {
	if w.o.Version != Version2 {
		return 0, false
	}
	for _, what := range []string{"Samples", "Histograms", "Exemplars"} {
		text := h.Get("X-Prometheus-Remote-Write-" + what + "-Written")
		count, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || count < 0 {
			continue
		}
		counted = true
		if what != "Exemplars" {
			n += count
		}
	}
	return n, counted
}

// retryAfter reads the header, which is seconds or a date (RFC 9110, 10.2.3).
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
