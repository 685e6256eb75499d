// Package upstream has programs that use a metrics library and write down what
// it does. Package ours beside it is the same with another import path.
package upstream

import (
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/fuzz/compat/record"
)

// Programs have to leave the same log with both libraries.
var Programs = map[string]func(l *record.Log){
	"counter":             counters,
	"gauge":               gauges,
	"functions":           functions,
	"histogram":           histograms,
	"histogram options":   histogramOptions,
	"bucket helpers":      bucketHelpers,
	"summary":             summaries,
	"timer":               timers,
	"vec":                 vecs,
	"vec errors":          vecErrors,
	"vec deletion":        vecDeletion,
	"vec curried":         vecCurried,
	"vec constrained":     vecConstrained,
	"vec of one's own":    vecOwn,
	"vec interfaces":      vecInterfaces,
	"native":              natives,
	"native options":      nativeOptions,
	"native limits":       nativeLimits,
	"native exemplars":    nativeExemplars,
	"exemplars":           exemplars,
	"exemplar misuse":     exemplarMisuse,
	"const metrics":       constMetrics,
	"const histograms":    constHistograms,
	"const natives":       constNatives,
	"const misuse":        constMisuse,
	"const decorations":   constDecorations,
	"descriptors":         descriptors,
	"labels":              labelPairs,
	"register":            registering,
	"unregister":          unregistering,
	"register misuse":     registerMisuse,
	"gather errors":       gatherErrors,
	"pedantic":            pedantic,
	"foreign collectors":  foreign,
	"collector helpers":   collectorHelpers,
	"wrapped":             wrapped,
	"wrapped misuse":      wrappedMisuse,
	"gatherers":           gatherers,
	"transactions":        transactions,
	"registry nested":     nested,
	"text files":          textFiles,
	"errors":              errorTypes,
	"promauto":            autos,
	"handler formats":     handlerFormats,
	"handler options":     handlerOptions,
	"native in protobuf":  nativeInProtobuf,
	"handler errors":      handlerErrors,
	"handler filter":      handlerFilter,
	"handler compression": handlerCompression,
	"handler instruments": handlerInstruments,
	"server middleware":   serverMiddleware,
	"middleware misuse":   middlewareMisuse,
	"client middleware":   clientMiddleware,
	"push":                pushes,
	"graphite":            graphites,
	"testutil":            testutils,
	"lint":                lints,
	"collectors":          collections,
	"expvar":              expvars,
	"examples":            examples,
}

// gather writes down what a registry has.
func gather(l *record.Log, what string, g prometheus.Gatherer) {
	list, err := g.Gather()
	l.Families(what, list, err)
}

// write writes down one metric.
func write(l *record.Log, what string, m prometheus.Metric) {
	var d dto.Metric
	if err := m.Write(&d); err != nil {
		l.Err(what, err)
		return
	}
	l.Metric(what+" ", &d)
}

// collect writes down what a collector describes and collects, in whatever order.
func collect(l *record.Log, what string, c prometheus.Collector) {
	descs, metrics := make(chan *prometheus.Desc, 1000), make(chan prometheus.Metric, 1000)
	c.Describe(descs)
	close(descs)
	l.Sorted(what, func(yield func(any) bool) {
		for d := range descs {
			yield(d)
		}
	})
	c.Collect(metrics)
	close(metrics)
	l.Sorted(what+": collected", func(yield func(any) bool) {
		for m := range metrics {
			yield(m.Desc())
		}
	})
}
