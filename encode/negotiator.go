package encode

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Negotiator remembers the answers to Accept headers: scrapers send the same few
// for ever. It may be used concurrently; remembered answers cost one lookup, no
// lock and no allocation.
type Negotiator struct {
	offer Offer
	known atomic.Pointer[map[string]Format] // never written to once it is here
}

const (
	rememberHeaders = 64
	rememberBytes   = 1024 // longest header
)

// NewNegotiator returns a negotiator for an offer.
func NewNegotiator(offer Offer) *Negotiator {
	offer.Syntaxes = slices.Clone(offer.syntaxes())
	n := &Negotiator{offer: offer}
	n.known.Store(&map[string]Format{})
	return n
}

// Negotiate is [Negotiate] with a memory.
func (n *Negotiator) Negotiate(accept []string) Format {
	if len(accept) != 1 {
		return Negotiate(accept, n.offer)
	}
	if f, ok := (*n.known.Load())[accept[0]]; ok {
		return f
	}
	f := Negotiate(accept, n.offer)
	n.remember(accept[0], f)
	return f
}

// remember adds an answer while there is room. Headers come from anyone, so it
// never makes room: scrapers come first, and what is not remembered is
// only a microsecond slower.
func (n *Negotiator) remember(header string, f Format) {
	if len(header) > rememberBytes {
		return
	}
	header = strings.Clone(header)
	for {
		old := n.known.Load()
		if len(*old) >= rememberHeaders {
			return
		}
		next := maps.Clone(*old)
		next[header] = f
		if n.known.CompareAndSwap(old, &next) {
			return
		}
	}
}
