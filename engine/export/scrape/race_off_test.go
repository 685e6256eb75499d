//go:build !race

package scrape

// raced says whether the race detector, which allocates, is on.
const raced = false
