package conformance

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
)

// query returns the one value that a query has now.
func (s *server) query(text string) (float64, error) {
	engine := promql.NewEngine(promql.EngineOpts{MaxSamples: 1e6, Timeout: time.Minute, Parser: parser.NewParser(parser.Options{})})
	defer engine.Close()
	q, err := engine.NewInstantQuery(background(), s.db, nil, text, time.Now())
	if err != nil {
		return 0, err
	}
	defer q.Close()
	result := q.Exec(background())
	vector, err := result.Vector()
	if err != nil {
		return 0, err
	}
	if len(vector) != 1 || vector[0].H != nil {
		return 0, fmt.Errorf("%v: want one number", result)
	}
	return vector[0].F, nil
}

func (s *server) checkQueries(t *testing.T, want values) {
	t.Helper()
	for q, v := range want {
		if got, err := s.query(q); err != nil {
			t.Errorf("%s: %v", q, err)
		} else if !near(got, v) {
			t.Errorf("%s is %v, want %v", q, got, v)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }

// queries have the same answer in every protocol that brings UTF-8 names.
var queries = values{
	`requests_total{code="200"}`:                       7,
	`sum(requests_total)`:                              8,
	`sum(requests_total) / scalar(work_seconds_total)`: 8 / 2.75,
	`{"http.requests_total", "http.route"="/a"}`:       5,
	`count(odd)`: 6,
	`histogram_quantile(0.5, latency_seconds_bucket)`:                      50,
	`histogram_quantile(0.05, latency_seconds_bucket)`:                     5.25, // in the middle of 0.5 to 10
	`histogram_quantile(0.25, {"http.duration_seconds_bucket"})`:           25,
	`histogram_fraction(0, 25, latency_seconds_bucket)`:                    0.25,
	`latency_seconds_sum / latency_seconds_count`:                          50.5,
	`sum(resets(requests_total[1m])) + sum(resets(odd{value="+Inf"}[1m]))`: 0,
	`count({__name__=~".+_created"}) or vector(0)`:                         0,
}

// nativeQueries are about the native part of a histogram. Where a bound is a power of
// two it is a bucket's, and the answer is exact.
var nativeQueries = values{
	`histogram_count(%s)`:                                   100,
	`histogram_sum(%s)`:                                     5050,
	`histogram_avg(%s)`:                                     50.5,
	`histogram_fraction(0, 1, %s)`:                          0.01,
	`histogram_fraction(0, 64, %s)`:                         0.64,
	`histogram_fraction(32, 64, %s)`:                        0.32,
	`histogram_fraction(0, +Inf, %s)`:                       1,
	`histogram_fraction(-Inf, 0, %s)`:                       0,
	`histogram_quantile(0.64, %s)`:                          64,
	`histogram_quantile(0.16, %s)`:                          16,
	`histogram_quantile(0.01, %s)`:                          1,
	`abs(histogram_quantile(0.5, %s) / 50 - 1) < bool 0.1`:  1, // the factor
	`abs(histogram_quantile(0.99, %s) / 99 - 1) < bool 0.1`: 1,
}

func nativeQueriesOf(name string) values {
	v := make(values)
	for q, want := range nativeQueries {
		v[fmt.Sprintf(q, name)] = want
	}
	return v
}

func TestQueries(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			web := serve(t, scrape.Options{})
			s := watch(t, web.addr(), setting{Protocol: protocol, Native: hasNative(protocol)}).scraped(2)
			if hasNames(protocol) {
				s.checkQueries(t, queries)
			}
			if hasNative(protocol) {
				s.checkQueries(t, nativeQueriesOf("size_bytes"))
				s.checkQueries(t, nativeQueriesOf("wait_seconds"))
			}
		})
	}
}
