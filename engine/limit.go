package engine

import "sync/atomic"

// OverflowValue is the value that every variable label of a vec's overflow series
// has. That series takes the place of those for which Opts.MaxSeries leaves no room:
//
//	requests_total{method="__overflow__",path="__overflow__"} 1234
//
// so that the family's sum stays right, whatever values a client makes up. It is
// made when it is first needed, is one more than MaxSeries, and never expires. Reset
// drops it, and so does Delete when it is given these labels. Who uses this very value for all labels has the overflow series, too; where
// a label is no string, its text counts.
//
// pawl_overflow_lookups_total{family} counts the lookups that got it for want of room.
// A handle that is kept records as often as it likes: the overflow series itself says
// how often that was.
const OverflowValue = "__overflow__"

// limit keeps a vec from having more series than it may.
//
// Ownership. full is read by lookups without locks. Everything else, and each change
// of full, belongs to the vec's mu. The limit is looked at there, so that racing
// lookups never exceed it.
//
// A lookup that finds no series reads full, searches once more, and reads full again:
// all series that were made before full was set are found by that search, and a
// removal clears full before it takes its series away. So a lookup gets the overflow
// series only if there was a moment when its own had no place.
type limit[K, S any] struct {
	full     atomic.Pointer[S] // the overflow series, while there is room for no other
	count    int               // series that count towards the limit: idle ones do
	overflow *entry[K, S]      // nil until it is needed

	// overflowKey returns the key of the overflow series, and whether lookups can find
	// it by that: not when it has labels that are no plain strings.
	overflowKey func() (key K, plain bool)
}

// room says whether there may be another series. The caller holds mu.
func (c *core[K, S]) room() bool { return c.lifetime.most == 0 || c.count < c.lifetime.most }

// still says whether a search that went on since the two values were read can be
// trusted: no series was on its way between the tables, and there is still no room.
func (c *core[K, S]) still(moves uint64, full *S) bool {
	return moves&1 == 0 && c.moves.Load() == moves && c.full.Load() == full
}

// named returns the overflow series to a lookup that asks for it by its labels. The
// caller holds mu.
func (c *core[K, S]) named() *S {
	if c.overflow == nil && !c.makeOverflow() {
		return c.noCells
	}
	return &c.overflow.inst
}

// spilled returns the overflow series to a lookup for whose series there is no room,
// and counts that. The caller holds mu.
func (c *core[K, S]) spilled() *S {
	s := c.named()
	if s != c.noCells {
		c.full.Store(s)
		c.lifetime.overflows.Inc()
	}
	return s
}

// makeOverflow makes the overflow series, if the store has cells for it.
func (c *core[K, S]) makeOverflow() bool {
	key, plain := c.overflowKey()
	e := &entry[K, S]{key: key}
	text := c.template.render(overflowValues(len(c.names)), make([]span, len(c.names)))
	if _, err := c.add(&e.inst, text); err != nil {
		return false
	}
	if plain {
		c.place(c.hashOf(&e.key), e)
	}
	if c.byText != nil {
		c.byText[text.String()] = e
	}
	c.overflow = e
	return true
}

// overflowValues returns n label values.
func overflowValues(n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = OverflowValue
	}
	return values
}

// spills says whether a new series with these labels is the overflow series, asked for
// by name.
func (c *core[K, S]) spills(values []string) bool {
	if c.lifetime.most == 0 {
		return false
	}
	for _, v := range values {
		if v != OverflowValue {
			return false
		}
	}
	return true
}

// isPlain says whether lookups can find the overflow series by its key.
func (c *core[K, S]) isPlain() bool {
	_, plain := c.overflowKey()
	return plain
}
