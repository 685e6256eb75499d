package linegzip

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH"}
	paths   = []string{"/api/v1/users", "/api/v1/users/:id", "/api/v1/orders", "/api/v1/orders/:id/items", "/login", "/logout",
		"/healthz", "/api/v1/search", "/api/v1/payments/:id/refund", "/static/*file", "/api/v2/carts/:cart/items/:item", "/"}
	statuses = []string{"200", "201", "204", "301", "400", "401", "403", "404", "409", "429", "500", "502", "503"}
)

func randomValue(r *rand.Rand) string {
	switch n := r.Uint64() >> (24 + r.UintN(36)); r.UintN(20) {
	case 0:
		return "0"
	case 1:
		return fmt.Sprint(float64(n) / 1000)
	default:
		return fmt.Sprint(n)
	}
}

// route is the label set of series i: methods change fastest, tenants slowest.
func route(i int) string {
	m := methods[i%len(methods)]
	i /= len(methods)
	c := statuses[i%len(statuses)]
	i /= len(statuses)
	p := paths[i%len(paths)]
	i /= len(paths)
	return fmt.Sprintf(`method=%q,path=%q,code=%q`, m, p, c) + fmt.Sprintf(`,tenant="acme-%04d"`, i)
}

// counters are n series of one family, in the order of their labels.
func counters(n int, seed uint64) []byte {
	return countersAt(n, seed, func(i int) int { return i })
}

// shuffled are the same in the order in which traffic made them.
func shuffled(n int, seed uint64) []byte {
	order := rand.New(rand.NewPCG(5, seed)).Perm(n)
	return countersAt(n, seed, func(i int) int { return order[i] })
}

func countersAt(n int, seed uint64, at func(int) int) []byte {
	r := rand.New(rand.NewPCG(1, seed))
	var b strings.Builder
	b.WriteString("# HELP http_requests_total Requests served, by route and outcome.\n# TYPE http_requests_total counter\n")
	for i := range n {
		fmt.Fprintf(&b, "http_requests_total{%s} %s\n", route(at(i)), randomValue(r))
	}
	return []byte(b.String())
}

// tenants are n counters of which one label is an identifier.
func tenants(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(1, seed))
	var b strings.Builder
	b.WriteString("# HELP grpc_server_handled_total Calls completed.\n# TYPE grpc_server_handled_total counter\n")
	for i := range n {
		fmt.Fprintf(&b, "grpc_server_handled_total{tenant=\"%x\",code=%q,method=%q} %s\n", r.Uint32(), statuses[i%13], methods[i%5], randomValue(r))
	}
	return []byte(b.String())
}

// histograms are n classic ones with twelve buckets, fourteen lines each.
func histograms(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(1, seed))
	var b strings.Builder
	b.WriteString("# HELP http_request_duration_seconds How long requests took.\n# TYPE http_request_duration_seconds histogram\n")
	for i := range n {
		sum := uint64(0)
		for _, le := range []string{"0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf"} {
			sum += r.Uint64() >> (46 + r.UintN(18))
			fmt.Fprintf(&b, "http_request_duration_seconds_bucket{%s,le=%q} %d\n", route(i), le, sum)
		}
		fmt.Fprintf(&b, "http_request_duration_seconds_sum{%s} %v\n", route(i), float64(sum)*r.Float64())
		fmt.Fprintf(&b, "http_request_duration_seconds_count{%s} %d\n", route(i), sum)
	}
	return []byte(b.String())
}

// openMetrics are n counters with creation times, every fourth with an exemplar.
func openMetrics(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(1, seed))
	var b strings.Builder
	b.WriteString("# HELP http_requests Requests served.\n# TYPE http_requests counter\n")
	for i := range n {
		ex := ""
		if i%4 == 0 {
			ex = fmt.Sprintf(" # {trace_id=\"%016x%016x\"} 1 1789%06d.%03d", r.Uint64(), r.Uint64(), r.UintN(1e6), r.UintN(1000))
		}
		fmt.Fprintf(&b, "http_requests_total{%s} %s.0%s\nhttp_requests_created{%s} 1789%06d.%03d\n", route(i), randomValue(r), ex, route(i), r.UintN(1e6), r.UintN(1000))
	}
	b.WriteString("# EOF\n")
	return []byte(b.String())
}

var words = strings.Fields("http grpc go process db cache queue requests responses bytes seconds total open active connections pool " +
	"retries errors failed latency duration size current max usage memory cpu threads gc heap stack alloc free idle wait read write " +
	"disk network client server handler worker task job event message topic partition offset lag consumer producer node cluster shard " +
	"replica leader follower commit apply snapshot compaction flush index segment block hit miss evicted loaded stored fetched")

// page is a service's: many families, few series each.
func page(families int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(1, seed))
	var b strings.Builder
	w := func() string { return words[r.IntN(len(words))] }
	for range families {
		name := w() + "_" + w() + "_" + w() + "_" + w()
		kind := []string{"counter", "gauge", "gauge", "histogram"}[r.IntN(4)]
		if kind == "counter" {
			name += "_total"
		}
		fmt.Fprintf(&b, "# HELP %s The %s of %s in the %s, by %s and %s.\n# TYPE %s %s\n", name, w(), w(), w(), w(), w(), name, kind)
		label := w()
		for i := range 1 + r.IntN(8) {
			ls := fmt.Sprintf("%s=%q,instance=\"%d\"", label, words[i], r.IntN(3))
			if kind != "histogram" {
				fmt.Fprintf(&b, "%s{%s} %s\n", name, ls, randomValue(r))
				continue
			}
			sum := uint64(0)
			for _, le := range []string{"0.001", "0.01", "0.1", "1", "10", "+Inf"} {
				sum += r.Uint64() >> (46 + r.UintN(18))
				fmt.Fprintf(&b, "%s_bucket{%s,le=%q} %d\n", name, ls, le, sum)
			}
			fmt.Fprintf(&b, "%s_sum{%s} %v\n%s_count{%s} %d\n", name, ls, float64(sum)*r.Float64(), name, ls, sum)
		}
	}
	return []byte(b.String())
}

// bodies are what tests compress.
func bodies() map[string][]byte {
	return map[string][]byte{
		"counters": counters(20_000, 1), "few counters": counters(1000, 1), "shuffled": shuffled(10_000, 1), "tenants": tenants(10_000, 1),
		"histograms": histograms(1000, 1), "openmetrics": openMetrics(5000, 1), "page": page(300, 1), "small page": page(30, 1),
	}
}
