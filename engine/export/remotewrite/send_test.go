package remotewrite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// receiver is one that lives in memory, so that a test can have its own clock. It tells
// the values of the samples that it has taken.
type receiver struct {
	t       *testing.T
	version Version

	mu     sync.Mutex
	tries  int
	taken  []string
	header http.Header
	// answer says how to answer a try, with 0 for taking the samples; nil takes all.
	answer func(try int, w http.ResponseWriter) int
}

func (r *receiver) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries++
	r.header = q.Header
	w := httptest.NewRecorder()
	status := 0
	if r.answer != nil {
		status = r.answer(r.tries, w)
	}
	switch {
	case status < 0:
		return nil, errors.New("connection reset")
	case status > 0:
		w.WriteHeader(status)
	default:
		r.take(w, body)
	}
	answer := w.Result()
	answer.Request = q
	return answer, nil
}

func (r *receiver) take(w http.ResponseWriter, body []byte) {
	n := 0
	read := map[Version]func(*testing.T, []byte) request{Version1: read1, Version2: read2}[r.version]
	for _, s := range read(r.t, body).series {
		for _, sample := range s.samples {
			r.taken = append(r.taken, fmt.Sprintf("%s %v", s.labels, sample))
			n++
		}
	}
	if r.version == Version2 {
		w.Header().Set("X-Prometheus-Remote-Write-Samples-Written", fmt.Sprint(n))
	}
	w.WriteHeader(http.StatusNoContent)
}

func (r *receiver) options() Options {
	return Options{Version: r.version, Client: &http.Client{Transport: r}, Now: time.Now, URL: "http://u:secret@h/write"}
}

func one() families {
	return families{{Name: "g", Type: encode.Gauge, Samples: []encode.Sample{labelled(1)}}}
}

func TestHeaders(t *testing.T) {
	for version, want := range map[Version]string{
		Version1: "application/x-protobuf 0.1.0", Version2: "application/x-protobuf;proto=io.prometheus.write.v2.Request 2.0.0"} {
		r := &receiver{t: t, version: version}
		o := r.options()
		o.Header = http.Header{"x-scope-orgid": {"7"}}
		if err := writer(t, one(), o).Push(t.Context()); err != nil {
			t.Error(err)
		}
		if got := r.header.Get("Content-Type") + " " + r.header.Get("X-Prometheus-Remote-Write-Version"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if r.header.Get("Content-Encoding") != "snappy" || r.header.Get("X-Scope-OrgID") != "7" || r.header.Get("User-Agent") == "" || r.header.Get("Authorization") != "Basic dTpzZWNyZXQ=" {
			t.Errorf("%v", r.header)
		}
	}
}

// What is tried again, and what is not.
func TestRules(t *testing.T) {
	for status, again := range map[int]bool{-1: true, 500: true, 502: true, 503: true, 504: true, 429: true,
		400: false, 401: false, 404: false, 409: false, 413: false, 415: false, 422: false, 304: false} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{t: t, answer: func(try int, w http.ResponseWriter) int {
				if try <= 3 {
					return status
				}
				return 0
			}}
			w := writer(t, one(), r.options())
			err := w.Push(t.Context())
			s := w.Stats()
			if again && (err != nil || s.Sent != 1 || s.Retries != 3 || r.tries != 4) || !again && (err == nil || s.Refused != 1 || r.tries != 1) {
				t.Errorf("%d: %v, %+v, %d tries", status, err, s, r.tries)
			}
			var answer *StatusError
			if !again && (!errors.As(err, &answer) || answer.Status != status || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "http://u:xxxxx@h/write")) {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

// Retry-After is seconds or a date, is obeyed, and is not believed beyond five minutes.
func TestRetryAfter(t *testing.T) {
	for _, status := range []int{429, 503} {
		for text, want := range map[string]time.Duration{"7": 7 * time.Second, "date": 90 * time.Second, "99999999": 5 * time.Minute} {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				if text == "date" {
					text = begun.Add(want).UTC().Format(http.TimeFormat)
				}
				r := &receiver{t: t, answer: func(try int, w http.ResponseWriter) int {
					if try > 1 {
						return 0
					}
					w.Header().Set("Retry-After", text)
					return status
				}}
				if err := writer(t, one(), r.options()).Push(t.Context()); err != nil {
					t.Error(err)
				}
				if d := time.Since(begun); d != want {
					t.Errorf("%d, Retry-After: %s: tried again after %v", status, text, d)
				}
			})
		}
	}
	for text, want := range map[string]time.Duration{"": 0, "soon": 0, "-1": 0, "1.5": 0, "Mon, 02 Jan 2006 15:04:05 GMT": 0} {
		if got := retryAfter(text, time.Now()); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A receiver of 2.0 says what it has written; one that does not has not read it.
func TestWritten(t *testing.T) {
	type headers map[string]string
	for name, c := range map[string]struct {
		status        int
		says          headers
		sent, refused uint64
	}{
		"all":                   {204, headers{"Samples": "2", "Histograms": "1", "Exemplars": "0"}, 3, 0},
		"more":                  {200, headers{"Samples": "9"}, 3, 0},
		"some":                  {204, headers{"Samples": "2", "Histograms": "0"}, 2, 1},
		"none":                  {204, headers{"Samples": "0"}, 0, 3},
		"nothing":               {204, nil, 0, 3},
		"exemplars do not help": {204, headers{"Exemplars": "3"}, 0, 3},
		"garbage":               {204, headers{"Samples": "x"}, 0, 3},
		"some of a bad request": {400, headers{"Samples": "1", "Histograms": "1"}, 2, 1},
		"unsupported":           {415, nil, 0, 3},
		"bad exemplars":         {400, headers{"Samples": "2", "Histograms": "1", "Exemplars": "0"}, 3, 0},
	} {
		r := &receiver{t: t, version: Version2, answer: func(_ int, w http.ResponseWriter) int {
			for k, v := range c.says {
				w.Header().Set("X-Prometheus-Remote-Write-"+k+"-Written", v)
			}
			return c.status
		}}
		src := append(all()[5:6], encode.Family{Name: "g", Samples: []encode.Sample{labelled(1), labelled(2, "a", "b")}})
		w := writer(t, src, r.options())
		err := w.Push(t.Context())
		if s := w.Stats(); s.Sent != c.sent || s.Refused != c.refused || (err == nil) != (c.refused == 0) || r.tries != 1 {
			t.Errorf("%s: %v, %+v", name, err, s)
		}
	}
}

// Through an outage, a full receiver and a lost answer every push arrives in order, each
// sample at the time at which it was taken.
func TestRunThroughOutage(t *testing.T) {
	for _, version := range []Version{Version1, Version2} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			r := &receiver{t: t, version: version}
			r.answer = func(_ int, w http.ResponseWriter) int {
				switch d := time.Since(begun); {
				case d > 20*time.Second && d < 2*time.Minute:
					return -1
				case d < 3*time.Minute && d > 2*time.Minute:
					w.Header().Set("Retry-After", "20")
					return 429
				case d < 4*time.Minute && d > 3*time.Minute:
					return 503
				}
				return 0
			}
			w := writer(t, one(), r.options())
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute+time.Second)
			defer cancel()
			if err := w.Run(ctx); err != nil {
				t.Error(err)
			}
			for i := range 22 {
				at := begun.Add(time.Duration(i) * 15 * time.Second)
				if i == 21 {
					at = begun.Add(5*time.Minute + time.Second)
				}
				if want := fmt.Sprintf("__name__=g 1@%d st 0", at.UnixMilli()); i >= len(r.taken) || r.taken[i] != want {
					t.Fatalf("%s: %q, want sample %d to be %s", version, r.taken, i, want)
				}
			}
			if s := w.Stats(); len(r.taken) != 22 || s.Sent != 22 || s.Retries == 0 || s.Refused+s.Overflowed+s.Unsent != 0 || s.WaitingBytes != 0 {
				t.Errorf("%s: %d samples, %+v", version, len(r.taken), s)
			}
		})
	}
}

