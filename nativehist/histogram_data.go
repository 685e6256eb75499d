package nativehist

// Span is a run of consecutive buckets.
type Span struct {
	Offset int32  // gap from the previous span's end; the first span's is a bucket index
	Length uint32 // number of buckets
}

// Histogram is a snapshot of a native histogram: plain data.
type Histogram struct {
	Schema           int32
	ZeroThreshold    float64
	ZeroCount, Count uint64
	Sum              float64
	PositiveSpans    []Span
	PositiveCounts   []uint64 // absolute, one for each bucket of the spans
	NegativeSpans    []Span
	NegativeCounts   []uint64
}
