// Package compat is about the packages below it, which have client_golang's API on pawl's
// engine: it has no code of its own.
//
// # Moving a program
//
// In one's own code a rewrite of the imports is all there is to do:
//
//	s#github.com/prometheus/client_golang/prometheus#github.com/pawl-metrics/pawl/compat/prometheus#
//
// Names, signatures, options, defaults, errors and panics are those of client_golang
// v1.25.0. A library that takes client_golang's types, a Registerer say, does not
// fit any more, and one that registers with its DefaultRegisterer is not
// seen by ours. A program with such libraries, and those are most of the large ones, moves as a whole, by
// one line in its go.mod and no change of its sources: the module in compat/shim has
// client_golang's name and passes everything on.
//
//	replace github.com/prometheus/client_golang => .../compat/shim
//
// # What it costs
//
// Instruments are the engine's own. A recording costs what the engine's does and a call
// through an interface; a lookup takes no lock. A scrape of our instruments is written by the engine,
// with no protobuf message in between:
//
//	registry -- our instruments -----------> engine ---+
//	        \-- collectors of others -> Write(dto) ----+--> text, OpenMetrics, protobuf
//
// Collectors and metrics of one's own work as they always did, by Collect and Write, and
// cost what they always did. Gather makes messages of everything: it is for code that wants
// them. Promhttp's handler uses it only where it must: with a Gatherer that is not
// a Registry, or for a part of the families.
//
// # What is different
//
// Each of these is, where client_golang has it, a defect. There is a test for each, in the
// package it is about, which says in a comment what client_golang does.
//
// Recording:
//
//   - NaN does not poison a counter, a histogram or a summary, and infinity does not end a
//     counter: the amount is refused and counted. Gauges take both.
//   - The objectives of a summary bound the error of the value instead of that of the rank:
//     see SummaryOpts. An observation never waits for another one, or for a scrape.
//   - Buckets and labels are copied. Changing a slice or a map afterwards changes nothing: options, const labels,
//     those of WrapRegistererWith, the maps of constant histograms and summaries.
//   - The labels of an exemplar are in the order of their names, not in a random one.
//   - A metric with exemplars (NewMetricWithExemplars) copies what it puts them into. In client_golang those of a
//     native histogram become more with each scrape, and two scrapes at once race.
//
// Lookups:
//
//   - A lookup does not wait while a vec is scraped, or while a series is made.
//   - A hash only narrows: descriptors, children and gathered series are told apart by what they
//     are. Nor is a variable label a taken for a const label "$a".
//   - V2's vecs and descriptors may be made without variable labels: nil is none.
//
// Registering and gathering:
//
//   - A panic in a metric's Write, in Describe, or in a collector that is wrapped or in a registry
//     that is registered with another, is an error of that Gather or Register, and not the process's
//     end. The error names the collector or the metric, and is there once.
//   - Unregister forgets: a metric may come back with another help or other labels.
//   - Gatherers keep the unit of families.
//   - Of two metrics with the same series the first stays, as in client_golang; the order of metrics whose labels
//     differ in their names alone is that of the names, and not a random one.
//   - Wrapping changes nothing that metrics share, and passes an invalid descriptor on, where
//     client_golang writes behind the labels of others and dereferences nil.
//   - A metric with a label twice is an error also where another label comes between.
//
// Over the wire:
//
//   - promhttp's CoalesceGather lets a request share a gathering that is going on, and not one that was
//     over when the request came.
//   - promhttp sends a body when it is whole: nothing of it when the encoder panics (PanicOnError).
//   - push ends an OpenMetrics body with # EOF, without which no receiver takes it, sends the
//     grouping values "." and ".." in base64, and copies the caller's Header.
//   - graphite's Timeout is for the whole push and not for dialling alone, and its tags are
//     in order.
//   - The Go collector sends without holding a lock.
//   - What the engine writes (see "What it costs") is written as pawl writes: 1000000 where client_golang has
//     1e+06, no HELP line without help. In OpenMetrics there is no exemplar, and no _created, for a counter whose name does
//     not end in _total, since it is of unknown type there; names of an exemplar's labels are
//     escaped as all names are; a sum below 0 and a quantile of a summary of such values are left out, as the
//     format wants. A native histogram's exemplars are in its list of exemplars, and not once more in a
//     bucket up to +Inf; one that is to keep none keeps none.
//   - A value that is not UTF-8 and that a vec is curried with is repaired, where client_golang takes it and fails every
//     scrape from then on.
//
// The HTTP client for queries (client_golang's api packages) is not here: it has nothing to do with
// instrumentation.
package compat