// While a receiver is away no more than MaxBuffer waits; what is dropped is the oldest,
// and all is counted.
func TestMaxBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		away.Store(true)
		r := &receiver{t: t, answer: func(int, http.ResponseWriter) int {
			if away.Load() {
				return 503
			}
			return 0
		}}
		o := r.options()
		o.MaxBuffer = 500
		w := writer(t, one(), o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		time.Sleep(time.Second)
		for range 100 {
			time.Sleep(15 * time.Second)
			if n := w.Stats().WaitingBytes; n > o.MaxBuffer {
				t.Fatalf("%d bytes wait", n)
			}
		}
		away.Store(false)
		time.Sleep(10 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		s := w.Stats()
		if s.Sent+s.Overflowed != 102 || s.Overflowed == 0 || s.Sent < 3 || int(s.Sent) != len(r.taken) {
			t.Errorf("%+v, %d taken", s, len(r.taken))
		}
	})
}

// A receiver that takes longer than Timeout is one that did not answer.
func TestSlowReceiver(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer slow.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	w := writer(t, one(), Options{URL: slow.URL, Timeout: 10 * time.Millisecond})
	if err := w.Push(ctx); !errors.Is(err, context.DeadlineExceeded) || w.Stats().Retries == 0 {
		t.Error(err, w.Stats())
	}
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{t: t}
		w := writer(t, one(), r.options())
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		if err := w.Push(t.Context()); !errors.Is(err, ErrBusy) {
			t.Error(err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestBadOptions(t *testing.T) {
	good := Options{URL: "http://h"}
	for says, change := range map[string]func(*Options){
		"URL": func(o *Options) { o.URL = "" }, "version": func(o *Options) { o.Version = 3 },
		"UTF-8": func(o *Options) { o.Names = encode.AllowUTF8 }, "negative": func(o *Options) { o.MaxBuffer = -1 },
		`"a.b"`: func(o *Options) { o.Labels = map[string]string{"a.b": "x"} }, "__name__": func(o *Options) { o.Labels = map[string]string{"__name__": "x"} },
		`\xff`: func(o *Options) { o.Labels = map[string]string{"a": "\xff"} }, "bearer": func(o *Options) { o.Username, o.BearerToken = "u", "t" },
	} {
		o := good
		change(&o)
		if _, err := New(one(), o); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "remotewrite: ") {
			t.Errorf("%v, want something on %s", err, says)
		}
	}
	if _, err := New(nil, good); err == nil {
		t.Error("nothing to push")
	}
}
