package prometheus

import (
	"fmt"
	"slices"
	"strings"
)

// This file holds what is checked before a collector is registered.

// Register implements Registerer.
func (r *Registry) Register(c Collector) error {
	entry, err := newRegistered(c)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.admit(entry); err != nil {
		return err
	}
	r.add(entry)
	return nil
}

// Unregister implements Registerer. Unlike client_golang's, it forgets: a metric may come back
// with another help or other labels.
func (r *Registry) Unregister(c Collector) bool {
	like, err := newRegistered(c)
	if err != nil || like.unchecked {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	entry := r.byID[like.id]
	if entry == nil {
		return false
	}
	r.remove(entry)
	return true
}

// newRegistered describes a collector, outside of the registry's mutex: Describe is the
// user's.
func newRegistered(c Collector) (*registered, error) {
	all, err := described(c)
	if err != nil {
		return nil, err
	}
	entry := &registered{Collector: c, ours: asOurs(c), each: walkOf(c), unchecked: len(all) == 0}
	seen := make(map[string]bool, len(all))
	var ids []string
	for _, d := range all {
		if d.err == nil {
			if seen[d.id+isVariable+d.dims] {
				continue
			}
			seen[d.id+isVariable+d.dims] = true
			ids = append(ids, d.id)
		}
		entry.descs = append(entry.descs, d)
	}
	slices.Sort(ids)
	entry.id = strings.Join(slices.Compact(ids), isVariable)
	return entry, nil
}

// described returns what a collector describes. A panic is an error.
func described(c Collector) (descs []*Desc, err error) {
	if o := asOurs(c); o != nil {
		return []*Desc{o.family()}, nil
	}
	defer func() {
		if v := recover(); v != nil {
			err = catch(v).in("collector", innermost(c))
		}
	}()
	stream(c.Describe, func(d *Desc) { descs = append(descs, d) })
	return descs, nil
}

// admit says why a collector cannot be registered. The caller holds mu.
func (r *Registry) admit(entry *registered) error {
	var duplicate error
	fresh := make(map[string]string, len(entry.descs))
	for _, d := range entry.descs {
		if d.err != nil {
			return fmt.Errorf("descriptor %s is invalid: %w", d, d.err)
		}
		if r.has(d) {
			duplicate = fmt.Errorf("descriptor %s already exists with the same fully-qualified name and const label values", d)
		}
		if known := r.dims[d.fqName]; known != nil {
			if known.dims != d.dims {
				return fmt.Errorf("a previously registered descriptor with the same fully-qualified name as %s has different label names or a different help string", d)
			}
			continue
		}
		if dims, known := fresh[d.fqName]; known && dims != d.dims {
			return fmt.Errorf("descriptors reported by collector have inconsistent label names or help strings for the same fully-qualified name, offender is %s", d)
		}
		fresh[d.fqName] = d.dims
	}
	if have := r.byID[entry.id]; have != nil && !entry.unchecked {
		return AlreadyRegisteredError{ExistingCollector: innermost(have.Collector), NewCollector: entry.Collector}
	}
	return duplicate
}
