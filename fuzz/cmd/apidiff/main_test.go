package main

import "testing"

// TestSameAPI: compat has all that client_golang exports, and nothing else.
func TestSameAPI(t *testing.T) { same(t, false) }

// TestShimSameAPI: so has the shim.
func TestShimSameAPI(t *testing.T) { same(t, true) }

func same(t *testing.T, shim bool) {
	report, err := compare("../..", shim)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range report {
		t.Error(line)
	}
}
