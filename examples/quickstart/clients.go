package main

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// call is a request that clients make, and the answer it gets.
type call struct {
	method, path string
	status       int
}

var calls = []call{
	{"GET", "/users", http.StatusOK},
	{"GET", "/users", http.StatusOK},
	{"POST", "/users", http.StatusCreated},
	{"GET", "/missing", http.StatusNotFound},
}

// tally is what clients did: answers by call, and bytes of their bodies.
type tally struct {
	answers map[call]uint64
	bytes   uint64
	failed  uint64
}

// fleet is a number of clients at work.
type fleet struct {
	running sync.WaitGroup
	mu      sync.Mutex
	total   tally
}

// startFleet starts n clients that send one request after another until ctx ends.
func startFleet(ctx context.Context, url string, n int) *fleet {
	f := &fleet{total: tally{answers: map[call]uint64{}}}
	transport := &http.Transport{MaxIdleConnsPerHost: n}
	for i := range n {
		f.running.Go(func() { f.add(drive(ctx, transport, url, i)) })
	}
	return f
}

// wait returns what all clients did, once they have ended.
func (f *fleet) wait() tally {
	f.running.Wait()
	return f.total
}

func (f *fleet) add(t tally) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c, n := range t.answers {
		f.total.answers[c] += n
	}
	f.total.bytes += t.bytes
	f.total.failed += t.failed
}

// drive is one client. It looks at ctx only between requests: one that has been
// sent is always read to its end, so that both sides count it.
func drive(ctx context.Context, transport http.RoundTripper, url string, first int) tally {
	t := tally{answers: map[call]uint64{}}
	for i := first; ctx.Err() == nil; i++ {
		c := calls[i%len(calls)]
		n, status, err := send(transport, c.method, url+c.path)
		if err != nil || status != c.status {
			t.failed++
			continue
		}
		t.answers[c]++
		t.bytes += uint64(n)
	}
	return t
}

func send(transport http.RoundTripper, method, url string) (bytes int64, status int, err error) {
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		return 0, 0, err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return 0, 0, err
	}
	defer resp.Body.Close()
	bytes, err = io.Copy(io.Discard, resp.Body)
	return bytes, resp.StatusCode, err
}
