// Package nativehist is native histograms: the arithmetic of exponential buckets,
// a recorder with cells for each P, and what is done with its snapshots. It knows
// nothing of names, labels or registries.
//
// # From fixed bounds up
//
// A classic histogram has the bounds that someone thought of beforehand, and an
// observation says only between which two it was. A native one has bounds
// everywhere, each a constant factor past the one before:
//
//	2^((i-1)/2^schema)  <  bucket i  <=  2^(i/2^schema)
//
//	schema   8     5     3     2     0     -1    -4
//	factor   1.003 1.022 1.09  1.19  2     4     65536
//
// That is some 270 buckets at schema -4, the coarsest, and half a million at
// schema 8, for each sign, of which a series populates a few dozen. So nobody keeps
// an array of all: buckets that are populated are kept, and exposed as spans,
// which are runs of them.
//
// Around 0 there would be infinitely many. Magnitudes up to the zero threshold
// share the zero bucket.
//
// # Whose rules
//
// Prometheus' ones, to the bit, because a histogram is merged with those of other
// processes and judged by a server. The bounds are its published constants and
// not the powers that they stand for (fractions.go says by how much they differ);
// spans are laid out as client_golang lays them out; a bucket limit strikes on the
// observation on which it strikes there, and takes the same step; quantiles are
// those of PromQL. The module in fuzz/ compares all of that with the originals.
//
// # The parts
//
//	index.go       Index, Bound: from a value to its bucket and back
//	histogram.go   Histogram: plain data, its validation and layout in spans
//	merge.go       Merge, ReduceResolution
//	quantile.go    Quantile, CountInRange
//	population.go  the populated buckets of one sign, in windows of 16
//	sparse.go      a whole histogram in plain words, and the limit steps
//	recorder.go    Recorder, and Observe: the model is at the type
//	layout.go      what the fast path needs to know, and the cells it writes
//	blocks.go      from cold to hot, and what becomes of old cells
//	limit.go       when a limit step is taken, and resets
//	snapshot.go    Snapshot: a consistent copy beside running writers
//	part.go        what a store with other readers is told, for them to tell parts by
//	words.go       the words of these parts, written and read
//	image.go       the base in such a store, never behind
//	sum.go         Sum: parts, also of many processes, become one histogram again
//
// # What it costs
//
// A recorder that has seen 200 latencies at schema 3 takes about 1.3 KB and no
// cells. After 256 observations it takes a slab, some 150 words on each P then:
// buckets are dense there, so that an index is an offset. Copying it is the price
// of a snapshot, up to 4096 words a P at schema 8.
package nativehist
