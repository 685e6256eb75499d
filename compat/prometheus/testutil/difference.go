package testutil

import (
	"slices"
	"strings"
)

// difference shows how to make b of a: each line with a space before it if both have it,
// - if a has it and + if b has it. Lines at the end that are empty are left out.
func difference(a, b string) string {
	lines := edits(strings.Split(a, "\n"), strings.Split(b, "\n"))
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// mostEdits bounds the work on texts that have little in common: time and memory grow
// with the square of the edits.
const mostEdits = 2000

// edits returns the lines of the shortest way from a to b, by the greedy algorithm of
// Myers ("An O(ND) Difference Algorithm and Its Variations"): how far one comes with d
// edits follows from how far one comes with d-1. A position is a diagonal k, the lines
// taken of a less those taken of b, and x, the lines taken of a. After d edits the
// diagonals are -d, -d+2 ... d; reach has x for each, in this order.
func edits(a, b []string) []string {
	reach := []int32{0}
	var before [][]int32 // reach, by edits
	for d := 0; d <= min(len(a)+len(b), mostEdits); d++ {
		before = append(before, reach)
		next := make([]int32, d+1)
		for i := range next {
			x, k := step(reach, d, i), 2*i-d
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			next[i] = int32(x)
			if x == len(a) && x-k == len(b) {
				return walked(a, b, before)
			}
		}
		reach = next
	}
	return replaced(a, b)
}

// step returns how far edit d comes on the i-th diagonal: by a line of b from the
// diagonal above, where it stays at the same x, or by a line of a from the one below.
func step(reach []int32, d, i int) int {
	if takesB(reach, d, i) {
		return int(reach[i])
	}
	return int(reach[i-1]) + 1
}

// takesB says which of the two it is: what comes farther in a.
func takesB(reach []int32, d, i int) bool {
	return i == 0 || i < d && reach[i] > reach[i-1]
}

// walked goes back from the ends of both texts, edit by edit, and returns the lines.
func walked(a, b []string, before [][]int32) (lines []string) {
	x, y := len(a), len(b)
	for d := len(before) - 1; d >= 0; d-- {
		i := (x - y + d) / 2
		for from := step(before[d], d, i); x > from; {
			x, y = x-1, y-1
			lines = append(lines, " "+a[x])
		}
		switch {
		case d == 0:
		case takesB(before[d], d, i):
			y--
			lines = append(lines, "+"+b[y])
		default:
			x--
			lines = append(lines, "-"+a[x])
		}
	}
	slices.Reverse(lines)
	return lines
}

// replaced returns all of a as taken out and all of b as put in.
func replaced(a, b []string) (lines []string) {
	for _, l := range a {
		lines = append(lines, "-"+l)
	}
	for _, l := range b {
		lines = append(lines, "+"+l)
	}
	return lines
}
