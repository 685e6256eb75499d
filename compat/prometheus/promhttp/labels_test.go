package promhttp_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp"
)

var nothing = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})

var noTrip = promhttp.RoundTripperFunc(func(*http.Request) (*http.Response, error) { return &http.Response{}, nil })

// middlewares are all that take a vec of observers, or of counters.
func observing(v prometheus.ObserverVec, opts ...promhttp.Option) map[string]func() {
	return map[string]func(){
		"Duration":             func() { promhttp.InstrumentHandlerDuration(v, nothing, opts...) },
		"TimeToWriteHeader":    func() { promhttp.InstrumentHandlerTimeToWriteHeader(v, nothing, opts...) },
		"RequestSize":          func() { promhttp.InstrumentHandlerRequestSize(v, nothing, opts...) },
		"ResponseSize":         func() { promhttp.InstrumentHandlerResponseSize(v, nothing, opts...) },
		"RoundTripperDuration": func() { promhttp.InstrumentRoundTripperDuration(v, noTrip, opts...) },
	}
}

func countings(v *prometheus.CounterVec, opts ...promhttp.Option) map[string]func() {
	return map[string]func(){
		"Counter":             func() { promhttp.InstrumentHandlerCounter(v, nothing, opts...) },
		"RoundTripperCounter": func() { promhttp.InstrumentRoundTripperCounter(v, noTrip, opts...) },
	}
}

// What labels a vec may have is decided when a middleware is made.
func TestLabelCheck(t *testing.T) {
	const bad = "metric partitioned with non-supported labels"
	value := func(context.Context) string { return "" }
	for _, c := range []struct {
		labels, consts, curried, given string
		panics                         string // part of the panic's text
	}{
		{"", "", "", "", ""}, {"code", "", "", "", ""}, {"method", "", "", "", ""}, {"code method", "", "", "", ""},
		{"method code", "", "", "", ""}, {"code method", "app env", "", "", ""}, {"", "code method", "", "", ""},
		{"code", "method", "", "", ""}, {"method", "code", "", "", ""}, {"", "app", "", "", ""},
		{"code app", "", "", "", bad}, {"app", "", "", "", bad}, {"Code", "", "", "", bad}, {"code app", "method", "", "", bad},
		{"code app", "", "app", "", ""}, {"app env", "", "app", "", bad}, {"app env", "", "app env", "", ""},
		{"method code", "", "code", "", ""}, {"code", "", "code", "", ""}, {"a code b method c", "", "a b c", "", ""},
		{"a code b method c", "", "b", "a c", ""}, {"a code b method c", "", "b", "a", bad}, {"app", "", "", "app", ""},
		{"code", "", "", "code", ""}, {"code method", "", "", "method", ""}, {"code", "a0", "", "", ""},
		{"code", "", "", "app", `1 unknown label(s) found during currying`}, {"code app", "", "app", "app", `label name "app" is already curried`},
		{"code", "app", "", "app", `1 unknown label(s) found during currying`},
		{"code in-valid\xff", "", "", "", "is not a valid label name"}, {"code code", "", "", "", "duplicate label names"},
		{"code", "code", "", "", "duplicate label names"},
	} {
		labels := strings.Fields(c.labels)
		consts, curried := make(prometheus.Labels), make(prometheus.Labels)
		for i, name := range strings.Fields(c.consts) {
			consts[name] = fmt.Sprint("a", i) // what the check itself would write
		}
		for _, name := range strings.Fields(c.curried) {
			curried[name] = "x"
		}
		var opts []promhttp.Option
		for _, name := range strings.Fields(c.given) {
			opts = append(opts, promhttp.WithLabelFromCtx(name, value))
		}
		all := make(map[string]func())
		maps.Copy(all, countings(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "c", ConstLabels: consts}, labels).MustCurryWith(curried), opts...))
		for kind, v := range map[string]prometheus.ObserverVec{
			"histogram": prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "c", ConstLabels: consts}, labels),
			"summary":   prometheus.NewSummaryVec(prometheus.SummaryOpts{Name: "c", ConstLabels: consts}, labels),
		} {
			for name, f := range observing(v.MustCurryWith(curried), opts...) {
				all[name+" "+kind] = f
			}
		}
		for name, f := range all {
			p := panicOf(f)
			if text := fmt.Sprint(p); (p != nil) != (c.panics != "") || !strings.Contains(text, c.panics) && p != nil {
				t.Errorf("%s, labels %q, const %q, curried %q, given %q: panic with %v", name, c.labels, c.consts, c.curried, c.given, p)
			}
		}
	}
}

func TestInvalidName(t *testing.T) {
	for name, f := range countings(prometheus.NewCounterVec(prometheus.CounterOpts{Name: "in\xffvalid"}, nil)) {
		if p := panicOf(f); !strings.Contains(fmt.Sprint(p), "is not a valid metric name") {
			t.Errorf("%s: panic with %v", name, p)
		}
	}
}

// odd is an ObserverVec of a third party. It says what it is asked for.
type odd struct {
	prometheus.ObserverVec
	descs int
	asked []prometheus.Labels
}

func (o *odd) Describe(ch chan<- *prometheus.Desc) {
	for range o.descs {
		ch <- prometheus.NewDesc("odd", "", []string{"method", "code"}, nil)
	}
}

func (o *odd) With(l prometheus.Labels) prometheus.Observer {
	o.asked = append(o.asked, l)
	return o.ObserverVec.With(l)
}

func (o *odd) MustCurryWith(prometheus.Labels) prometheus.ObserverVec { return o }

func newOdd(descs int) *odd {
	return &odd{ObserverVec: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "odd"}, []string{"method", "code"}), descs: descs}
}

// Vecs of third parties have one descriptor as well, and are asked by With.
func TestForeignVec(t *testing.T) {
	if p := panicOf(observing(newOdd(0))["Duration"]); p != "no description provided by collector" {
		t.Error(p)
	}
	v := newOdd(1)
	get(promhttp.InstrumentHandlerDuration(v, http.NotFoundHandler()), "/")
	if len(v.asked) != 1 || !maps.Equal(v.asked[0], prometheus.Labels{"code": "404", "method": "get"}) {
		t.Error(v.asked)
	}
}

func TestMoreThanOneDescriptor(t *testing.T) {
	if p := panicOf(observing(newOdd(2))["Duration"]); p != "more than one description provided by collector" {
		t.Error(p)
	}
}
