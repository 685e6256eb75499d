//go:build !race

package nativehist

import "testing"

// raced says whether the race detector, which allocates, is on.
const raced = false

// scaled is how often a test of n repetitions repeats in this build.
func scaled(n int) int {
	if testing.Short() { // on an emulator
		return n / 8
	}
	return n
}
