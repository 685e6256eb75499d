package compat

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/pawl-metrics/pawl/fuzz"
	"github.com/pawl-metrics/pawl/fuzz/compat/ours"
	"github.com/pawl-metrics/pawl/fuzz/compat/record"
	"github.com/pawl-metrics/pawl/fuzz/compat/upstream"
)

// logOf runs a program.
func logOf(program func(*record.Log)) []string {
	l := new(record.Log)
	l.Try("program", func() { program(l) })
	return l.Lines()
}

// apart are the programs whose logs differ on purpose, with what is different. Each
// that does not leaves the list.
var apart = map[string]string{
	"vec curried":        "a curried value that is no UTF-8 is repaired, as values of our own API are; upstream's fails every Gather from then on",
	"handler errors":     "a body is sent when it is whole: nothing of it when the encoder panics, where upstream has sent the beginning",
	"native exemplars":   "a native histogram that is to keep no exemplars keeps none, not even one for a bucket up to +Inf that it has not",
	"native in protobuf": "an exemplar of a native histogram stands in its own list, and not in a bucket up to +Inf as well, on the short road",
}

func TestPrograms(t *testing.T) {
	oneP(t)
	for name, program := range upstream.Programs {
		t.Run(name, func(t *testing.T) {
			want := logOf(program)
			if len(want) < 2 {
				t.Fatalf("a log of %q", want)
			}
			err := record.Compare(want, logOf(ours.Programs[name]))
			if why, different := apart[name]; different {
				if err == nil {
					t.Errorf("is as upstream, and on the list of what is not: %s", why)
				}
				return
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestProgramsAreStable: a program that logs something else each time could not
// compare anything.
func TestProgramsAreStable(t *testing.T) {
	oneP(t)
	for name, program := range upstream.Programs {
		if err := record.Compare(logOf(program), logOf(program)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// oneP keeps sums in one order.
func oneP(tb testing.TB) {
	procs := runtime.GOMAXPROCS(1)
	tb.Cleanup(func() { runtime.GOMAXPROCS(procs) })
}

// both runs one program of bytes on both.
func both(data []byte) error {
	want := logOf(func(l *record.Log) { upstream.Random(l, fuzz.NewSource(data)) })
	got := logOf(func(l *record.Log) { ours.Random(l, fuzz.NewSource(data)) })
	return record.Compare(want, got)
}

// FuzzCompat runs the program that its input is on client_golang and on compat.
func FuzzCompat(f *testing.F) {
	oneP(f)
	for seed := range uint64(20) {
		f.Add(drawn(seed, 400))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := both(data); err != nil {
			t.Error(err)
		}
	})
}

// TestRandom is the same for a few hundred inputs.
func TestRandom(t *testing.T) {
	oneP(t)
	for seed := range uint64(300) {
		if err := both(drawn(seed, 20+int(seed)*5)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func drawn(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 7))
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(rng.Uint32())
	}
	return data
}

// differences says what each library logs where compat differs on purpose. What
// client_golang does by chance is nil.
var differences = map[string]struct{ upstream, ours []string }{
	"NaN": {
		[]string{"counter {} counter NaN start true", "histogram {} histogram count \"2\" sum NaN start true", "histogram le 1: \"1\"",
			"native {} histogram count \"2\" sum NaN start true", "native schema 0 zero 2.938735877055719e-39: \"0\"", "native positive [-1+1] [1]", "native negative [] []",
			"summary {} summary count \"2\" sum NaN start true"},
		[]string{"counter {} counter 1 start true", "histogram {} histogram count \"1\" sum 0.5 start true", "histogram le 1: \"1\"",
			"native {} histogram count \"1\" sum 0.5 start true", "native schema 0 zero 2.938735877055719e-39: \"0\"", "native positive [-1+1] [1]", "native negative [] []",
			"summary {} summary count \"1\" sum 0.5 start true"},
	},
	"infinite amounts":          {[]string{"counter {} counter +Inf start true"}, []string{"counter {} counter 1 start true"}},
	"callbacks that panic":      {[]string{"gather: panic of type string: callback"}, []string{"an error: true, families: 1", "gather: no panic"}},
	"metrics that panic":        {[]string{"gather: panic of type string: write"}, []string{"an error: true, families: 1", "gather: no panic"}},
	"colliding hashes":          {[]string{"deleted 1", "left: no error"}, []string{"deleted 1", "left: no error", "left: g GAUGE help \"\" unit none", "left: {a=\"!0IC=VloaY\"} gauge 2"}},
	"a lookup during a scrape":  {[]string{"held up: true"}, []string{"held up: false"}},
	"the caller's buckets":      {[]string{"histogram {} histogram count \"0\" sum 0 start true", "histogram le 1.5: \"0\"", "histogram le 2: \"0\""}, []string{"histogram {} histogram count \"0\" sum 0 start true", "histogram le 1: \"0\"", "histogram le 2: \"0\""}},
	"the caller's labels":       {[]string{"wrapped: no error", "wrapped: w GAUGE help \"h\" unit none", "wrapped: {a=\"2\"} gauge 0"}, []string{"wrapped: no error", "wrapped: w GAUGE help \"h\" unit none", "wrapped: {a=\"1\"} gauge 0"}},
	"units through Gatherers":   {[]string{"units: no error", "units: g_bytes GAUGE help \"\" unit none", "units: {} gauge 0"}, []string{"units: no error", "units: g_bytes GAUGE help \"\" unit \"bytes\"", "units: {} gauge 0"}},
	"what Unregister remembers": {[]string{"refused: true"}, []string{"refused: false"}},
	"OpenMetrics": {[]string{"an exemplar of an unknown type: true", "a quoted label name: true", "the sum of negative buckets: true"},
		[]string{"an exemplar of an unknown type: false", "a quoted label name: false", "the sum of negative buckets: false"}},
	"order of exemplars' labels": {nil, []string{"write: no error", "sorted: true"}},
	"quantiles have a value near": {nil, []string{"write: no error",
		"0.5: within 1 % of the value: true",
		"0.9: within 1 % of the value: true",
		"0.99: within 1 % of the value: true"}},
}

func TestDifferences(t *testing.T) {
	oneP(t)
	for name, want := range differences {
		if want.upstream != nil {
			check(t, name+" upstream", upstream.Differences[name], want.upstream)
		}
		check(t, name, ours.Differences[name], want.ours)
	}
	if len(differences) != len(ours.Differences) {
		t.Error("a difference without its logs")
	}
}

func check(t *testing.T, name string, program func(*record.Log), want []string) {
	t.Helper()
	got := logOf(program)
	got = got[:len(got)-1] // that the program itself did not panic
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", name, got, want)
	}
}
