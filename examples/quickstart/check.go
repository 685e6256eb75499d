package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
)

// check scrapes the service and compares what its metrics say with what the
// clients did.
func check(s *service, sent tally) error {
	answer := httptest.NewRecorder()
	s.ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	now, err := parse(answer.Body.String())
	if err != nil {
		return err
	}
	fmt.Println()
	var wrong int
	expect := func(series string, want uint64) {
		got := now[series]
		verdict := "exact"
		if got != float64(want) {
			verdict = "WRONG"
			wrong++
		}
		fmt.Printf("%-70s %10.0f  sent %10d  %s\n", series, got, want, verdict)
	}
	for _, c := range slices.SortedFunc(maps.Keys(sent.answers), byPath) {
		n := sent.answers[c]
		labels := fmt.Sprintf(`{code="%d",method="%s",route="%s"}`, c.status, c.method, c.path)
		expect("http_requests_total"+labels, n)
		expect("http_request_duration_seconds_count"+labels, n)
	}
	expect("http_response_size_bytes_sum", sent.bytes)
	expect("http_requests_in_flight", 0)
	if sent.failed > 0 {
		return fmt.Errorf("%d requests failed", sent.failed)
	}
	if wrong > 0 {
		return fmt.Errorf("%d totals differ from what was sent", wrong)
	}
	fmt.Println("\nevery total is exact")
	return nil
}

func byPath(a, b call) int {
	return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.method, b.method))
}
