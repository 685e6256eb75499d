//go:build !purego && (amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package shard

import _ "unsafe" // for go:linkname

// Pinned says whether this build pins Ps. Where it is false every recording
// goes to the shared stripe.
const Pinned = true

// Pin keeps the calling goroutine on its P until Unpin, and returns the P's
// number. Between the two the goroutine must not allocate, lock, send, receive,
// call anything that can block, or panic: a panic while pinned is fatal. Calls
// may be nested.
func Pin() int { return procPin() }

// Unpin ends what Pin began.
func Unpin() { procUnpin() }

// runtime.procPin and procUnpin carry the runtime's own note that packages
// outside depend on them and their signatures stay (go.dev/issue/67401).

//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()
