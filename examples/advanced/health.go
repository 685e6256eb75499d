package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/pawl-metrics/pawl/engine"
)

// healthCollector asks other services how they are, when it is scraped. That a service is
// down is a value, not an error of the collector: the others are reported all the same.
type healthCollector struct {
	client   *http.Client
	services map[string]string // by name: the URL of its health page
}

// answer is what a service said.
type answer struct {
	up   bool
	took time.Duration
}

func (c *healthCollector) Collect(ctx context.Context, s *engine.Sink) error {
	up := s.Gauge("external_service_up", "Whether the service answered that it is well.", "service")
	took := s.Gauge("external_service_response_seconds", "How long the service took to answer.", "service")
	answers := c.askAll(ctx)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		a := answers[name]
		up.Add(number(a.up), name)
		if a.up {
			took.Add(a.took.Seconds(), name)
		}
	}
	return nil
}

// askAll asks all services at once: a scrape takes as long as the slowest, and no longer
// than the scraper will wait, which ctx knows.
func (c *healthCollector) askAll(ctx context.Context) map[string]answer {
	var mu sync.Mutex
	var wg sync.WaitGroup
	answers := make(map[string]answer)
	for name, url := range c.services {
		wg.Go(func() {
			a := c.ask(ctx, url)
			mu.Lock()
			answers[name] = a
			mu.Unlock()
		})
	}
	wg.Wait()
	return answers
}

func (c *healthCollector) ask(ctx context.Context, url string) answer {
	begin := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return answer{}
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return answer{}
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return answer{err == nil && resp.StatusCode < 300, time.Since(begin)}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// String names the collector where its errors are counted.
func (c *healthCollector) String() string {
	return fmt.Sprintf("health of %d services", len(c.services))
}
