// Command benchmarks compares pawl with the metrics libraries that Go services use
// today, on the machine at hand:
//
//	cd benchmarks && go run . -quick      a first look, under 50 s
//	cd benchmarks && go run .             the whole suite, some twenty minutes
//
// It prints tables and writes report/README.md with charts, method, machine and raw
// data. The same table of ops runs under go test -bench, for benchstat.
//
// # Why this is fair
//
// The same work. For each op the implementations stand side by side in one file of
// internal/ops, few lines each. Before any number is believed the tests compare the
// expositions of all libraries after the same recordings, line by line, and at
// the end of a run every total is read back: a library that loses an increment is
// reported, and the run fails.
//
// The best of each. A library is used as its documentation says is fastest:
// handles are kept wherever the API has handles, options are built beforehand
// wherever it takes options, and OpenTelemetry has its exemplars, its minimum and
// maximum, its scope labels and its limit of 2000 series turned off, because the
// others have none of them.
//
// The same moment. All libraries run in one process and take turns, a short sample
// each, round after round, and each round begins with another. What the machine's
// other tenants do hits all alike. Before each sample the garbage of the one before
// is collected. What an op allocates is paid for as far as a collection falls
// into its sample; the last, unfinished cycle is not, which favours those that
// allocate.
//
// No ratio out of noise. A ratio is left out when the rounds do not agree on who is
// faster, or differ by more than a factor of two. Rows that pawl loses are kept.
//
// # What is the same for all
//
//   - Recordings are of one instrument that all goroutines share: the worst case for
//     whoever keeps it in one word. With p goroutines, ns/op is what each of them
//     sees: time divided by the ops that each did.
//   - Lookups find existing series by strings that are copies of the stored ones,
//     made before the time: a table cannot recognise them by their address, and they
//     are in the cache, as a request's own strings are.
//   - Scrapes write text format 0.0.4, 64 KiB at a time, to nowhere. Between scrapes,
//     outside the time, every value changes, except in the ops called unchanged.
//     Every series has been recorded on every P.
//   - Histograms have the same bounds and get the same values, which fall in most of
//     the buckets.
//   - Memory is what a fresh process holds for itself alone: mapped memory is counted
//     along with the Go heap, because pawl keeps its cells outside of it.
//
// # What a peer cannot do
//
//   - client_golang: nothing that is measured here.
//   - VictoriaMetrics: a series is its whole name as one string. Looking one up by
//     labels means building that string, which is in the time. Its only counter
//     for fractions is under a mutex, and it does not compress.
//   - OpenTelemetry: there are no handles; every recording looks its series up, with
//     labels that are prepared where an op allows it and built in the time where the
//     op is a lookup. Series cannot be dropped. Its scrape goes through client_golang.
//   - xsync: a counter alone, without labels or exposition; as many stripes as
//     GOMAXPROCS was when it was made.
//   - pawl: its exact consistent histograms and per-P counters rely on the runtime's
//     procPin. Built with -tags purego, it is measured as what it is then.
//
// # What is not shown
//
// The network, Prometheus' side of a scrape, machines with more CPUs than this one,
// other CPUs than this one (LOCK-prefixed instructions cost two to three times as much
// on some as on others), cold caches but for the large tables of the growth charts,
// and everything that pawl does not have yet: such an op is absent.
package main
