//go:build !race

package engine

// raced says whether the race detector, which allocates, is on.
const raced = false
