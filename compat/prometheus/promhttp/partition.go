package promhttp

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// partition finds the series of a request in a vec: it has a source for each variable
// label that is not curried, in the vec's order. Immutable.
type partition struct {
	labels       []label
	code         bool // whether one of them is the status
	extraMethods []string
	exemplar     func(*http.Request) prometheus.Labels
}

// label is a label and where its value comes from: a function or, as a rule, its name.
type label struct {
	name string
	from LabelValueFromRequest // nil for code and method
}

// usualLabels is how many labels of a request take no allocation.
const usualLabels = 4

// newPartition looks at a vec. curried is the vec with the labels of the options curried, and
// curry says what another label's currying would. It panics unless there is exactly one
// valid descriptor, and a source for each label.
func newPartition(curried prometheus.Collector, curry func(prometheus.Labels) error, o *options) *partition {
	desc := onlyDesc(curried)
	prometheus.NewRegistry().MustRegister(curried) // panics if it is not valid, and says why
	p := &partition{extraMethods: lower(o.extraMethods), exemplar: o.exemplar}
	for _, name := range variableLabels(desc) {
		from, given := o.labels[name]
		switch {
		case !given && curry(prometheus.Labels{name: "dummy"}) != nil:
			continue // it is curried already
		case !given && name != "code" && name != "method":
			panic("metric partitioned with non-supported labels")
		}
		p.code = p.code || !given && name == "code"
		p.labels = append(p.labels, label{name, from})
	}
	return p
}

// dummies are the labels of the options with some value, to be curried.
func (o *options) dummies() prometheus.Labels {
	dummies := make(prometheus.Labels, len(o.labels))
	for name := range o.labels {
		dummies[name] = ""
	}
	return dummies
}

// onlyDesc returns the descriptor of a collector that has one.
func onlyDesc(c prometheus.Collector) *prometheus.Desc {
	sent, all := make(chan *prometheus.Desc), make(chan []*prometheus.Desc)
	go func() {
		var descs []*prometheus.Desc
		for d := range sent {
			descs = append(descs, d)
		}
		all <- descs
	}()
	c.Describe(sent)
	close(sent)
	switch descs := <-all; len(descs) {
	case 0:
		panic("no description provided by collector")
	case 1:
		return descs[0]
	}
	panic("more than one description provided by collector")
}

// variableLabels returns the names of a valid descriptor's variable labels, in order. It
// does not tell, but metrics made of it have them: their values are those that
// change with what is given.
func variableLabels(desc *prometheus.Desc) []string {
	n := 0
	for !fits(desc, n) {
		n++
	}
	names := make([]string, n)
	a, b := prometheus.MakeLabelPairs(desc, numbered("a", n)), prometheus.MakeLabelPairs(desc, numbered("b", n))
	for i := range a {
		if value := a[i].GetValue(); value != b[i].GetValue() {
			k, _ := strconv.Atoi(value[1:])
			names[k] = a[i].GetName()
		}
	}
	return names
}

// fits says whether a descriptor has n variable labels.
func fits(desc *prometheus.Desc, n int) bool {
	_, err := prometheus.NewConstMetric(desc, prometheus.UntypedValue, 0, numbered("a", n)...)
	return err == nil
}

// numbered returns n values.
func numbered(prefix string, n int) []string {
	values := make([]string, n)
	for i := range values {
		values[i] = prefix + strconv.Itoa(i)
	}
	return values
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// values appends the values of the labels for a request that was answered with a status.
// Those from functions are asked of r.
func (p *partition) values(dst []string, method string, status int, r *http.Request) []string {
	for i := range p.labels {
		switch l := &p.labels[i]; {
		case l.from != nil:
			dst = append(dst, l.from(r))
		case l.name == "code":
			dst = append(dst, statusLabel(status))
		default:
			dst = append(dst, methodLabel(method, p.extraMethods))
		}
	}
	return dst
}

// named returns values with their names.
func (p *partition) named(values []string) prometheus.Labels {
	named := make(prometheus.Labels, len(values))
	for i, l := range p.labels {
		named[l.name] = values[i]
	}
	return named
}

// exemplarOf returns the labels of a request's exemplar; nil is none.
func (p *partition) exemplarOf(r *http.Request) prometheus.Labels {
	if p.exemplar == nil {
		return nil
	}
	return p.exemplar(r)
}
