package mmap_test

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/pawl-metrics/pawl/atomicf"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/mmap"
	"github.com/pawl-metrics/pawl/shard"
)

// What is written down, by kind of operation.
const (
	bookPlain = iota
	bookVec
	bookHalves
	bookClassic
	bookNative
	bookBoth
	bookTorn
	entries
)

var entryNames = [entries]string{"plain_total", "vec_total", "halves_total", "classic_seconds", "native_seconds", "both_seconds", "torn_seconds"}

var entryNamed = func() map[string]int {
	m := map[string]int{}
	for e, name := range entryNames {
		m[name] = e
	}
	return m
}()

// book is what one goroutine of a worker has done. It alone writes it, and the kernel
// keeps it when the worker is killed.
type book [16]atomic.Uint64

const booksBytes = killHands * int(unsafe.Sizeof(book{}))

// openBooks maps a ledger, which it makes if need be. It shares no code with what it is
// there to check.
func openBooks(path string) (*[killHands]book, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(int64(booksBytes)); err != nil {
		return nil, err
	}
	mem, err := syscall.Mmap(int(f.Fd()), 0, booksBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return (*[killHands]book)(unsafe.Pointer(&mem[0])), nil
}

// torn is a histogram whose updates can be cut short: its process kills itself between
// begin and end, when the bucket has been counted and the sum has not.
type torn struct{ group shard.Group }

func newTorn(store *mmap.Store) (*torn, error) {
	desc := descriptor.Append(nil, &descriptor.Descriptor{Family: "torn_seconds", Kind: descriptor.Histogram,
		Type: encode.Histogram, Help: "Of the kill test.", Bounds: []float64{1}})
	slab, err := store.Alloc(desc, shard.GroupLayout(3))
	t := new(torn)
	t.group.Init(slab)
	return t, err
}

func (t *torn) record(b *book, die bool) {
	t.group.Update(func(s *shard.Section) {
		atomicf.Add(s.Word(1), 1)
		if die {
			syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
			panic("killed, and still alive")
		}
		atomicf.AddFloat(s.Word(0), 0.25)
	})
	b[bookTorn].Add(1)
}
