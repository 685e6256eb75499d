package engine

// knownFamily is what a collector's registration remembers of a family that it has
// made: its names, which take time to spell, and whether they clash.
//
// Model. name, typ and names are immutable. The rest belongs to the mutex of the
// collector.
type knownFamily struct {
	name  string // with the registration's prefix
	typ   Type
	names []string

	epoch    uint64 // of the registry's claims, for which the rest is true
	claimed  bool   // the names are this family's
	conflict bool   // some of them are another family's
}

type familyKey struct {
	name string
	typ  Type
}

// maxKnown is how many families a collector is remembered by: one that makes up new
// names for ever must not grow the process.
const maxKnown = 1 << 16

// know returns what is known of a family that the collector makes.
func (c *collector) know(name string, typ Type) *knownFamily {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := familyKey{name, typ}
	k := c.known[key]
	if k == nil {
		full := c.wrap.prefix + name
		k = &knownFamily{name: full, typ: typ, names: collectedNames(full, typ)}
		if len(c.known) >= maxKnown {
			clear(c.known)
		}
		c.known[key] = k
	}
	return k
}

// claims says whether the family's names are claimed for it, and whether some are
// claimed for another one.
func (c *collector) claims(k *knownFamily) (claimed, conflict bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.reg.epoch.Load(); now != k.epoch {
		k.epoch = now
		k.claimed, k.conflict = c.reg.claimed(k)
	}
	return k.claimed, k.conflict
}

func (r *contents) claimed(k *knownFamily) (claimed, conflict bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range k.names {
		switch o := r.claims[name]; {
		case o == nil:
		case o.fam == nil && o.name == k.name && o.typ == k.typ:
			claimed = true
		default:
			conflict = true
		}
	}
	return claimed, conflict
}
