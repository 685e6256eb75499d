package scrape

import (
	"encoding/json"
	"os"
	"testing"
)

// Python's prometheus_client and this package agree on who gets gzip, in all cases that
// were recorded of it.
func TestGoldenGzip(t *testing.T) {
	var golden struct {
		Gzip []struct {
			In   string
			Gzip bool
		}
	}
	text, err := os.ReadFile("../../../encode/testdata/client_python.json")
	if err == nil {
		err = json.Unmarshal(text, &golden)
	}
	if err != nil || len(golden.Gzip) < 5 {
		t.Fatalf("%d cases, %v", len(golden.Gzip), err)
	}
	for _, c := range golden.Gzip {
		if got := negotiate([]string{c.In}) == gzipped; got != c.Gzip {
			t.Errorf("Accept-Encoding: %q: gzip %v, want %v", c.In, got, c.Gzip)
		}
	}
}
