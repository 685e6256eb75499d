package conformance

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/pawl-metrics/pawl/fuzz"
)

// The strict parser takes the whole exposition of OpenMetrics 1.0, and reads from it
// what was recorded.
func TestStrict(t *testing.T) {
	python := fuzz.Python()
	if python == "" {
		t.Skip("NOT RUN: client_python is missing (Debian: python3-prometheus-client), and with it the strict check of OpenMetrics 1.0")
	}
	for _, created := range []bool{false, true} {
		web := serve(t, scrape.Options{CreatedSamples: created})
		doc := web.fetch(t, "application/openmetrics-text;version=1.0.0")
		results, err := fuzz.Strict(python, []string{doc})
		if err != nil {
			t.Fatal(err)
		}
		if results[0].Error != "" {
			t.Fatalf("%s in\n%s", results[0].Error, doc)
		}
		got, starts := read(results[0].Samples)
		if diff := recorded().diff(got); diff != "" {
			t.Errorf("client_python reads something else:\n%s", diff)
		}
		if (len(starts) > 0) != created {
			t.Errorf("starts are wanted: %v; there are %v", created, starts)
		}
		for k, v := range starts {
			web.checkMoment(t, k, int64(v*1000))
		}
	}
}

// read gives samples the form that recorded has, starts apart.
func read(samples []fuzz.StrictSample) (got, starts values) {
	got, starts = make(values), make(values)
	for _, s := range samples {
		k := key(s.Name, s.Labels)
		if strings.HasSuffix(s.Name, "_created") {
			starts[k] = s.Value()
		} else {
			got[k] = s.Value()
		}
	}
	return got, starts
}

// fetch returns the exposition in the format that an Accept header asks for.
func (s *service) fetch(t *testing.T, accept string) string {
	t.Helper()
	request, err := http.NewRequest("GET", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	answer, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	doc, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status, err)
	}
	return string(doc)
}
