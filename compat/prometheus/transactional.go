package prometheus

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// TransactionalGatherer is a gatherer that wants to know when its families are no longer
// needed, so that it can use them again. This interface is an experiment of client_golang's.
type TransactionalGatherer interface {
	// Gather is Gatherer's. done is never nil, not even with an error, and must be called once
	// the families are no longer read.
	Gather() (_ []*dto.MetricFamily, done func(), err error)
}

// ToTransactionalGatherer returns a gatherer as one whose done does nothing.
func ToTransactionalGatherer(g Gatherer) TransactionalGatherer { return notTransactional{g} }

type notTransactional struct{ g Gatherer }

func (t notTransactional) Gather() (_ []*dto.MetricFamily, done func(), err error) {
	families, err := t.g.Gather()
	return families, func() {}, err
}

// MultiTRegistry is several transactional gatherers as one. It joins and checks nothing: a
// name that two of them have is there twice. Immutable.
type MultiTRegistry struct {
	gatherers []TransactionalGatherer
}

// NewMultiTRegistry makes one of these.
func NewMultiTRegistry(tGatherers ...TransactionalGatherer) *MultiTRegistry {
	return &MultiTRegistry{slices.Clone(tGatherers)}
}

// Gather implements TransactionalGatherer.
func (r *MultiTRegistry) Gather() (mfs []*dto.MetricFamily, done func(), err error) {
	var errs MultiError
	var ends []func()
	for _, g := range r.gatherers {
		families, end, err := g.Gather()
		errs.Append(err)
		mfs, ends = append(mfs, families...), append(ends, end)
	}
	slices.SortStableFunc(mfs, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return mfs, func() {
		for _, end := range ends {
			end()
		}
	}, errs.MaybeUnwrap()
}
