package ops

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Every family has this name and help, in every peer.
const (
	name = "http_requests_total"
	help = "Requests answered, by route."
)

// route is the label set of the suite: three labels, of which two have few values
// and one has many.
type route struct {
	Method string
	Path   string
	Code   string
}

var routeLabels = []string{"method", "path", "code"}

var (
	methods = []string{"GET", "POST", "PUT", "DELETE"}
	codes   = []string{"200", "201", "304", "404", "500"}
)

// routeOf returns the label set of series i. Method and code are the same strings
// for all, as a program's constants are; the path's bytes are new at every
// call, as a parsed request's are.
func routeOf(i int) route {
	return route{
		Method: methods[i%len(methods)],
		Code:   codes[i/len(methods)%len(codes)],
		Path:   fmt.Sprintf("/api/v1/users/%06d", i/(len(methods)*len(codes))),
	}
}

// fresh is how many prepared label sets a worker of a lookup has: few enough to
// stay in the CPU's cache, where a request's own strings are. For large tables there
// are more, so that the series that they find are not in the cache, as those of a
// large table mostly are not. Both are powers of two.
const (
	fresh     = 1 << 9
	freshMany = 1 << 16
	large     = 10_000 // series
)

// freshRoutes returns label sets drawn from n series whose strings are all copies:
// no table can know them by their address.
func freshRoutes(n, worker int) []route {
	rng := rand.New(rand.NewPCG(1, uint64(worker)))
	list := make([]route, fresh)
	if n >= large {
		list = make([]route, freshMany)
	}
	for i := range list {
		r := routeOf(rng.IntN(n))
		list[i] = route{strings.Clone(r.Method), strings.Clone(r.Path), strings.Clone(r.Code)}
	}
	return list
}
