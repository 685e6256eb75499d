package ops

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// scraper is a peer's registry, seen from its text exposition.
type scraper interface {
	scrape(w io.Writer)
}

// discard takes a scrape as a connection would, 64 KiB at a time, and forgets it.
func discard() *bufio.Writer { return bufio.NewWriterSize(io.Discard, 64<<10) }

// total adds up the values of all samples that have this name.
func total(s scraper, name string) float64 {
	sum := 0.0
	for _, v := range values(s, name) {
		sum += v
	}
	return sum
}

// totalOf is total as a function, for a Loop to check itself.
func totalOf(s scraper, name string) func() float64 {
	return func() float64 { return total(s, name) }
}

// values returns the values of all samples that have this name.
func values(s scraper, name string) (found []float64) {
	var text bytes.Buffer
	s.scrape(&text)
	for line := range bytes.Lines(text.Bytes()) {
		if v, ok := sampleOf(string(bytes.TrimSpace(line)), name); ok {
			found = append(found, v)
		}
	}
	return found
}

// sampleOf reads one line, `name value` or `name{labels} value`.
func sampleOf(line, name string) (v float64, ok bool) {
	if len(line) <= len(name) || line[:len(name)] != name || line[len(name)] != ' ' && line[len(name)] != '{' {
		return 0, false
	}
	v, err := strconv.ParseFloat(line[bytes.LastIndexByte([]byte(line), ' ')+1:], 64)
	return v, err == nil
}

// must returns v; what fails here is a mistake in the suite.
func must[T any](v T, err error) T {
	check(err)
	return v
}

func check(err error) {
	if err != nil {
		panic(fmt.Sprintf("benchmarks: %v", err))
	}
}
