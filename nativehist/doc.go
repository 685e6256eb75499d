// Package nativehist will hold native histograms: the arithmetic of exponential
// buckets, a bounded recorder for each P, and what is done with their snapshots.
// It has no code yet; this page says what goes here, so that nothing of it is
// built elsewhere.
//
// A native histogram has no configured bounds. Bucket i of schema s holds the
// values v with
//
//	2^((i-1)/2^s)  <  v  <=  2^(i/2^s)
//
// for schemas from -4 (each bucket 65536 times as wide as the one before) to 8
// (a quarter of a percent). Negative values have buckets of their own, and values
// closer to 0 than the zero threshold share the zero bucket. The published bounds
// are constants of Prometheus, not the correctly rounded powers: three of the
// eight of schema 3 differ in the last place, and an index that computes its own
// bounds puts observations next to a bound into the wrong bucket.
//
// The package depends on shard and atomicf, and knows nothing of registries.
package nativehist
