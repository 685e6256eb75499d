package mmap

import (
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// Where exemplars stand that are not those of a bucket; see descriptor.Bucket.
const (
	exemplarOfCounter = -1
	exemplarOfNative  = -2
)

// mostNative is how many exemplars a native histogram shows.
const mostNative = 10

// exemplar is one as a file has it.
type exemplar struct {
	bucket int
	at     int64 // Unix nanoseconds
	words  []uint64
}

// addExemplar keeps the newest of each place, and of a native histogram the ten newest.
// Of equally new ones it keeps that which was there.
func addExemplar(list []exemplar, bucket int, words []uint64) []exemplar {
	x := exemplar{bucket, int64(words[1]), words}
	if x.at == 0 {
		return list // none was recorded yet
	}
	most := 1
	if bucket == exemplarOfNative {
		most = mostNative
	}
	oldest, found := -1, 0
	for i := range list {
		if list[i].bucket != bucket {
			continue
		}
		if found++; oldest < 0 || list[i].at < list[oldest].at {
			oldest = i
		}
	}
	switch {
	case found < most:
		return append(list, x)
	case x.at > list[oldest].at:
		list[oldest] = x
	}
	return list
}

// exemplarsOf returns those of one place, the newest last. One whose labels make no
// sense is left out.
func (r *result) exemplarsOf(s *series, bucket int) (list []encode.Exemplar) {
	for i := range s.exemplars {
		if x := &s.exemplars[i]; x.bucket == bucket {
			if labels, ok := exemplarLabels(x.words); ok {
				list = append(list, encode.Exemplar{Labels: labels, Value: math.Float64frombits(x.words[0]), Timestamp: timestamp(x.at)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b encode.Exemplar) int { return a.Timestamp.Compare(b.Timestamp) })
	return list
}

// exemplarLabels reads labels: for each, length and bytes of name and of value.
func exemplarLabels(words []uint64) (labels []encode.Label, ok bool) {
	n := words[2]
	if n > uint64(len(words)-3)*8 {
		return nil, false
	}
	bytes := make([]byte, 0, 8*len(words))
	for _, w := range words[3:] {
		bytes = binary.NativeEndian.AppendUint64(bytes, w)
	}
	rest, ok := bytes[:n], true
	text := func() string {
		size, used := binary.Uvarint(rest)
		if used <= 0 || size > uint64(len(rest)-used) {
			rest, ok = nil, false
			return ""
		}
		s := string(rest[used : used+int(size)])
		rest = rest[used+int(size):]
		ok = ok && utf8.ValidString(s)
		return s
	}
	for len(rest) > 0 && ok {
		labels = append(labels, encode.Label{Name: text(), Value: text()})
	}
	return labels, ok
}

func timestamp(nanoseconds int64) encode.Timestamp {
	if nanoseconds == 0 {
		return encode.Timestamp{}
	}
	return encode.UnixTimestamp(0, nanoseconds)
}
