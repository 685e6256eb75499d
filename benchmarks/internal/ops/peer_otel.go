package ops

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/resource"
)

// otel is a meter of the OpenTelemetry SDK behind its Prometheus exporter. What it
// does by default and the others do not is turned off: exemplars, minimum and
// maximum, target_info and scope labels, the limit of 2000 series.
//
// The API has no handles: the labels of a series, prepared or not, are an
// argument of every recording. Prepared ones are an option that is kept.
type otel struct {
	prom
	meter metric.Meter
}

func newOtel() otel { return newOtelWith(bounds11) }

func newOtelWith(bounds []float64) otel { return newOtelView(classicView(bounds)) }

func newOtelView(histograms sdk.View) otel {
	reg := newProm()
	exporter := must(promexporter.New(promexporter.WithRegisterer(prometheus.Registerer(reg.reg)),
		promexporter.WithoutScopeInfo(), promexporter.WithoutTargetInfo()))
	provider := sdk.NewMeterProvider(sdk.WithReader(exporter), sdk.WithResource(resource.Empty()),
		sdk.WithCardinalityLimit(0), sdk.WithExemplarFilter(exemplar.AlwaysOffFilter),
		sdk.WithView(histograms))
	return otel{reg, provider.Meter("benchmarks")}
}

// classicView gives histograms the bounds, and no minimum and maximum.
func classicView(bounds []float64) sdk.View {
	return sdk.NewView(sdk.Instrument{Kind: sdk.InstrumentKindHistogram},
		sdk.Stream{Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: bounds, NoMinMax: true}})
}

func (o otel) counter() metric.Int64Counter {
	return must(o.meter.Int64Counter(name, metric.WithDescription(help)))
}

func (o otel) histogram() metric.Float64Histogram {
	return must(o.meter.Float64Histogram(name, metric.WithDescription(help)))
}

var background = context.Background()

// attributes builds the labels of a route, as a request handler has to.
func attributes(r route) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(
		attribute.String("code", r.Code), attribute.String("method", r.Method), attribute.String("path", r.Path)))
}
