// Package ops is the table of what is measured: for each op the same work, done by
// pawl and by every peer that can do it. The implementations of one op stand
// together in one file, so that whoever doubts that the work is the same can
// read them side by side.
//
// What a peer's user would write is what is measured: handles are kept where the
// API has handles, options are built beforehand where the API takes options, and
// where there are several ways the fastest one is used.
package ops

import "github.com/pawl-metrics/pawl/benchmarks/internal/measure"

// The implementations, as rows name them. Floor is no library: it is a
// physical limit, such as a plain increment in memory.
const (
	Pawl        = "pawl"
	PawlStrings = "pawl-strings" // StringVec: in growth charts only
	PawlHeap    = "pawl-heap"    // without the file, beside pawl with it
	PawlCompat  = "pawl-compat"  // client_golang's API on pawl: package compat
	Prom        = "client_golang"
	Victoria    = "victoriametrics"
	Xsync       = "xsync"
	Otel        = "otel"
	Python      = "client_python"
	Floor       = "floor"
)

// Impls is every implementation, in the order of tables and legends.
var Impls = []string{Pawl, PawlStrings, PawlHeap, PawlCompat, Prom, Victoria, Xsync, Otel, Python, Floor}

// Workers says on how many goroutines an op is measured.
type Workers int

const (
	Single  Workers = iota // on 1: whatever the op starts is its own affair
	Few                    // on 1 and on GOMAXPROCS
	Many                   // also on more goroutines than there are CPUs
	Writers                // on one less than GOMAXPROCS: a scrape has the last
	All                    // on GOMAXPROCS
)

// Op is one thing that is measured.
type Op struct {
	Name    string // in rows
	Title   string // in tables
	About   string // what is in the time, and what one op is
	Workers Workers
	Quick   []int // sizes with -quick; none means that the op has no size
	Full    []int // sizes otherwise; none means as with -quick
	Growth  bool  // drawn as a chart, and no row of the suite
	Peers   []Peer
}

// Peer is one implementation of an op.
type Peer struct {
	Impl  string
	Make  func(n int) measure.Subject // for n series, or 0
	Most  int                         // the largest n that is reasonable; 0 is any
	Quick int                         // the same for -quick
}

// Sizes returns the sizes to measure; a single 0 means that the op has none.
func (o *Op) Sizes(quick bool) []int {
	switch {
	case len(o.Quick) == 0:
		return []int{0}
	case quick || len(o.Full) == 0:
		return o.Quick
	}
	return o.Full
}

// Takes says whether the peer is measured at n.
func (p *Peer) Takes(n int, quick bool) bool {
	return (p.Most == 0 || n <= p.Most) && (!quick || p.Quick == 0 || n <= p.Quick)
}
