// Package thirdparty runs published modules on the shim: what they import as
// client_golang is pawl here, by one replace line in go.mod, and not a byte of them is changed.
//
//	go-conntrack              connections; registers with the default registry in init
//	go-grpc-middleware        gRPC servers and clients
//	hashicorp/go-metrics      a sink that collects const metrics
//	otel/exporters/prometheus OpenTelemetry's exporter, with native histograms and exemplars
//	statsd_exporter           a whole service, and with it exporter-toolkit and common
//
// Their own tests run as well.
package thirdparty
