package engine

import (
	"hash/maphash"
	"math/bits"
	"strings"
)

// distinct finds samples of one series, in whatever order their labels stand.
//
// Model. It belongs to one goroutine, and keeps its memory.
type distinct struct {
	table  []uint32 // places in labels, plus one; 0 is free
	hashes []uint64 // by place
	labels [][]Label
}

var distinctSeed = maphash.MakeSeed()

// begin makes it ready for n series at most.
func (d *distinct) begin(n int) {
	clear(d.labels)
	d.hashes, d.labels = d.hashes[:0], d.labels[:0]
	size := 1 << bits.Len(uint(2*n))
	if cap(d.table) < size {
		d.table = make([]uint32, size)
		return
	}
	d.table = d.table[:size]
	clear(d.table)
}

// add says whether the series is new, and the how-many-th of the distinct ones it is.
func (d *distinct) add(labels []Label) (at int, fresh bool) {
	hash := labelsHash(labels)
	mask := len(d.table) - 1
	for i := int(hash) & mask; ; i = (i + 1) & mask {
		at := int(d.table[i]) - 1
		if at < 0 {
			d.hashes, d.labels = append(d.hashes, hash), append(d.labels, labels)
			d.table[i] = uint32(len(d.labels))
			return len(d.labels) - 1, true
		}
		if d.hashes[at] == hash && sameLabels(d.labels[at], labels) {
			return at, false
		}
	}
}

// labelsHash does not depend on the order of labels.
func labelsHash(labels []Label) (sum uint64) {
	for i := range labels {
		h := maphash.String(distinctSeed, labels[i].Name) ^ bits.RotateLeft64(maphash.String(distinctSeed, labels[i].Value), 23)
		hi, lo := bits.Mul64(h, 0x9e3779b97f4a7c15)
		sum += hi ^ lo
	}
	return sum
}

// sameLabels compares two label sets without duplicate names.
func sameLabels(a, b []Label) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !hasLabel(b, a[i]) {
			return false
		}
	}
	return true
}

func hasLabel(labels []Label, l Label) bool {
	for i := range labels {
		if labels[i] == l {
			return true
		}
	}
	return false
}

// ascending says whether samples stand in the order of their labels, and each one's
// labels in the order of their names: then no two are of one series.
func ascending(samples []Sample) bool {
	for i := range samples {
		if !namesAscend(samples[i].Labels) || i > 0 && compareLabels(samples[i-1].Labels, samples[i].Labels) >= 0 {
			return false
		}
	}
	return true
}

func namesAscend(labels []Label) bool {
	for i := 1; i < len(labels); i++ {
		if labels[i-1].Name >= labels[i].Name {
			return false
		}
	}
	return true
}

func compareLabels(a, b []Label) int {
	for i := range min(len(a), len(b)) {
		if c := strings.Compare(a[i].Name, b[i].Name); c != 0 {
			return c
		}
		if c := strings.Compare(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}
