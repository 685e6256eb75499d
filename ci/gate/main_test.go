package main

import (
	"strings"
	"testing"
)

// csv is what benchstat writes for two commits: two rows slower, one of them beyond
// any doubt, one row that differs by noise, one that only the new commit has, one
// that began to allocate.
const csv = `goos: linux
pkg: github.com/pawl-metrics/pawl/benchmarks
,old,,new,,,
,sec/op,CI,sec/op,CI,vs base,P
/op=counter_inc/impl=pawl/p=1/n=0,1e-08,1%,1.3e-08,1%,+30.00%,p=0.002 n=6
/op=gauge_set/impl=pawl/p=1/n=0,1e-08,1%,1.05e-08,1%,+5.00%,p=0.002 n=6
/op=lookup3_inc/impl=pawl/p=1/n=1000,1e-08,90%,2e-08,90%,~,p=0.300 n=6
/op=fresh/impl=pawl/p=1/n=0,,,2e-08,0%,,
geomean,1e-08,,1.3e-08,,+30.00%,

,old,,new,,,
,allocs/op,CI,allocs/op,CI,vs base,P
/op=counter_inc/impl=pawl/p=1/n=0,0,0%,0,0%,~,p=1.000 n=6
/op=scrape_text/impl=pawl/p=1/n=1000,0,0%,2,0%,?,p=0.002 n=6
/op=scrape_text/impl=pawl/p=1/n=10000,0,0%,0.1,0%,?,p=0.002 n=6
`

func TestGate(t *testing.T) {
	var out strings.Builder
	err := gate(strings.NewReader(csv), &out, 1.10)
	const want = "SLOWER: /op=counter_inc/impl=pawl/p=1/n=0: 1.30x\nALLOCATES: /op=scrape_text/impl=pawl/p=1/n=1000: 2, was 0\n"
	if err == nil || out.String() != want {
		t.Errorf("%v, %q, want an error and %q", err, out.String(), want)
	}
}

func TestGatePasses(t *testing.T) {
	fine, _, _ := strings.Cut(csv, "\n\n")
	if err := gate(strings.NewReader(fine), &strings.Builder{}, 1.35); err != nil {
		t.Error(err)
	}
}

func TestGateRefusesNothing(t *testing.T) {
	for _, in := range []string{"", "goos: linux\n", ",old,,new,,,\n,sec/op,CI,sec/op,CI,vs base,P\n"} {
		if err := gate(strings.NewReader(in), &strings.Builder{}, 2); err == nil {
			t.Errorf("%q passes", in)
		}
	}
	if err := gate(strings.NewReader(",old,,new,,,\n,sec/op,CI,sec/op,CI,vs base,P\nx,?,1%,1,1%,~,p\n"), &strings.Builder{}, 2); err == nil {
		t.Error("a number that is none passes")
	}
}
