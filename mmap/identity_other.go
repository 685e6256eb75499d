//go:build !linux

package mmap

// Other systems have no boot id that is easy to come by: a file of this host name
// that is not locked is dead all the same.

func bootID() (id [16]byte) { return id }

func startTicks() uint64 { return 0 }
