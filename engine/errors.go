package engine

import (
	"errors"
	"fmt"
)

// The reasons for which a registration is refused. A registration error is a
// [*RegisterError] that wraps one of them; test with errors.Is.
var (
	// ErrName: the family's name is not one that the registry's NameRule allows.
	ErrName = errors.New("invalid family name")
	// ErrHelp: the help text is not valid UTF-8.
	ErrHelp = errors.New("invalid help text")
	// ErrUnit: the unit is not the last part of the family's name, or has characters
	// that names cannot have.
	ErrUnit = errors.New("invalid unit")
	// ErrLabelName: a label's name is not one that the registry's NameRule allows,
	// or begins with "__".
	ErrLabelName = errors.New("invalid label name")
	// ErrLabelValue: a const label's value is not valid UTF-8.
	ErrLabelValue = errors.New("invalid label value")
	// ErrReserved: a label's name means something else on this type: le on
	// histograms, quantile on summaries, the family's own name on enums and statesets.
	ErrReserved = errors.New("reserved label name")
	// ErrDuplicateLabel: two labels of one family have one name, in some format.
	ErrDuplicateLabel = errors.New("duplicate label name")
	// ErrLabelType: a label struct is not a struct, has no fields, or has a
	// field that cannot be a label.
	ErrLabelType = errors.New("unusable label struct")
	// ErrDuplicate: the family is registered already, with the same const
	// labels.
	ErrDuplicate = errors.New("duplicate registration")
	// ErrConflict: the family is registered already, with another type, help,
	// unit, labels, buckets or mode; or it or its samples would have another family's name
	// in some format, as those of a histogram x and a counter x_count.
	ErrConflict = errors.New("conflicting registration")
	// ErrBuckets: the bucket bounds are empty, NaN, not ascending, or too many.
	ErrBuckets = errors.New("invalid buckets")
	// ErrMode: there is no such gauge mode, or the instrument cannot have it.
	ErrMode = errors.New("unusable gauge mode")
	// ErrLifetime: MaxSeries or ExpireAfter is asked of what has no variable labels, or
	// ExpireAfter is negative, or the type cannot have it.
	ErrLifetime = errors.New("unusable limit on series")
	// ErrStates: an enum or stateset has no states, or too many, or one twice, or one
	// without a name.
	ErrStates = errors.New("invalid states")
	// ErrQuantiles: a summary's quantiles are not ascending numbers from 0 to 1, or its
	// window or its error cannot be.
	ErrQuantiles = errors.New("invalid quantiles")
	// ErrFunc: a callback, or a collector, is nil.
	ErrFunc = errors.New("nil callback")
	// ErrLabelCount: a number of label values other than the family's.
	ErrLabelCount = errors.New("wrong number of label values")
	// ErrStore: the store had no cells to give.
	ErrStore = errors.New("no cells")
)

// RegisterError says why a family, or one of its series, was refused.
type RegisterError struct {
	Family string // the name that was to be registered
	Detail string // what offends, and why
	Err    error  // one of the Err variables above
}

// Error names the family, the reason and the offender.
func (e *RegisterError) Error() string {
	return fmt.Sprintf("engine: family %q: %v: %s", e.Family, e.Err, e.Detail)
}

// Unwrap returns the reason.
func (e *RegisterError) Unwrap() error { return e.Err }

func refuse(family string, reason error, format string, args ...any) error {
	return &RegisterError{Family: family, Err: reason, Detail: fmt.Sprintf(format, args...)}
}

// must panics with err: what the Must forms of the constructors do.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
