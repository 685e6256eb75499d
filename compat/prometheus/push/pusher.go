package push

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// HTTPDoer is what a Pusher needs of an *http.Client.
type HTTPDoer interface {
	Do(*http.Request) (*http.Response, error)
}

// Pusher pushes to one group of a gateway. New makes one, methods that return it
// configure it, and Push, Add and Delete send.
//
// Model. It belongs to one goroutine while it is configured. What sends only reads it,
// and may be called by several.
type Pusher struct {
	err error // the first; nothing is sent after one

	url, job string
	grouping map[string]string

	gatherers  prometheus.Gatherers
	registerer prometheus.Registerer

	client             HTTPDoer
	header             http.Header
	auth               bool
	username, password string
	format             expfmt.Format
}

var errJobEmpty = errors.New("job name is empty")

// New returns a Pusher for a job, which must have a name, at a gateway. url is the
// gateway's, without /metrics/job; http:// may be left out.
func New(url, job string) *Pusher {
	if !strings.Contains(url, "://") {
		url = "http://" + url
	}
	reg := prometheus.NewRegistry()
	p := &Pusher{
		url:        strings.TrimSuffix(url, "/"),
		job:        job,
		grouping:   make(map[string]string),
		gatherers:  prometheus.Gatherers{reg},
		registerer: reg,
		client:     &http.Client{},
		format:     expfmt.NewFormat(expfmt.TypeProtoDelim),
	}
	if job == "" {
		p.err = errJobEmpty
	}
	return p
}

// Error returns the first error of the methods that configure. Those that send return it
// too.
func (p *Pusher) Error() error { return p.err }

// Gatherer adds metrics to what is pushed. They must have neither a label job nor one of
// the grouping.
func (p *Pusher) Gatherer(g prometheus.Gatherer) *Pusher {
	p.gatherers = append(p.gatherers, g)
	return p
}

// Collector adds the metrics of a collector, by way of a registry that the Pusher has:
// see Gatherer.
func (p *Pusher) Collector(c prometheus.Collector) *Pusher {
	if p.err == nil {
		p.err = p.registerer.Register(c)
	}
	return p
}

// Grouping adds a label to those that say which group is meant, or changes one.
func (p *Pusher) Grouping(name, value string) *Pusher {
	switch {
	case p.err != nil:
	case !model.UTF8Validation.IsValidLabelName(name):
		p.err = fmt.Errorf("grouping label has invalid name: %s", name)
	default:
		p.grouping[name] = value
	}
	return p
}

// Client sets what sends the requests: for timeouts, TLS, proxies. An *http.Client
// without a timeout does it otherwise.
func (p *Pusher) Client(c HTTPDoer) *Pusher {
	p.client = c
	return p
}

// Header sets the header of the requests. It is copied for each.
func (p *Pusher) Header(header http.Header) *Pusher {
	p.header = header
	return p
}

// BasicAuth sets a user's name and password for the requests.
func (p *Pusher) BasicAuth(username, password string) *Pusher {
	p.auth, p.username, p.password = true, username, password
	return p
}

// Format sets the format of what is pushed. It is delimited protobuf otherwise, which is
// what a Pushgateway wants; some that stand in for one want text.
func (p *Pusher) Format(format expfmt.Format) *Pusher {
	p.format = format
	return p
}

// prepare makes a request its own copy of the header, and adds the password.
func (p *Pusher) prepare(req *http.Request) {
	maps.Copy(req.Header, p.header.Clone())
	if p.auth {
		req.SetBasicAuth(p.username, p.password)
	}
}
