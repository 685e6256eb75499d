package engine

import (
	"time"

	"github.com/pawl-metrics/pawl/encode"
)

// The plain data that collectors hand in and [Registry.Gather] hands out. Package
// encode says what each field means.
type (
	// Family is a family with all its samples.
	Family = encode.Family
	// Sample is one series with its value.
	Sample = encode.Sample
	// Timestamp is a moment, to the nanosecond; its zero value is none.
	Timestamp = encode.Timestamp
	// HistogramValue is the value of a histogram, classic, native or both.
	HistogramValue = encode.HistogramValue
	// Bucket is one bucket of a classic histogram, cumulative.
	Bucket = encode.Bucket
	// SummaryValue is the value of a summary.
	SummaryValue = encode.SummaryValue
	// Quantile is one quantile of a summary.
	Quantile = encode.Quantile
	// State is one state of a stateset.
	State = encode.State
	// Type is what a family is.
	Type = encode.Type
)

// The types of families.
const (
	UntypedType        = encode.Untyped
	CounterType        = encode.Counter
	GaugeType          = encode.Gauge
	HistogramType      = encode.Histogram
	SummaryType        = encode.Summary
	GaugeHistogramType = encode.GaugeHistogram
	InfoType           = encode.Info
	StateSetType       = encode.StateSet
)

// TimestampOf returns the timestamp of t; none for the zero time.
func TimestampOf(t time.Time) Timestamp { return encode.TimestampOf(t) }
