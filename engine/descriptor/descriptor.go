// Package descriptor is what the engine tells a store about a slab: which series
// it belongs to, and what its words hold. A store that outlives the process
// (package mmap's files) keeps the bytes beside the cells, and whoever reads them
// needs nothing else.
//
// A descriptor begins with its key, the family's name and the series' labels.
// Slabs with one key belong to one series: a counter and its fraction, the parts
// of a native histogram, a sample and its exemplars.
package descriptor

import "github.com/pawl-metrics/pawl/encode"

// Kind says what the words of a slab hold. mmap/FORMAT.md has the words.
type Kind uint8

// The kinds of slabs. Their numbers are part of the file format.
const (
	Counter Kind = 1 + iota
	Fraction
	Gauge
	Recent
	UpDown
	Histogram
	NativeBase
	NativeBlock
	Summary
	Info
	StateSet
	Enum
	Exemplar
	Folded
	kinds
)

// Reach is a range of a native histogram's buckets of one sign.
type Reach struct {
	First int32
	Cells uint32
}

// Descriptor describes a slab.
type Descriptor struct {
	Family string
	Labels []encode.Label // in name order

	Kind    Kind
	Type    encode.Type
	Carried bool // left by an earlier holder of a slot, or by the dead
	Mode    Mode // of gauges, up-downs, enums and state sets
	Help    string
	Unit    string
	Start   int64 // when the series began, Unix nanoseconds; 0 where another slab of its key says so

	Bounds    []float64 // of a histogram, without +Inf; of a native one, its classic buckets
	States    []string  // of a state set or enum
	Bucket    int       // of an exemplar: which bucket; -1 is a counter's, -2 a native histogram's
	Schema    int32     // of a native histogram
	Threshold float64   // of its zero bucket
	Extra     uint32    // number of its extra counters
	Reaches   [2]Reach  // of a native block: positive values, negative values
	IDs       [][16]byte
	Pid       string // of a carried gauge of mode All: the label that it had
}
