package prometheus_test

import (
	"sync"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// cluster is a manager of jobs that was written without a thought of metrics.
type cluster struct{ crashes, memory map[string]float64 }

// stats takes a while, which is why the collector asks once for all its metrics.
func (c *cluster) stats() (crashes, memory map[string]float64) { return c.crashes, c.memory }

// clusterCollector makes metrics of a cluster's statistics.
type clusterCollector struct{ *cluster }

var (
	crashesDesc = prometheus.NewDesc("cluster_oom_crashes_total", "Crashes for want of memory.", []string{"host"}, nil)
	memoryDesc  = prometheus.NewDesc("cluster_memory_bytes", "Memory in use.", []string{"host"}, nil)
)

func (c clusterCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c clusterCollector) Collect(ch chan<- prometheus.Metric) {
	crashes, memory := c.stats()
	for host, n := range crashes {
		ch <- prometheus.MustNewConstMetric(crashesDesc, prometheus.CounterValue, n, host)
	}
	for host, n := range memory {
		ch <- prometheus.MustNewConstMetric(memoryDesc, prometheus.GaugeValue, n, host)
	}
}

// Two clusters of one program are told apart by a label that wrapping adds. Being
// scraped by several at once is nothing they need to care for.
func ExampleCollector() {
	reg := prometheus.NewPedanticRegistry() // which checks that collectors do as they said
	for zone, memory := range map[string]float64{"db": 6e4, "ca": 3e4} {
		c := &cluster{map[string]float64{"foo.example.org": 42}, map[string]float64{"bar.example.org": memory}}
		prometheus.WrapRegistererWith(prometheus.Labels{"zone": zone}, reg).MustRegister(clusterCollector{c})
	}
	var scrapes sync.WaitGroup
	for range 3 {
		scrapes.Go(func() { reg.Gather() })
	}
	scrapes.Wait()
	showGathered(reg)
	// Output:
	// # HELP cluster_memory_bytes Memory in use.
	// # TYPE cluster_memory_bytes gauge
	// cluster_memory_bytes{host="bar.example.org",zone="ca"} 30000
	// cluster_memory_bytes{host="bar.example.org",zone="db"} 60000
	// # HELP cluster_oom_crashes_total Crashes for want of memory.
	// # TYPE cluster_oom_crashes_total counter
	// cluster_oom_crashes_total{host="foo.example.org",zone="ca"} 42
	// cluster_oom_crashes_total{host="foo.example.org",zone="db"} 42
}
