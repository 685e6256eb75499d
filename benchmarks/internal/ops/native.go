package ops

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	sdk "go.opentelemetry.io/otel/sdk/metric"

	"github.com/pawl-metrics/pawl/benchmarks/internal/measure"
	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// The widest buckets that schema 3 and schema 8 have.
const (
	factor3 = 1.1
	factor8 = 1.003
)

// nativeBuckets is how many buckets a native histogram may have: enough for none to
// lose resolution in these ops.
const nativeBuckets = 8000

const aboutNative = "One observation in one native histogram that all goroutines share, through a kept handle, of durations around 80 ms. " +
	"OpenTelemetry's is its exponential histogram at the same scale; its buckets are next to Prometheus', not the same. VictoriaMetrics has none. "

var observeNative3 = Op{
	Name: "observe_native_s3", Title: "Histogram.Observe, native, schema 3",
	About:   aboutNative,
	Workers: Few,
	Peers:   nativeObservers(factor3, 3),
}

var observeNative8 = Op{
	Name: "observe_native_s8", Title: "Histogram.Observe, native, schema 8",
	About:   aboutNative,
	Workers: Few,
	Peers:   nativeObservers(factor8, 8),
}

func nativeObservers(factor float64, scale int32) []Peer {
	return []Peer{
		{Impl: Pawl, Make: func(int) measure.Subject {
			p := newPawl()
			h := engine.MustHistogram(p.reg, pawlNative(factor))
			return loop(1, totalOf(p, name+"_count"), func(iters int) {
				for i := range iters {
					h.Observe(observations[i%observed])
				}
			})
		}},
		{Impl: Prom, Make: func(int) measure.Subject {
			p := newProm()
			h := registered(p, prometheus.NewHistogram(promNative(factor)))
			return loop(1, totalOf(p, name+"_count"), func(iters int) {
				for i := range iters {
					h.Observe(observations[i%observed])
				}
			})
		}},
		{Impl: PawlCompat, Make: func(int) measure.Subject { return observeCompat(compatNative(factor)) }},
		{Impl: Otel, Make: func(int) measure.Subject {
			o := newOtelView(exponentialView(scale))
			h := o.histogram()
			return loop(1, totalOf(o, name+"_count"), func(iters int) {
				for i := range iters {
					h.Record(background, observations[i%observed])
				}
			})
		}},
	}
}

func pawlNative(factor float64) engine.HistogramOpts {
	return engine.HistogramOpts{Opts: pawlOpts, Native: engine.NativeOpts{Factor: factor, MaxBuckets: nativeBuckets}}
}

func promNative(factor float64) prometheus.HistogramOpts {
	return prometheus.HistogramOpts{Name: name, Help: help, NativeHistogramBucketFactor: factor, NativeHistogramMaxBucketNumber: nativeBuckets}
}

func exponentialView(scale int32) sdk.View {
	return sdk.NewView(sdk.Instrument{Kind: sdk.InstrumentKindHistogram},
		sdk.Stream{Aggregation: sdk.AggregationBase2ExponentialHistogram{MaxSize: nativeBuckets, MaxScale: scale, NoMinMax: true}})
}

var scrapeNative = Op{
	Name: "scrape_native_protobuf", Title: "Protobuf scrape of native histograms, per histogram, every one changed",
	About: "One scrape of n native histograms of schema 3 with three labels and 200 observations on each P, in delimited protobuf; " +
		"divided by n. Between scrapes, outside the time, each gets one observation.",
	Quick: []int{1000},
	Full:  []int{1000, 10_000},
	Peers: []Peer{
		{Impl: Pawl, Make: scrapes(nativesPawl, true)},
		{Impl: Prom, Make: scrapes(nativesProm, true)},
		{Impl: PawlCompat, Make: scrapes(nativesCompat, true)},
		{Impl: Floor, Make: copies(nativesPawl)},
	},
}

// nativeSampled is how many observations each P makes before the first scrape.
const nativeSampled = 200

func nativesPawl(n int) exposition {
	p := newPawl()
	vec := engine.MustHistogramVec[route](p.reg, pawlNative(factor3))
	list := make([]*engine.Histogram, n)
	for i := range list {
		list[i] = vec.With(routeOf(i))
	}
	in := pawlFormat{p, engine.ExpositionOptions{Format: encode.Format{Syntax: encode.ProtobufDelimited}}}
	return exposition{in, n, func(i, k int) { list[i].Observe(observation(i, k)) }}.recordEach(nativeSampled)
}

func nativesProm(n int) exposition {
	p := newProm()
	vec := registered(p, prometheus.NewHistogramVec(promNative(factor3), routeLabels))
	list := make([]prometheus.Observer, n)
	for i := range list {
		r := routeOf(i)
		list[i] = vec.WithLabelValues(r.Method, r.Path, r.Code)
	}
	in := promFormat{p, expfmt.NewFormat(expfmt.TypeProtoDelim)}
	return exposition{in, n, func(i, k int) { list[i].Observe(observation(i, k)) }}.recordEach(nativeSampled)
}

var bytesPerNative = Op{
	Name: "bytes_per_native", Title: "Resident bytes per native histogram",
	About: "As bytes_per_series, by n native histograms of schema 3 with three labels and some 200 observations each, " +
		"some of them on each P.",
	Workers: All,
	Quick:   []int{5000},
	Peers: []Peer{
		{Impl: Pawl, Make: resident(nativePawl)},
		{Impl: Prom, Make: resident(nativeProm)},
		{Impl: PawlCompat, Make: resident(nativeCompat)},
	},
}

// The names of their populations.
const (
	nativePawl   = "native:" + Pawl
	nativeProm   = "native:" + Prom
	nativeCompat = "native:" + PawlCompat
)

// nativeEach is how many observations a histogram gets at a time: a population is
// recorded in once at first, and then on each P.
const nativeEach = 66

func populationNativePawl() population {
	p := newPawl()
	vec := engine.MustHistogramVec[route](p.reg, pawlNative(factor3))
	return population{scraper: p, inc: func(r route) {
		h := vec.With(r)
		for i := range nativeEach {
			h.Observe(observations[i])
		}
	}}
}

func populationNativeProm() population {
	p := newProm()
	vec := registered(p, prometheus.NewHistogramVec(promNative(factor3), routeLabels))
	return population{scraper: p, inc: func(r route) {
		h := vec.WithLabelValues(r.Method, r.Path, r.Code)
		for i := range nativeEach {
			h.Observe(observations[i])
		}
	}}
}
