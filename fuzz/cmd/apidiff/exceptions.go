package main

// exceptions are compat's differences from client_golang, each with its reason.
var exceptions = map[string]string{}

// shimExceptions are the shim's. A function whose type names something internal to
// compat can be handed on only as a variable: other modules cannot write that
// type down. Callers see no difference.
var shimExceptions = map[string]string{
	"prometheus/collectors.NewGoCollector":                         "a variable: its type is internal",
	"prometheus/collectors.WithGoCollections":                      "a variable: its type is internal",
	"prometheus/collectors.WithGoCollectorMemStatsMetricsDisabled": "a variable: its type is internal",
	"prometheus/collectors.WithGoCollectorRuntimeMetrics":          "a variable: its type is internal",
	"prometheus/collectors.WithoutGoCollectorRuntimeMetrics":       "a variable: its type is internal",
	"prometheus.NewGoCollector":                                    "a variable: its type is internal",
}
