package promhttp

import (
	"context"
	"net/http"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// Option configures a middleware of a server or a client.
type Option interface {
	apply(*options)
}

// LabelValueFromRequest returns the value of a label for a request.
type LabelValueFromRequest func(request *http.Request) string

// LabelValueFromCtx returns the value of a label for the context of a request, in which
// a handler or a middleware further out has put what it takes.
type LabelValueFromCtx func(ctx context.Context) string

// options are what the options of one middleware amount to.
type options struct {
	extraMethods []string
	exemplar     func(*http.Request) prometheus.Labels // nil: there are none
	labels       map[string]LabelValueFromRequest
}

type option func(*options)

func (f option) apply(o *options) { f(o) }

func collect(opts []Option) *options {
	o := &options{labels: make(map[string]LabelValueFromRequest)}
	for _, opt := range opts {
		opt.apply(o)
	}
	return o
}

// WithExtraMethods lets the label "method" have these values too, in lower case. Methods
// are compared without regard to case. The usual ones, get, put, head, post, delete,
// connect, options, notify, trace and patch, need not be among them; all others count as
// "unknown".
func WithExtraMethods(methods ...string) Option {
	return option(func(o *options) { o.extraMethods = methods })
}

// WithExemplarFromRequest attaches an exemplar with the labels that f returns to what is
// counted or observed for a request, if the instrument can have one and the labels are not nil.
func WithExemplarFromRequest(getExemplarFn func(req *http.Request) prometheus.Labels) Option {
	return option(func(o *options) { o.exemplar = getExemplarFn })
}

// WithExemplarFromContext is [WithExemplarFromRequest] for labels, a trace's id for
// example, that the request's context has.
func WithExemplarFromContext(getExemplarFn func(requestCtx context.Context) prometheus.Labels) Option {
	return WithExemplarFromRequest(func(r *http.Request) prometheus.Labels { return getExemplarFn(r.Context()) })
}

// WithLabelFromRequest gives a label of the vec its value for each request. It is called
// when the request has been served.
func WithLabelFromRequest(name string, valueFn LabelValueFromRequest) Option {
	return option(func(o *options) { o.labels[name] = valueFn })
}

// WithLabelFromCtx is [WithLabelFromRequest] for a value that the request's context has.
func WithLabelFromCtx(name string, valueFn LabelValueFromCtx) Option {
	return WithLabelFromRequest(name, func(r *http.Request) string { return valueFn(r.Context()) })
}
