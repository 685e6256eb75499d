package engine

import "slices"

// A renaming, which may be nil, adds a prefix and labels to families of plain data: for
// what is registered through a view (see Registry.With), and for what a view shows
// under other names (see View.WithRenamed).

// name returns what a family is called.
func (n *renaming) name(family string) string {
	if n == nil || n.prefix == "" {
		return family
	}
	return n.prefix + family
}

// wrapped returns a family under its new name, with room from p. f stays as it is.
func (n *renaming) wrapped(p *plain, f *Family) *Family {
	if n == nil {
		return f
	}
	own := *f
	own.Samples = slices.Clone(f.Samples)
	n.rename(p, &own)
	return &own
}

// rename changes a family, and what its samples' labels are.
func (n *renaming) rename(p *plain, f *Family) {
	f.Name = n.name(f.Name)
	if len(n.labels) == 0 {
		return
	}
	for i := range f.Samples {
		labels := &f.Samples[i].Labels
		all := p.labels.take(len(*labels) + len(n.labels))
		copy(all[copy(all, *labels):], n.labels)
		sortLabels(all)
		*labels = all
	}
}
