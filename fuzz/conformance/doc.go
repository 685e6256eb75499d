// Package conformance has Prometheus itself judge a live service.
//
// The fuzz targets next door ask parsers; here everything behind them takes part: the
// scrape loop of Prometheus 3.16 asks over HTTP in each of its protocols, its TSDB
// stores what came, and PromQL is asked for it.
//
//	service -- scrape.Handler -- HTTP, gzip --> scrape.Manager --> tsdb.DB --> promql.Engine
//	   |                                                                            | equal?
//	   +-- what was recorded (recorded_test.go) ------------------------------------+
//
// What a service recorded is written down once, as numbers; every protocol has to
// leave just that behind, in series of the same names. Debian's Prometheus 2.42 and
// client_python's strict parser are asked the same; where they are not installed the
// tests say so, and the first runs under the build tag integration alone.
package conformance
