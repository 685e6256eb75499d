package promhttp

import (
	"errors"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// reports is where a handler's errors go. Both may be nil. Its methods may be called
// concurrently.
type reports struct {
	log    Logger
	errors *prometheus.CounterVec
}

func newReports(log Logger, reg prometheus.Registerer) reports {
	if reg == nil {
		return reports{log: log}
	}
	errors := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	errors.WithLabelValues("gathering")
	errors.WithLabelValues("encoding")
	return reports{log, registered(reg, errors)}
}

func (r *reports) gathering(err error) {
	r.say("error gathering metrics:", err)
	r.count("gathering")
}

func (r *reports) encoding(err error) {
	r.say("error encoding and sending metric family:", err)
	r.count("encoding")
}

func (r *reports) say(what string, err error) {
	if r.log != nil {
		r.log.Println(what, err)
	}
}

// count looks the counter up each time, because its vec may be another handler's, or
// have been reset.
func (r *reports) count(cause string) {
	if r.errors != nil {
		r.errors.WithLabelValues(cause).Inc()
	}
}

// registered registers c and returns it, or the collector that is there in its place. It
// panics if neither can be.
func registered[C prometheus.Collector](reg prometheus.Registerer, c C) C {
	err := reg.Register(c)
	if err == nil {
		return c
	}
	there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err)
	if !ok {
		panic(err)
	}
	return there.ExistingCollector.(C)
}
