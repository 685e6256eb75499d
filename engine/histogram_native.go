package engine

import (
	"fmt"
	"runtime"
	"time"

	"github.com/pawl-metrics/pawl/engine/descriptor"
	"github.com/pawl-metrics/pawl/nativehist"
	"github.com/pawl-metrics/pawl/shard"
)

// NativeHistogram is the state of a native histogram.
type NativeHistogram = nativehist.Histogram

// BucketSpan is a run of consecutive buckets of a native histogram.
type BucketSpan = nativehist.Span

// NativeOpts asks for a native histogram: exponential buckets that need no bounds,
// at a resolution that holds over the whole range. Scrapers get it in protobuf and
// OpenMetrics 2.0; in the other formats they get classic buckets, or count and sum
// alone where there are none. The options and what they do are client_golang's.
//
//	engine.HistogramOpts{Opts: ..., Native: engine.NativeOpts{Factor: 1.1}}
type NativeOpts struct {
	// Factor is the most that a bucket's bounds may lie apart: 1.1 makes buckets that
	// are at most 10 % wide. It must be greater than 1; 0 is no native histogram. The
	// schema is the coarsest with a growth factor no greater, from -4 to 8.
	Factor float64
	// ZeroThreshold is the magnitude up to which observations count as zeros. 0 means
	// 2^-128; a negative value means zeros alone.
	ZeroThreshold float64
	// MaxBuckets is how many buckets may be populated, the zero bucket not counted,
	// before the histogram is reset, or its zero bucket widened, or its resolution
	// halved, in this order, as far as the options below allow it. 0 means 160; a
	// negative value means no limit, which lets whoever chooses the values take some
	// megabytes.
	MaxBuckets int
	// MinResetDuration is how long a histogram must have counted before the limit
	// resets it; 0 means never.
	MinResetDuration time.Duration
	// MaxZeroThreshold is how far the limit may widen the zero bucket; 0 is not at all.
	MaxZeroThreshold float64
	// MaxExemplars is how many exemplars are kept, spread over the range. 0 means 10,
	// a negative value none.
	MaxExemplars int
	// ExemplarTTL is the age after which an exemplar makes room for any other. 0 means
	// 5 minutes.
	ExemplarTTL time.Duration
}

// defaultMaxBuckets is enough for 12 doublings at the resolution of Factor 1.1.
const defaultMaxBuckets = 160

// native is what the native histograms of a family have in common.
type native struct {
	config    *nativehist.Config
	exemplars int
	ttl       time.Duration
}

// nativeOf checks the options. extra is the number of classic buckets.
func nativeOf(family string, o NativeOpts, extra int) (*native, error) {
	limit := o.MaxBuckets
	switch {
	case limit == 0:
		limit = defaultMaxBuckets
	case limit < 0:
		limit = 0
	}
	config, err := nativehist.Options{Factor: o.Factor, ZeroThreshold: o.ZeroThreshold, MaxBuckets: limit,
		MinResetDuration: o.MinResetDuration, MaxZeroThreshold: o.MaxZeroThreshold, Extra: extra}.Config()
	if err != nil {
		return nil, refuse(family, ErrBuckets, "native histogram: %v", err)
	}
	n := &native{config: config, exemplars: o.MaxExemplars, ttl: o.ExemplarTTL}
	if n.exemplars == 0 {
		n.exemplars = 10
	}
	if n.ttl == 0 {
		n.ttl = 5 * time.Minute
	}
	return n, nil
}

// shape renders the options for comparison between registrations.
func (o NativeOpts) shape() string {
	if o.Factor == 0 {
		return ""
	}
	return fmt.Sprintf(", native %+v", o)
}

// observeNative is Observe of a native histogram, which may have classic buckets
// beside: both count in one step.
func (h *Histogram) observeNative(v float64) {
	h.recorder.Observe(v, h.ladder.index(v))
	runtime.KeepAlive(h)
}

// nativeOps completes what the families of native histograms have in common.
func nativeOps(o *ops[Histogram], opts HistogramOpts, l *ladder) error {
	extra := 0
	if l.classic() {
		extra = len(l.bounds)
	}
	n, err := nativeOf(opts.Name, opts.Native, extra)
	if err != nil {
		return err
	}
	o.init = func(h *Histogram, f *family, start int64) error {
		h.fam, h.ladder, h.native = f, l, n
		h.cells.Init(shard.NoSlab())
		h.recorder = nativehist.NewRecorder(f.store, n.config)
		if f.lasting != nil {
			h.recorder.Persist(f.describeParts(h.text.String(), start, l))
		}
		return nil
	}
	o.drop = func(h *Histogram) {
		h.recorder.Withdraw()
		runtime.AddCleanup(h, (*nativehist.Cells).Free, h.recorder.Cells())
		h.dropExemplars()
	}
	return nil
}

// describeParts returns what describes the slabs of a series' recorder. It does not
// keep the series.
func (f *family) describeParts(labels string, start int64, l *ladder) func(nativehist.Part) []byte {
	var bounds []float64
	if l.classic() {
		bounds = l.finite()
	}
	return func(p nativehist.Part) []byte {
		d := &descriptor.Descriptor{Kind: descriptor.NativeBase, Bounds: bounds,
			Schema: p.Schema, Threshold: p.Threshold, Extra: uint32(p.Extra)}
		if p.Block {
			d.Kind = descriptor.NativeBlock
		}
		for i, r := range p.Reaches {
			d.Reaches[i] = descriptor.Reach(r)
		}
		return f.describe(labels, start, d)
	}
}

// readNative reads a native histogram, and its classic buckets into totals. It says
// when the histogram began: when it was made, or reset by its limit.
func (h *Histogram) readNative(dst *NativeHistogram, totals []uint64) (start int64) {
	start = h.recorder.Snapshot(dst, totals)
	if !h.ladder.classic() {
		totals[0] = dst.Count
	}
	runtime.KeepAlive(h)
	return start
}
