package mmap

import (
	"bytes"
	"encoding/hex"
	"os"
	"strconv"
	"sync"
)

// bootID returns the random id that the kernel draws when it starts: the same in all
// containers of a machine. Zero where /proc does not tell.
var bootID = sync.OnceValue(func() (id [16]byte) {
	text, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return id
	}
	text = bytes.ReplaceAll(bytes.TrimSpace(text), []byte("-"), nil)
	if len(text) == 2*len(id) {
		hex.Decode(id[:], text)
	}
	return id
})

// startTicks returns when the process started, in clock ticks since boot; 0 where
// /proc does not tell.
var startTicks = sync.OnceValue(func() uint64 {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	// The second field is the program's name in parentheses, and may contain both
	// spaces and parentheses. The start is the twentieth after it.
	const start = 19
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= start {
		return 0
	}
	ticks, _ := strconv.ParseUint(string(fields[start]), 10, 64)
	return ticks
})
