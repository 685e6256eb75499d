// Command benchmarks compares pawl with the metrics libraries that Go services use
// today, on the machine at hand:
//
//	cd benchmarks && go run . -quick      a first look, under 50 s
//	cd benchmarks && go run .             the whole suite, under 14 minutes
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
// is collected. A scrape or a filling that takes half a second or more is not done
// for warming up alone; each library's first scrape is part of its set-up. What an op allocates is paid for as far as a collection falls
// into its sample; the last, unfinished cycle is not, which favours those that
// allocate.
//
// Not one process. How heap, stacks and physical pages lie and where hash tables put
// things is settled early in a process, and for as long as it runs a neighbour may have
// the machine's cache: that moves ratios by a tenth and more, and no number of rounds in
// one process shows it. So the
// suite goes over its plan in five passes (three with -quick, and from 100,000
// series on), and in each of them each op at each size gets a new process. A process says
// one ratio, the median of its rounds' ratios; the ratio that is printed is the median of the
// processes.
//
// No ratio out of noise. Each ratio has a range, which holds what another run is to
// find: the 99% interval of Student's t about the mean of the logarithms of the
// processes' ratios, widened by 5% at both ends. From the least to the greatest of five
// would be too little, because two such ranges of the same thing miss each other once in
// 126 times. The 5% are for processes that agree by luck, and for what is
// the same in all processes of a run and not in the next: a build whose layout is unlucky, a
// neighbour who stays for minutes. Where the range has 1 in it the ratio is left out,
// since it is not known who is faster. With -against an earlier run the suite fails when
// two ratios differ in direction, or their ranges do not overlap. Rows that pawl loses are
// kept.
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
