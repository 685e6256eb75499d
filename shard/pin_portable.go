//go:build purego || !(amd64 || arm64 || loong64 || mips64 || mips64le || ppc64 || ppc64le || riscv64 || s390x)

package shard

// Pinned says whether this build pins Ps. Where it is false every recording
// goes to the shared stripe.
const Pinned = false

// Pin does nothing in this build: no slab ever has a stripe for P 0.
func Pin() int { return 0 }

// Unpin does nothing in this build.
func Unpin() {}
