// Package api reads the exported API of Go packages from what the compiler wrote
// about them, and compares two of them. It is how compat shows that it is
// client_golang's twin, and what its shim is made from.
//
//	go list -export -> [Load] -> go/types -> [Of] -> [Surface] -+
//	                                                            | [Diff]
//	the same of the other tree -------------------> [Surface] --+
//
// A [Surface] is a line of text for every identifier, so that a difference reads
// like one:
//
//	prometheus.Counter.Inc: method func(), not func() error
//
// Types are spelled without the names of parameters, and packages of either tree
// as if there were but one.
package api
