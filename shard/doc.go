// Package shard gives every P of the Go scheduler its own copy of a metric's
// cells, so that recording never waits for another CPU.
//
// # Terms
//
//	P        the scheduler's right to run Go code; there are GOMAXPROCS of them,
//	         numbered from 0. A goroutine runs on exactly one P at a time.
//	cell     one 64-bit word of a metric's value, on one P.
//	stripe   the cells of one P in one chunk: 64 KiB of address space.
//	chunk    the same 8192 cells for every P: a row of stripes, side by side.
//	slab     the contiguous cells that one series owns; it has one place in
//	         every stripe of its chunk, at the same offset.
//	arena    what hands out slabs and grows by chunks.
//	store    anything that hands out slabs: an arena, or mapped files.
//
// # From the naive counter up
//
// One shared word and LOCK XADD is exact, and every increment drags the word's
// cache line from the CPU that had it last: 20 ns and more as soon as two CPUs
// take part, and worse with each one that joins.
//
// One word per CPU removes the travelling, but the LOCK stays: between asking
// "which CPU am I on" and adding, the goroutine may be moved, and then two of
// them are adding to one word.
//
// So do not let it be moved. runtime.procPin forbids the scheduler to take the
// goroutine off its P, which makes that goroutine the only one in the process
// that can touch the P's cells until procUnpin. With one writer, a plain
// load, add, store is exact.
//
//	p := Pin()                 // now the only writer of stripe p
//	*cell(p) += n              // no LOCK, no fence, no retry
//	Unpin()
//
// # Where a cell is
//
//	             64 KiB        64 KiB        64 KiB
//	        +-------------+-------------+-------------+----
//	chunk   |   shared    |  stripe 0   |  stripe 1   | ...   (reserved: PROT_NONE)
//	        +-------------+-------------+-------------+----
//	             ^ slab        ^ +64 KiB     ^ +128 KiB
//
// A slab is a pointer into the shared stripe and its chunk; P p's cell stands
// (p+1)<<16 further on. Neighbours within a stripe are written by one P, so
// nothing is padded, and a counter costs 8 bytes on each P that has used its
// page. Address space is reserved for more stripes than there are Ps and becomes
// memory only where something is written.
//
// # When GOMAXPROCS moves
//
// The runtime changes GOMAXPROCS by itself in containers, up to once a second.
// A stripe, once used, is never taken away and is summed by every reader for
// ever; a P that appears later finds its stripe unready, leaves the pin, has it
// committed, and goes on. A P whose number lies past the reservation records in
// the shared stripe: LOCK ADD for a single word, a mutex for a group of words.
//
// # What a reader may see
//
// A single word: some value between the one when the read began and the one when
// it ended, and never less than an earlier read of the same word saw. A group of
// words ([Group]): a state that one P's stripe really had, by the begin/end
// protocol that group.go describes.
//
// # Builds
//
// With -tags purego, and on 32-bit machines, nothing is pinned and the shared
// stripe is all there is: exact and slower. Under -race the stripes are used, with
// atomic loads and stores. Where address space is refused (RLIMIT_AS) or there
// is no mmap, each P's stripe is an ordinary Go slice made on first use.
//
// # Rejected
//
// Reading the P's number through the runtime's structures in assembly saves one
// of the two calls, at the price of offsets that change with every Go release
// and corrupt silently when wrong. Restartable sequences (rseq) need a hook per
// thread that the runtime does not offer. RDPID needs a LOCK behind it, because
// nothing stops the thread from moving between the two instructions.
package shard
