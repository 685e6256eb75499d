package clientpython

import (
	"cmp"
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// familyKey tells families apart: entries under one name but of another type, or merged
// by another rule, never share a cell.
type familyKey struct {
	name string
	typ  encode.Type
	rule Mode
}

// family is one family with every series that a merger has met.
type family struct {
	familyKey
	shown  string // the name that its samples have
	help   string // in this scan
	byKey  map[string]*series
	series []*series // in label order, once sorted
	sorted bool
}

// series is one label set of a family, with its cells.
type series struct {
	labels  []encode.Label
	key     string
	value   cell
	count   cell
	sum     cell
	buckets []*bucket // ascending
}

type bucket struct {
	bound float64
	cell
}

func newFamily(k familyKey) *family {
	shown := k.name
	if k.typ == encode.Counter {
		shown += "_total"
	}
	return &family{familyKey: k, shown: shown, byKey: make(map[string]*series)}
}

// cell returns the cell that a key speaks of.
func (f *family) cell(k *key) *cell {
	s := f.of(k.labels)
	switch k.part {
	case theCount:
		return &s.count
	case theSum:
		return &s.sum
	case aBucket:
		return s.bucket(k.bound)
	}
	return &s.value
}

func (f *family) of(labels []encode.Label) *series {
	id := identity(labels)
	s := f.byKey[id]
	if s == nil {
		s = &series{labels: labels, key: id}
		f.byKey[id] = s
		f.series, f.sorted = append(f.series, s), false
	}
	return s
}

func (s *series) bucket(bound float64) *cell {
	i, found := slices.BinarySearchFunc(s.buckets, bound, func(b *bucket, v float64) int { return cmp.Compare(b.bound, v) })
	if !found {
		s.buckets = slices.Insert(s.buckets, i, &bucket{bound: bound})
	}
	return &s.buckets[i].cell
}

// ordered returns all series in label order.
func (f *family) ordered() []*series {
	if !f.sorted {
		slices.SortFunc(f.series, func(a, b *series) int { return cmp.Compare(a.key, b.key) })
		f.sorted = true
	}
	return f.series
}
