package remotewrite

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
)

// This file reads requests as a receiver does, by the field numbers of the protocol's
// own files and by nothing of what writes them.

// field is one field of a message.
type field struct {
	number uint64
	n      uint64 // a varint or the bits of a double
	bytes  []byte
}

func fieldsOf(t *testing.T, message []byte) (list []field) {
	t.Helper()
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		message = message[max(n, 0):]
		f := field{number: tag >> 3}
		switch {
		case n <= 0:
			t.Fatal("a torn tag")
		case tag&7 == 0:
			f.n, n = binary.Uvarint(message)
			message = message[max(n, 0):]
		case tag&7 == 1 && len(message) >= 8:
			f.n, message = binary.LittleEndian.Uint64(message), message[8:]
		case tag&7 == 2:
			size, n := binary.Uvarint(message)
			if n <= 0 || size > uint64(len(message)-n) {
				t.Fatal("a torn field")
			}
			f.bytes, message = message[n:n+int(size)], message[n+int(size):]
		default:
			t.Fatalf("wire type %d", tag&7)
		}
		if n <= 0 {
			t.Fatal("a torn varint")
		}
		list = append(list, f)
	}
	return list
}

func varints(t *testing.T, packed []byte) (list []uint64) {
	t.Helper()
	for len(packed) > 0 {
		v, n := binary.Uvarint(packed)
		if n <= 0 {
			t.Fatal("a torn varint")
		}
		list, packed = append(list, v), packed[n:]
	}
	return list
}

func unzigzag(n uint64) int64 { return int64(n>>1) ^ -int64(n&1) }

// request is what a receiver has read.
type request struct {
	series   []read
	metadata []string // of version 1.0: family type help unit
}

type read struct {
	labels    string // a=b, in their order, each behind a comma
	samples   []readSample
	natives   []string
	exemplars []string
	metadata  string
}

type readSample struct {
	bits      uint64
	at, start int64
}

func (s readSample) String() string {
	return fmt.Sprintf("%v@%d st %d", math.Float64frombits(s.bits), s.at, s.start)
}

func unpack(t *testing.T, body []byte) []byte {
	t.Helper()
	message, err := s2.Decode(nil, body)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func read1(t *testing.T, body []byte) (r request) {
	t.Helper()
	for _, f := range fieldsOf(t, unpack(t, body)) {
		switch f.number {
		case 1:
			r.series = append(r.series, readSeries1(t, f.bytes))
		case 3:
			parts := make([]string, 6)
			for _, f := range fieldsOf(t, f.bytes) {
				if parts[f.number] = string(f.bytes); f.number == 1 {
					parts[1] = fmt.Sprint(f.n)
				}
			}
			r.metadata = append(r.metadata, strings.Join([]string{parts[2], parts[1], parts[4], parts[5]}, " "))
		default:
			t.Fatalf("field %d of a request", f.number)
		}
	}
	return r
}

func readSeries1(t *testing.T, message []byte) (s read) {
	t.Helper()
	for _, f := range fieldsOf(t, message) {
		switch f.number {
		case 1:
			var pair [3]string
			for _, f := range fieldsOf(t, f.bytes) {
				pair[f.number] = string(f.bytes)
			}
			s.labels += "," + pair[1] + "=" + pair[2]
		case 2:
			s.samples = append(s.samples, readSampleOf(t, f.bytes))
		default:
			t.Fatalf("field %d of a series", f.number)
		}
	}
	s.labels = strings.TrimPrefix(s.labels, ",")
	return s
}

func readSampleOf(t *testing.T, message []byte) (s readSample) {
	t.Helper()
	for _, f := range fieldsOf(t, message) {
		switch f.number {
		case 1:
			s.bits = f.n
		case 2:
			s.at = int64(f.n)
		case 3:
			s.start = int64(f.n)
		default:
			t.Fatalf("field %d of a sample", f.number)
		}
	}
	return s
}

func read2(t *testing.T, body []byte) (r request) {
	t.Helper()
	var symbols []string
	seen := make(map[string]bool)
	fields := fieldsOf(t, unpack(t, body))
	for _, f := range fields {
		if f.number == 4 {
			s := string(f.bytes)
			if seen[s] || len(symbols) == 0 && s != "" {
				t.Errorf("symbol %d is %q", len(symbols), s)
			}
			seen[s] = true
			symbols = append(symbols, s)
		}
	}
	for _, f := range fields {
		switch f.number {
		case 4:
		case 5:
			r.series = append(r.series, readSeries2(t, f.bytes, symbols))
		default:
			t.Fatalf("field %d of a request", f.number)
		}
	}
	return r
}

func labelsOf(t *testing.T, packed []byte, symbols []string) (text string) {
	t.Helper()
	refs := varints(t, packed)
	for i := 0; i+1 < len(refs); i += 2 {
		text += "," + symbols[refs[i]] + "=" + symbols[refs[i+1]]
	}
	return strings.TrimPrefix(text, ",")
}

func readSeries2(t *testing.T, message []byte, symbols []string) (s read) {
	t.Helper()
	for _, f := range fieldsOf(t, message) {
		switch f.number {
		case 1:
			s.labels = labelsOf(t, f.bytes, symbols)
		case 2:
			s.samples = append(s.samples, readSampleOf(t, f.bytes))
		case 3:
			s.natives = append(s.natives, readNative(t, f.bytes))
		case 4:
			var labels string
			var n [4]uint64
			for _, f := range fieldsOf(t, f.bytes) {
				if n[f.number] = f.n; f.number == 1 {
					labels = labelsOf(t, f.bytes, symbols)
				}
			}
			s.exemplars = append(s.exemplars, fmt.Sprintf("%s %v@%d", labels, math.Float64frombits(n[2]), int64(n[3])))
		case 5:
			var n [5]uint64
			for _, f := range fieldsOf(t, f.bytes) {
				n[f.number] = f.n
			}
			s.metadata = fmt.Sprintf("%d %s %s", n[1], symbols[n[3]], symbols[n[4]])
		default:
			t.Fatalf("field %d of a series", f.number)
		}
	}
	return s
}

// readNative tells a native histogram with its bucket counts no longer as deltas.
func readNative(t *testing.T, message []byte) string {
	t.Helper()
	var n [18]uint64
	var spans, counts [2]string
	has := make(map[uint64]bool)
	for _, f := range fieldsOf(t, message) {
		n[f.number], has[f.number] = f.n, true
		switch side := map[uint64]int{11: 1, 12: 1}[f.number]; f.number {
		case 8, 11:
			var s [3]uint64
			for _, f := range fieldsOf(t, f.bytes) {
				s[f.number] = f.n
			}
			spans[side] += fmt.Sprintf(" %d:%d", unzigzag(s[1]), s[2])
		case 9, 12:
			last := int64(0)
			for _, d := range varints(t, f.bytes) {
				last += unzigzag(d)
				counts[side] += fmt.Sprintf(" %d", last)
			}
		}
	}
	if !has[1] || !has[6] || has[2] || has[7] {
		t.Error("count and zero count are not whole numbers")
	}
	return fmt.Sprintf("count %d sum %v schema %d zero %v %d neg%s =%s pos%s =%s hint %d @%d st %d", n[1], math.Float64frombits(n[3]),
		unzigzag(n[4]), math.Float64frombits(n[5]), n[6], spans[0], counts[0], spans[1], counts[1], n[14], int64(n[15]), int64(n[17]))
}
