package prometheus

import "slices"

// This file keeps a registry's tables. The callers hold mu.

// has says whether a collector has described the descriptor, or one equal to it.
func (r *Registry) has(d *Desc) bool {
	_, there := r.owners[d.id]
	return there
}

// add enters a collector that has been admitted.
func (r *Registry) add(entry *registered) {
	for _, d := range entry.descs {
		r.owners[d.id] = entry
		if r.dims[d.fqName] == nil {
			r.dims[d.fqName] = &dimensions{dims: d.dims}
		}
		r.dims[d.fqName].users++
	}
	if !entry.unchecked {
		r.byID[entry.id] = entry
	}
	list := append(slices.Clip(r.collectors()), entry)
	r.list.Store(&list)
}

// remove forgets a collector.
func (r *Registry) remove(entry *registered) {
	for _, d := range entry.descs {
		delete(r.owners, d.id)
		if known := r.dims[d.fqName]; known.users > 1 {
			known.users--
		} else {
			delete(r.dims, d.fqName)
		}
	}
	delete(r.byID, entry.id)
	list := slices.DeleteFunc(slices.Clone(r.collectors()), func(c *registered) bool { return c == entry })
	r.list.Store(&list)
}
