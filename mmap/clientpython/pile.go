package clientpython

// pile is what a fold collects for one archive: entries of files of one kind, merged by
// their keys as they stand. Nothing is interpreted beyond that, so that the archive
// says to each reader what the files said.
type pile struct {
	file    File // what kind
	rule    Mode
	numbers numbers // the newer layout as soon as one file has it
	entries []*pileEntry
	byKey   map[string]*pileEntry
}

type pileEntry struct {
	key string
	cell
}

func newPile(f File) *pile {
	return &pile{file: f, rule: f.rule(), byKey: make(map[string]*pileEntry)}
}

// check says whether every key of a file makes sense, so that the archive has no entry
// that a reader would refuse.
func (p *pile) check(b *body) error {
	for pos := headerSize; pos < len(b.data); {
		key, _, next := b.at(pos)
		if p.byKey[string(key)] == nil {
			if _, err := parseKey(key, p.file.Type); err != nil {
				return damaged(pos, err)
			}
		}
		pos = next
	}
	return nil
}

// add merges the entries of a file that has been checked.
func (p *pile) add(f File, b *body, rests []byte) error {
	p.numbers = max(p.numbers, b.numbers)
	for pos := headerSize; pos < len(b.data); {
		key, value, next := b.at(pos)
		e, err := p.entry(f, key)
		if err != nil {
			return err
		}
		e.add(p.rule, b.value(value), b.stamp(value))
		if len(rests) > 0 {
			e.total.add(float(rests))
			rests = rests[8:]
		}
		pos = next
	}
	return nil
}

// entry returns the entry for a key of a file. Where each process has a series, its
// identifier becomes part of the key.
func (p *pile) entry(f File, key []byte) (*pileEntry, error) {
	if p.rule == All && !f.Archive {
		var err error
		if key, err = withPID(key, f.PID); err != nil {
			return nil, err
		}
	}
	e := p.byKey[string(key)]
	if e == nil {
		e = &pileEntry{key: string(key)}
		p.byKey[e.key] = e
		p.entries = append(p.entries, e)
	}
	return e, nil
}

// layout is the layout to write: the newer one, if the files do not say.
func (p *pile) layout() numbers {
	if p.numbers == 0 {
		return withStamp
	}
	return p.numbers
}
