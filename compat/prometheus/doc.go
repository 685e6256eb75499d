// Package prometheus will mirror client_golang's package of the same name on
// pawl's engine, so that
//
//	s#github.com/prometheus/client_golang/prometheus#github.com/pawl-metrics/pawl/compat/prometheus#
//
// moves a service. It has no code yet; this page says what goes here: names,
// signatures and documented behaviour are client_golang's, and the deliberate
// differences are few, listed on this page, and each has a test that shows both
// sides.
package prometheus
