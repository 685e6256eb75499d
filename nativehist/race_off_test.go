//go:build !race

package nativehist

// raced says whether the race detector, which allocates, is on.
const raced = false

// scaled is how often a test of n repetitions repeats in this build.
func scaled(n int) int { return n }
