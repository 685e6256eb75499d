package nativehist

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/pawl-metrics/pawl/shard"
)

// DefaultZeroThreshold is 2^-128, about 2.9e-39.
const DefaultZeroThreshold = 0x1p-128

// MaxExtra is how many extra counters a recorder can have: they share one slab
// with its buckets.
const MaxExtra = shard.MaxWords - shard.SectionWords - extraWord - maxCells

// ErrOptions is what an error of [Options.Config] wraps.
var ErrOptions = errors.New("invalid option")

// Options describe the recorders of one family.
type Options struct {
	// Factor is the most that each bucket may be wider than the one before,
	// greater than 1; SchemaOf says which schema that is. 0 takes Schema instead.
	Factor float64
	// Schema is the resolution, from MinSchema to MaxSchema, if Factor is 0.
	Schema int32
	// ZeroThreshold is the largest magnitude that the zero bucket takes at first.
	// 0 means DefaultZeroThreshold; a negative value means that only zeros go
	// there.
	ZeroThreshold float64
	// MaxBuckets is how many buckets, the zero bucket not counted, may be
	// populated before the limit steps begin; 0 is no limit, and lets whoever
	// chooses the values take some 500 KiB of memory at schema 8. The limit is
	// best effort: far-apart values can exceed it at the coarsest schema.
	MaxBuckets int
	// MinResetDuration is the time that must have passed since the start, or the
	// last reset, for a step to be a reset; 0 is no resets. Mind that a duration
	// of 1 is a nanosecond, and makes a reset of every step.
	MinResetDuration time.Duration
	// MaxZeroThreshold is how far a step may widen the zero bucket; 0 is not at
	// all.
	MaxZeroThreshold float64
	// Extra is how many counters are kept beside the buckets, in step with them,
	// for classic buckets; up to MaxExtra.
	Extra int
}

// Config is checked options, which the recorders of a family share. It does not
// change.
type Config struct {
	Options
	schema    int32
	threshold float64
}

// Config checks the options. An error wraps ErrOptions and names the field and its
// value.
func (o Options) Config() (*Config, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Config{Options: o, schema: o.Schema, threshold: o.ZeroThreshold}
	if o.Factor != 0 {
		c.schema = SchemaOf(o.Factor)
	}
	switch {
	case o.ZeroThreshold == 0:
		c.threshold = DefaultZeroThreshold
	case o.ZeroThreshold < 0:
		c.threshold = 0
	}
	return c, nil
}

func (o Options) check() error {
	switch {
	case o.Factor != 0 && !(o.Factor > 1):
		return refuse("Factor", o.Factor, "not greater than 1")
	case o.Schema < MinSchema || o.Schema > MaxSchema:
		return refuse("Schema", o.Schema, "not from -4 to 8")
	case o.ZeroThreshold != o.ZeroThreshold || math.IsInf(o.ZeroThreshold, 1):
		return refuse("ZeroThreshold", o.ZeroThreshold, "not finite")
	case o.MaxBuckets < 0:
		return refuse("MaxBuckets", o.MaxBuckets, "negative")
	case o.MinResetDuration < 0:
		return refuse("MinResetDuration", o.MinResetDuration, "negative")
	case o.MaxZeroThreshold != o.MaxZeroThreshold:
		return refuse("MaxZeroThreshold", o.MaxZeroThreshold, "not a number")
	case o.Extra < 0 || o.Extra > MaxExtra:
		return refuse("Extra", o.Extra, fmt.Sprintf("not from 0 to %d", MaxExtra))
	}
	return nil
}

func refuse(field string, value any, why string) error {
	return fmt.Errorf("nativehist: %s is %v, %s: %w", field, value, why, ErrOptions)
}
