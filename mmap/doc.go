// Package mmap will hold the store whose cells live in mapped files, so that many
// processes are one scrape and a killed one loses nothing. It has no code yet;
// this page says what goes here.
//
// The seam is [shard.Store]: a registry built on a file store records exactly as
// one in memory does, because a stripe of a mapped file is addressed like a
// stripe of an anonymous chunk: 64 KiB for each P, side by side. What a file needs
// beyond the words is who they are; the engine hands every store a description of
// each series (its header lines and sample prefix) with the request for its cells.
package mmap

import _ "github.com/pawl-metrics/pawl/shard" // the seam that the page describes
