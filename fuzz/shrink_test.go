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

// shrink cuts out pieces, halves to single bytes, and zeroes bytes, as long as what
// remains still fails, until nothing more gives way.
func shrink(data []byte, fails func([]byte) bool) []byte {
	s := &shrinker{data: data, fails: fails}
	for changed := true; changed; {
		before := s.data
		s.cut()
		s.zero()
		changed = s.tries < maxShrink && !bytes.Equal(before, s.data)
	}
	return s.data
}

type shrinker struct {
	data  []byte // the smallest so far that fails
	fails func([]byte) bool
	tries int
}

func (s *shrinker) try(candidate []byte) bool {
	if s.tries++; s.tries > maxShrink || !s.fails(candidate) {
		return false
	}
	s.data = candidate
	return true
}

func (s *shrinker) cut() {
	for size := max(1, len(s.data)/2); size > 0; size /= 2 {
		for at := 0; at+size <= len(s.data); {
			if !s.try(slices.Delete(slices.Clone(s.data), at, at+size)) {
				at += size
			}
		}
	}
}

func (s *shrinker) zero() {
	for i, b := range s.data {
		if b != 0 {
			simpler := slices.Clone(s.data)
			simpler[i] = 0
			s.try(simpler)
		}
	}
}

func TestShrink(t *testing.T) {
	long := append(bytes.Repeat([]byte("noise"), 50), "a, more noise, b"...)
	fails := func(d []byte) bool { return bytes.Contains(d, []byte("a")) && bytes.HasSuffix(d, []byte("b")) }
	if got := shrink(long, fails); string(got) != "ab" {
		t.Errorf("shrunk to %q", got)
	}
}
