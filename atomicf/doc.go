// Package atomicf holds the words that metrics are made of, and is the one
// place that says what storing to such a word means.
//
// There are two kinds of word.
//
// A shared word has many writers. [Float64] is one: Set is last writer wins,
// Add is exact, and any number of goroutines may call either at once. This is
// what a gauge is.
//
// An owned word has, at any instant, one writer: the goroutine that has pinned
// the P the word belongs to (package shard decides that). With one writer there
// is nothing to retry and nothing to lock; the update is load, add, store.
// Readers run at the same time on other CPUs and use [Load]. What a reader may
// see is an old value or the new one, never a mixture of the two, because the
// words are aligned and eight bytes wide.
//
// # What an owned store compiles to
//
//	amd64                  MOV or ADD to memory. The machine keeps stores in
//	                       program order (TSO), which is all that the begin/end
//	                       protocol of package shard needs. atomic.Store would
//	                       be XCHG, an implicit LOCK.
//	arm64 and all others   atomic.Store: on weakly ordered machines a plain
//	                       store may overtake the opening mark of a section, so
//	                       every store is a release, the data included.
//	-race                  atomic.Load and atomic.Store, so that the detector
//	                       sees the words and reports the races that are real.
//	-tags purego           as -race. Nobody owns a word in that build (package
//	                       shard has no P to pin), but the functions exist.
//
// The compiler may drop the first of two plain stores to one word when no load
// stands between them. No function here is used that way; the test in ci that
// reads the disassembly is what holds it so.
package atomicf
