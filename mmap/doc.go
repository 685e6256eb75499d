// Package mmap lets many processes be one scrape. Each records into a file of its
// own, at the speed of memory, and whoever reads the directory adds the files up: a
// worker that was killed has lost nothing, and one that is alive is not asked.
//
//	store, err := mmap.Open("/dev/shm/shop", mmap.Options{})
//	if err != nil { ... }
//	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: store})
//	requests, err := engine.NewCounter(reg, engine.Opts{Name: "requests_total"})
//	...
//	requests.Inc() // when it returns it is in the file
//
// # Why a file costs nothing
//
// The naive way to share a counter between processes is a lock, or a message. But a
// page of a file that is mapped by two processes is one page of memory: what one
// stores the other loads. So a cell in a mapped file is a cell, and package shard's
// stripes, one for each P, are laid out in a file as they are in anonymous memory:
//
//	file        | head | directory | chunk 0: shared, P 0, P 1 | chunk 1 ... | chunk 0: P 2 |
//	                                    |                                        |
//	address space  chunk 0's row:   | shared | P 0 | P 1 | P 2 | (room for more Ps) |
//
// The same instructions record in both; nothing asks which it is. What a file has
// besides is the directory, which says of each slab whose it is: FORMAT.md has it
// byte by byte. A recording never touches that.
//
// # What must not happen, and what is done about it
//
//   - A full disk is SIGBUS in a store to a hole of a mapped file. So disk space is
//     allocated page by page before a slab is handed out, in every stripe that is in
//     use: Alloc fails with [ErrNoSpace], a new series has no cells and is counted as
//     dropped, and nobody dies. A P that appears when there is no space left for its
//     stripe records in the shared one. (btrfs, ZFS and others that write
//     everything anew elsewhere do not quite keep this promise.)
//   - Two processes with one file would take each other's increments. A file has 128
//     random bits for a name, and is never opened by its name to write in it, so
//     containers with equal process ids may share a directory.
//   - A file of the dead must be told from one of the living. A lock on the open file
//     description is held for as long as the process lives, and not a moment
//     longer. Network file systems promise that in various ways; Open refuses them.
//   - A name may have been planted: files are made by O_EXCL and opened by O_NOFOLLOW.
//   - The file must not grow with every series that ever was. Cells and directory
//     records of a series that is dropped, and that no handle leads to, are used
//     again. Records and cells of the living never move.
//
// Somebody else who makes the file shorter kills its writer by SIGBUS: nothing in this
// package does that to a living one, and permissions should keep others from it.
//
// # Where the directory should be
//
// On tmpfs: /dev/shm, or a mount of your own, which containers can share. Its files are
// memory, and there is no writeback. (Memory may be swapped out; then a recording
// waits, as everything else does.) On a disk every writeback, some seconds apart,
// makes a page read-only until the next store to it, which faults. A recording holds
// its P, so in a fault the collector's stop-the-world waits for it, and where the disk
// is busy that may be long. [Options].RequireMemory refuses that; [Stats] and the
// metric pawl_store_writeback tell.
//
// The first store to a page faults too, in a file and in anonymous memory alike:
// both took some 13 microseconds where this was measured (a virtual machine, where
// faults are dear; BenchmarkFirstTouch). On Linux 5.14 and later the store makes
// pages present when it hands them out, outside of any recording, and then a first
// store takes 3, which is the processor finding the page.
//
// A process with 200 counters holds some 50 KiB. It grows by 8 bytes for each word on
// each P, in pages, and by some 100 to 300 bytes of directory for each slab.
//
// # Slots
//
// A restarted worker leaves a dead file, which readers fold into the archive. Where
// workers have stable names, [Options].Slot saves that: the next holder of a slot
// begins with what the last one counted, in one file. One living process has a slot
// at a time; Open tells the second one who has it.
//
// # Limits
//
// A file has at most 1920 extents, some 15 million words on each P. Stripes
// are 64 KiB, so pages must not be longer. On 32-bit machines and with -tags purego
// all Ps share one stripe. Linux is where this is used; macOS and FreeBSD build and
// should work; elsewhere Open returns [ErrUnsupported].
package mmap
