// Package internal is where package zstd tells promhttp that it is there.
package internal

// Zstd appends body to dst, compressed. It is nil in programs that do not import package
// zstd, is set before main begins, and may be called concurrently.
var Zstd func(dst, body []byte) []byte
