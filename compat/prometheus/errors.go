package prometheus

import (
	"fmt"
	"strings"
	"sync"
)

// AlreadyRegisteredError says that a collector equal to the new one is registered: the
// same, or one with the same descriptors. Who can do with either goes on with the existing one:
//
//	if err := reg.Register(requests); err != nil {
//		var have prometheus.AlreadyRegisteredError
//		if !errors.As(err, &have) {
//			return err
//		}
//		requests = have.ExistingCollector.(*prometheus.CounterVec)
//	}
type AlreadyRegisteredError struct {
	ExistingCollector, NewCollector Collector
}

// Error implements error.
func (err AlreadyRegisteredError) Error() string {
	return "duplicate metrics collector registration attempted"
}

// MultiError is several errors in one: those of a Gather. It is not safe for concurrent use.
type MultiError []error

// Error returns the number of errors, and each on a line of its own.
func (errs MultiError) Error() string {
	if len(errs) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d error(s) occurred:", len(errs))
	for _, err := range errs {
		fmt.Fprintf(&b, "\n* %s", err)
	}
	return b.String()
}

// Append adds an error, unless it is nil.
func (errs *MultiError) Append(err error) {
	if err != nil {
		*errs = append(*errs, err)
	}
}

// MaybeUnwrap returns nil for no error, the error itself for one, and errs for more.
func (errs MultiError) MaybeUnwrap() error {
	switch len(errs) {
	case 0:
		return nil
	case 1:
		return errs[0]
	}
	return errs
}

// SafeMultiError is a MultiError that several goroutines may add to.
type SafeMultiError struct {
	mu   sync.Mutex
	errs MultiError
}

// Append adds an error, unless it is nil.
func (s *SafeMultiError) Append(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errs.Append(err)
}
