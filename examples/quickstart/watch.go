package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// watch prints a line a second: what the service recorded, and what it cost to ask.
func watch(ctx context.Context, url string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	fmt.Printf("\n%8s %12s %12s %10s %9s %10s\n", "time", "requests/s", "recorded/s", "in flight", "p99", "scrape")
	var last samples
	for start := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		before := time.Now()
		now, size, err := read(url + "/metrics")
		if err != nil {
			fmt.Println("scrape:", err)
			continue
		}
		cost := time.Since(before)
		requests := now.sum("http_requests_total") - last.sum("http_requests_total")
		// A request is five recordings: two of them raise and lower the number
		// in flight.
		fmt.Printf("%7.0fs %12.0f %12.0f %10.0f %9s %7v %dk\n", time.Since(start).Seconds(), requests, 5*requests,
			now["http_requests_in_flight"], now.quantile("http_request_duration_seconds", 0.99),
			cost.Round(10*time.Microsecond), (size+1023)/1024)
		last = now
	}
}

// samples is an exposition: values by series, as they stand on its lines.
type samples map[string]float64

func read(url string) (samples, int, error) {
	resp, err := http.Get(url)
	if err != nil {
		return nil, 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("%s: %s", resp.Status, text)
	}
	s, err := parse(string(text))
	return s, len(text), err
}

func parse(text string) (samples, error) {
	s := samples{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		if cut < 0 {
			return nil, fmt.Errorf("line without a value: %q", line)
		}
		v, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("line %q: %v", line, err)
		}
		s[line[:cut]] = v
	}
	return s, nil
}

// sum adds up the series of one name.
func (s samples) sum(name string) (sum float64) {
	for series, v := range s {
		if series == name || strings.HasPrefix(series, name+"{") {
			sum += v
		}
	}
	return sum
}

// quantile returns the upper bound of the bucket that holds the quantile of all
// series of a histogram.
func (s samples) quantile(name string, q float64) string {
	buckets := map[float64]float64{}
	for series, v := range s {
		if _, le, ok := strings.Cut(series, `le="`); ok && strings.HasPrefix(series, name+"_bucket{") {
			bound, err := strconv.ParseFloat(strings.TrimSuffix(le, `"}`), 64)
			if err == nil {
				buckets[bound] += v
			}
		}
	}
	want := q * s.sum(name+"_count")
	for _, bound := range slices.Sorted(maps.Keys(buckets)) {
		if buckets[bound] >= want {
			return fmt.Sprintf("<=%v", time.Duration(bound*float64(time.Second)))
		}
	}
	return "?"
}
