package engine

import "maps"

// wrapping is what a view of a registry adds to what is registered through it.
// Immutable.
type wrapping struct {
	prefix string
	labels map[string]string
}

// With returns a view of the registry through which families and collectors get
// a prefix to their names, and labels besides their own:
//
//	for _, db := range databases {
//		collectors.RegisterDB(reg.With("app_", map[string]string{"db": db.Name}), db)
//	}
//
// What is registered through the view is in the registry itself. To scrape the view
// is to scrape the whole registry. Views of views add up: the prefix of the outer
// one, which was made first, comes first. A name or a label that cannot be is an error
// of the registration.
func (r *Registry) With(prefix string, labels map[string]string) *Registry {
	all := maps.Clone(r.labels)
	if all == nil {
		all = make(map[string]string)
	}
	maps.Copy(all, labels)
	return &Registry{r.contents, wrapping{r.prefix + prefix, all}}
}

// wrap returns a registration's options with what the view adds.
func (w *wrapping) wrap(o Opts) (Opts, error) {
	o.Name = w.prefix + o.Name
	if len(w.labels) == 0 {
		return o, nil
	}
	all := maps.Clone(w.labels)
	for name, value := range o.ConstLabels {
		if _, taken := all[name]; taken {
			return o, duplicateLabel(o.Name, name, name)
		}
		all[name] = value
	}
	o.ConstLabels = all
	return o, nil
}
