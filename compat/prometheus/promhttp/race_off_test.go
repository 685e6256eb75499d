//go:build !race

package promhttp

// raced says whether the race detector, which allocates, is on.
const raced = false
