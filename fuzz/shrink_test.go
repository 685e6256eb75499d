package fuzz

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
)

// runShrunk runs a check, and when it fails reports the shortest program near by
// that fails too: what a person will read, paste and keep. show, which may be nil,
// writes a program out.
func runShrunk(t *testing.T, data []byte, check func([]byte) error, show func([]byte) string) {
	t.Helper()
	if caught(check, data) == nil {
		return
	}
	small := shrink(data, func(d []byte) bool { return caught(check, d) != nil })
	err := caught(check, small)
	text := ""
	if show != nil {
		text = "\n\nThe program:\n" + show(small)
	}
	t.Fatalf("%v%s\nf.Add([]byte(%q))", err, text, small)
}

// caught makes an error of a panic: nothing that a program does may cause one.
func caught(check func([]byte) error, data []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return check(bytes.Clone(data))
}

// maxShrink bounds how many programs are tried.
const maxShrink = 3000

// shrink cuts out pieces, halves to single bytes, and then zeroes bytes, as long as
// the rest still fails.
func shrink(data []byte, fails func([]byte) bool) []byte {
	tries := 0
	try := func(candidate []byte) bool {
		if tries++; tries > maxShrink || !fails(candidate) {
			return false
		}
		data = candidate
		return true
	}
	for size := max(1, len(data)/2); size > 0; size /= 2 {
		for at := 0; at+size <= len(data); {
			if !try(slices.Delete(slices.Clone(data), at, at+size)) {
				at += size
			}
		}
	}
	for i := range data {
		if data[i] != 0 {
			simpler := slices.Clone(data)
			simpler[i] = 0
			try(simpler)
		}
	}
	return data
}

func TestShrink(t *testing.T) {
	long := append(bytes.Repeat([]byte("noise"), 50), "a, more noise, b"...)
	fails := func(d []byte) bool { return bytes.Contains(d, []byte("a")) && bytes.HasSuffix(d, []byte("b")) }
	if got := shrink(long, fails); string(got) != "ab" {
		t.Errorf("shrunk to %q", got)
	}
}
