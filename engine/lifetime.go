package engine

import "time"

// lifetime is what the options of a vec say about how many series it may have, and
// for how long.
type lifetime struct {
	most int           // series, the overflow series not counted; 0: as many as there come
	idle time.Duration // after which a series expires; 0: never

	overflows *Counter // lookups that got the overflow series; nil without a limit
}

// lifetimeOf checks the options. Where there are no variable labels there is one
// series, which stays.
func lifetimeOf(o *Opts, labelled, expires bool, reg *Registry) (l lifetime, err error) {
	switch {
	case o.MaxSeries > 0 && !labelled:
		return l, refuse(o.Name, ErrLifetime, "MaxSeries is %d, and there are no variable labels", o.MaxSeries)
	case o.ExpireAfter < 0:
		return l, refuse(o.Name, ErrLifetime, "ExpireAfter is %v", o.ExpireAfter)
	case o.ExpireAfter > 0 && !labelled:
		return l, refuse(o.Name, ErrLifetime, "ExpireAfter is %v, and there are no variable labels", o.ExpireAfter)
	case o.ExpireAfter > 0 && !expires:
		return l, refuse(o.Name, ErrLifetime, "ExpireAfter is %v, and this type's series do not expire", o.ExpireAfter)
	}
	l.idle = o.ExpireAfter
	switch {
	case o.MaxSeries > 0:
		l.most = o.MaxSeries
	case o.MaxSeries == 0 && labelled:
		l.most = reg.maxSeries
	}
	return l, nil
}
