package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/storage/remote"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/remotewrite"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
)

// receive starts a receiver for remote write with a database behind it.
func receive(t *testing.T, how setting, versions ...remoteapi.WriteMessageType) (*server, string) {
	s := &server{t: t, db: openDB(t, how)}
	h := remote.NewWriteHandler(promslog.NewNopLogger(), prometheus.NewRegistry(), s.db, versions, false, true)
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	return s, web.URL
}

// pushing returns a writer for a service, with its job.
func pushing(t *testing.T, web *service, o remotewrite.Options) *remotewrite.Writer {
	t.Helper()
	o.Labels = map[string]string{"job": "pawl", "instance": "i"}
	w, err := remotewrite.New(web.reg, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// push pushes twice, as a service does that lives a while.
func push(t *testing.T, w *remotewrite.Writer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 2 {
		if err := w.Push(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if s := w.Stats(); s.Sent == 0 || s.Refused+s.Invalid+s.Retries != 0 {
		t.Errorf("%+v", s)
	}
}

// Both versions leave behind what a scrape does: the same series, the same values.
func TestRemoteWrite(t *testing.T) {
	for _, o := range []remotewrite.Options{
		{Version: remotewrite.Version1}, {Version: remotewrite.Version1, MaxSamples: 3},
		{Version: remotewrite.Version2, Classic: true}, {Version: remotewrite.Version2, Classic: true, Names: encode.AllowUTF8},
	} {
		t.Run(fmt.Sprint(o.Version, o.MaxSamples, o.Names), func(t *testing.T) {
			s, url := receive(t, setting{}, remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType)
			web := serve(t, scrape.Options{})
			o.URL = url
			push(t, pushing(t, web, o))
			got, natives := s.latest()
			want := recorded()
			if diff := want.diff(underscored(got)); diff != "" {
				t.Errorf("Prometheus has not what was recorded:\n%s", diff)
			}
			for k, list := range s.exposed() {
				if len(list) != 2 || list[0].at >= list[1].at {
					t.Errorf("%s: two pushes left %v", k, list)
				}
			}
			if n := map[remotewrite.Version]int{remotewrite.Version2: 2}[o.Version]; len(natives) != n {
				t.Errorf("%d native histograms, want %d", len(natives), n)
			}
			if o.Names == encode.AllowUTF8 {
				s.checkQueries(t, queries)
			}
		})
	}
}

// Version 2.0 brings native histograms whole, and PromQL reads them.
func TestRemoteWriteNative(t *testing.T) {
	s, url := receive(t, setting{}, remoteapi.WriteV2MessageType)
	web := serve(t, scrape.Options{})
	push(t, pushing(t, web, remotewrite.Options{URL: url, Version: remotewrite.Version2}))
	got, natives := s.latest()
	want := recorded()
	want.without("size_bytes")
	want.without("wait_seconds") // classic buckets are for those who ask for them
	if diff := want.diff(underscored(got)); diff != "" {
		t.Errorf("the floats are not what was recorded:\n%s", diff)
	}
	if names := slices.Sorted(maps.Keys(natives)); !slices.Equal(names, []string{`size_bytes{route="/a"}`, `wait_seconds{route="/a"}`}) {
		t.Fatalf("native histograms: %v", names)
	}
	for _, h := range natives {
		checkNative(t, h)
	}
	s.checkQueries(t, nativeQueriesOf("size_bytes"))
	s.checkQueries(t, nativeQueriesOf("wait_seconds"))
}

// An exemplar comes with each push, and is stored once.
func TestRemoteWriteExemplars(t *testing.T) {
	s, url := receive(t, setting{}, remoteapi.WriteV2MessageType)
	web := serve(t, scrape.Options{})
	push(t, pushing(t, web, remotewrite.Options{URL: url, Version: remotewrite.Version2, Classic: true}))
	got := s.exemplars()
	for k, list := range got {
		for i := range list {
			web.checkMoment(t, k, list[i].Ts)
		}
	}
	if diff := underscored(wantExemplars(true)).diff(underscored(flat(got))); diff != "" {
		t.Errorf("exemplars:\n%s", diff)
	}
}

// Start timestamps become zeros at the moment when an instrument was made.
func TestRemoteWriteStarts(t *testing.T) {
	s, url := receive(t, setting{Starts: true}, remoteapi.WriteV2MessageType)
	web := serve(t, scrape.Options{})
	push(t, pushing(t, web, remotewrite.Options{URL: url, Version: remotewrite.Version2}))
	for k, list := range s.exposed() {
		web.checkStart(t, k, list[0], counting.MatchString(k) && !strings.HasPrefix(k, "ticks"))
	}
}

// A service that is younger than its push's timestamp is taken all the same.
func TestRemoteWriteYoung(t *testing.T) {
	s, url := receive(t, setting{Starts: true}, remoteapi.WriteV2MessageType)
	web := serve(t, scrape.Options{})
	before := web.born.Add(-time.Minute)
	push(t, pushing(t, web, remotewrite.Options{URL: url, Version: remotewrite.Version2, Now: func() time.Time { return before }}))
	got, _ := s.latest()
	want := recorded()
	want.without("size_bytes")
	want.without("wait_seconds")
	if diff := want.diff(underscored(got)); diff != "" {
		t.Errorf("Prometheus has not what was recorded:\n%s", diff)
	}
}

// The end of Run is the end of every series.
func TestRemoteWriteStale(t *testing.T) {
	for _, version := range []remotewrite.Version{remotewrite.Version1, remotewrite.Version2} {
		s, url := receive(t, setting{}, remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w := pushing(t, serve(t, scrape.Options{}), remotewrite.Options{URL: url, Version: version, StaleAtEnd: true})
		if err := w.Run(ctx); err != nil {
			t.Fatal(err)
		}
		for k, list := range s.exposed() {
			if len(list) != 2 {
				t.Errorf("%s, version %s: %v", k, version, list)
			}
		}
		time.Sleep(5 * time.Millisecond) // to be behind the mark
		if v, err := s.query(`count({job="pawl"}) or vector(0)`); v != 0 || err != nil {
			t.Errorf("version %s: %v series go on, %v", version, v, err)
		}
	}
}

// A receiver that knows version 1.0 alone is told from one that has taken the samples.
func TestRemoteWriteOldReceiver(t *testing.T) {
	_, url := receive(t, setting{}, remoteapi.WriteV1MessageType)
	w := pushing(t, serve(t, scrape.Options{}), remotewrite.Options{URL: url, Version: remotewrite.Version2})
	if err := w.Push(t.Context()); err == nil || !strings.Contains(err.Error(), "415") {
		t.Error(err)
	}
	if s := w.Stats(); s.Sent != 0 || s.Refused == 0 {
		t.Errorf("%+v", s)
	}
}

// The same samples again, as after a lost answer, are taken and stored once.
func TestRemoteWriteAgain(t *testing.T) {
	for _, version := range []remotewrite.Version{remotewrite.Version1, remotewrite.Version2} {
		s, url := receive(t, setting{}, remoteapi.WriteV1MessageType, remoteapi.WriteV2MessageType)
		lost := 0
		client := &http.Client{Transport: lossy(func(r *http.Request) (*http.Response, error) {
			answer, err := http.DefaultTransport.RoundTrip(r)
			if lost++; err == nil && lost%2 == 1 {
				answer.Body.Close()
				return nil, fmt.Errorf("the answer was lost")
			}
			return answer, err
		})}
		w := pushing(t, serve(t, scrape.Options{}), remotewrite.Options{URL: url, Version: version, Client: client})
		if err := w.Push(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stats := w.Stats(); stats.Retries == 0 || stats.Refused != 0 {
			t.Errorf("version %s: %+v", version, stats)
		}
		for k, list := range s.exposed() {
			if len(list) != 1 {
				t.Errorf("%s, version %s: %v", k, version, list)
			}
		}
	}
}

type lossy func(*http.Request) (*http.Response, error)

func (f lossy) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
