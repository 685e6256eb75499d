//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package shard

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// madvNoHugePage is Linux's MADV_NOHUGEPAGE. A 2 MiB page would span thirty-two
// stripes: one increment on one P would make memory of all of them.
const madvNoHugePage = 15

// reserve takes address space that is not yet memory: reading or writing it
// faults until commit, and it counts neither as resident nor as committed.
func reserve(bytes int) ([]byte, error) {
	mem, err := unix.Mmap(-1, 0, bytes, unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS == "linux" {
		// Advice only: a kernel without huge pages answers EINVAL.
		_ = unix.Madvise(mem, madvNoHugePage)
	}
	return mem, nil
}

// commit makes part of a reservation usable. Pages are still made on first touch.
func commit(mem []byte) error { return unix.Mprotect(mem, unix.PROT_READ|unix.PROT_WRITE) }

// release gives a whole reservation back.
func release(mem []byte) { _ = unix.Munmap(mem) }
