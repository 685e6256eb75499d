package engine_test

import (
	"context"
	"os"

	"github.com/pawl-metrics/pawl/engine"
)

// pool stands for a driver that keeps statistics of its own.
type pool struct {
	name  string
	open  int
	waits map[string]uint64
}

func (p *pool) Collect(_ context.Context, s *engine.Sink) error {
	s.Gauge("pool_open_connections", "Open connections.").Add(float64(p.open))
	waits := s.Counter("pool_waits_total", "Waits for a connection.", "reason")
	waits.Add(float64(p.waits["limit"]), "limit")
	waits.Add(float64(p.waits["dial"]), "dial")
	return nil
}

func (p *pool) Describe() []engine.Desc {
	return []engine.Desc{
		{Name: "pool_open_connections", Type: engine.GaugeType},
		{Name: "pool_waits_total", Type: engine.CounterType},
	}
}

func ExampleCollector() {
	reg := engine.NewRegistry()
	for _, p := range []*pool{
		{name: "users", open: 3, waits: map[string]uint64{"limit": 12}},
		{name: "orders", open: 9, waits: map[string]uint64{"dial": 1}},
	} {
		reg.With("app_", map[string]string{"db": p.name}).MustRegister(p)
	}
	reg.Only("app_pool_open_connections", "app_pool_waits_total").
		WriteExpositionContext(context.Background(), os.Stdout, engine.ExpositionOptions{})
	// Output:
	// # HELP app_pool_open_connections Open connections.
	// # TYPE app_pool_open_connections gauge
	// app_pool_open_connections{db="users"} 3
	// app_pool_open_connections{db="orders"} 9
	// # HELP app_pool_waits_total Waits for a connection.
	// # TYPE app_pool_waits_total counter
	// app_pool_waits_total{db="users",reason="limit"} 12
	// app_pool_waits_total{db="users",reason="dial"} 0
	// app_pool_waits_total{db="orders",reason="limit"} 0
	// app_pool_waits_total{db="orders",reason="dial"} 1
}
