package prometheus_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"

	"github.com/prometheus/common/expfmt"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// show prints what a scrape of these collectors alone would be.
func show(cs ...prometheus.Collector) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(cs...)
	showGathered(reg)
}

func showGathered(g prometheus.Gatherer) {
	families, err := g.Gather()
	for _, f := range families {
		expfmt.MetricFamilyToText(os.Stdout, f)
	}
	if err != nil {
		fmt.Println("error:", strings.ReplaceAll(err.Error(), "  ", " ")) // protobuf spaces its texts as it likes
	}
}

func ExampleGauge() {
	queued := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "shop",
		Subsystem: "mail",
		Name:      "queued",
		Help:      "Mails that wait to be sent.",
	})
	queued.Add(10) // ten orders at once
	queued.Dec()   // one is sent
	queued.Dec()
	show(queued)
	// Output:
	// # HELP shop_mail_queued Mails that wait to be sent.
	// # TYPE shop_mail_queued gauge
	// shop_mail_queued 8
}

func ExampleGaugeVec() {
	queued := prometheus.NewGaugeVec(
		prometheus.GaugeOpts{Name: "mails_queued", Help: "Mails that wait to be sent, by shop and kind."},
		[]string{"shop", "kind"},
	)
	queued.WithLabelValues("books", "invoice").Add(4)                      // in the order of the labels
	queued.With(prometheus.Labels{"kind": "offer", "shop": "books"}).Inc() // or by name
	show(queued)
	// Output:
	// # HELP mails_queued Mails that wait to be sent, by shop and kind.
	// # TYPE mails_queued gauge
	// mails_queued{kind="invoice",shop="books"} 4
	// mails_queued{kind="offer",shop="books"} 1
}

func ExampleGaugeFunc_simple() {
	goroutines := prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Subsystem: "runtime", Name: "has_goroutines", Help: "Whether there are any."},
		func() float64 { return float64(min(1, runtime.NumGoroutine())) },
	)
	show(goroutines)
	// Output:
	// # HELP runtime_has_goroutines Whether there are any.
	// # TYPE runtime_has_goroutines gauge
	// runtime_has_goroutines 1
}

// Two functions are one family when they differ in the values of const labels alone.
func ExampleGaugeFunc_constLabels() {
	open := func(db string, n float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(
			prometheus.GaugeOpts{Name: "db_connections_open", Help: "Open connections, by database.", ConstLabels: prometheus.Labels{"db": db}},
			func() float64 { return n },
		)
	}
	show(open("orders", 3), open("users", 5))
	// Output:
	// # HELP db_connections_open Open connections, by database.
	// # TYPE db_connections_open gauge
	// db_connections_open{db="orders"} 3
	// db_connections_open{db="users"} 5
}

// What goes together in one registry, and what does not.
func ExampleRegister() {
	reg := prometheus.NewRegistry()
	tasks := prometheus.NewCounter(prometheus.CounterOpts{Name: "tasks_total", Help: "Tasks done."})
	fmt.Println("first:", reg.Register(tasks))

	byWorker := func(help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tasks_total", Help: help}, []string{"worker"})
	}
	fmt.Println("with a label:", reg.Register(byWorker("Tasks done.")))

	fmt.Println("out:", reg.Unregister(tasks))
	fmt.Println("again:", reg.Register(byWorker("Tasks done, by worker.")))

	workers := byWorker("Tasks done, by worker.")
	if known := (prometheus.AlreadyRegisteredError{}); errors.As(reg.Register(workers), &known) {
		workers = known.ExistingCollector.(*prometheus.CounterVec)
	}
	workers.WithLabelValues("42").Inc()
	_, err := workers.GetMetricWithLabelValues("42", "one too many")
	fmt.Println("values:", err)
	showGathered(reg)
	// Output:
	// first: <nil>
	// with a label: a previously registered descriptor with the same fully-qualified name as Desc{fqName: "tasks_total", help: "Tasks done.", unit: "", constLabels: {}, variableLabels: {worker}} has different label names or a different help string
	// out: true
	// again: <nil>
	// values: inconsistent label cardinality: expected 1 label values but got 2 in []string{"42", "one too many"}
	// # HELP tasks_total Tasks done, by worker.
	// # TYPE tasks_total counter
	// tasks_total{worker="42"} 1
}

func ExampleAlreadyRegisteredError() {
	reg := prometheus.NewRegistry()
	made := func() prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."})
	}
	first, second := made(), made()
	reg.MustRegister(first)
	if err := reg.Register(second); err != nil {
		known := prometheus.AlreadyRegisteredError{}
		if !errors.As(err, &known) {
			panic(err)
		}
		second = known.ExistingCollector.(prometheus.Counter) // count where the first one counts
	}
	second.Inc()
	fmt.Println(first == second)
	// Output: true
}

func ExampleSummary() {
	temperatures := prometheus.NewSummary(prometheus.SummaryOpts{
		Name:       "pond_temperature_celsius",
		Help:       "The temperature of the frog pond.",
		Objectives: map[float64]float64{0.5: 0.05, 0.9: 0.01},
	})
	for range 100 {
		temperatures.Observe(0)
	}
	show(temperatures)
	// Output:
	// # HELP pond_temperature_celsius The temperature of the frog pond.
	// # TYPE pond_temperature_celsius summary
	// pond_temperature_celsius{quantile="0.5"} 0
	// pond_temperature_celsius{quantile="0.9"} 0
	// pond_temperature_celsius_sum 0
	// pond_temperature_celsius_count 100
}

// A quantile of a species without observations is NaN; a series is there once it has
// been asked for.
func ExampleSummaryVec() {
	temperatures := prometheus.NewSummaryVec(
		prometheus.SummaryOpts{Name: "pond_temperature_celsius", Help: "The temperature of the frog pond.", Objectives: map[float64]float64{0.5: 0.05}},
		[]string{"species"},
	)
	temperatures.WithLabelValues("litoria-caerulea").Observe(0)
	temperatures.WithLabelValues("leiopelma-hochstetteri")
	show(temperatures)
	// Output:
	// # HELP pond_temperature_celsius The temperature of the frog pond.
	// # TYPE pond_temperature_celsius summary
	// pond_temperature_celsius{species="leiopelma-hochstetteri",quantile="0.5"} NaN
	// pond_temperature_celsius_sum{species="leiopelma-hochstetteri"} 0
	// pond_temperature_celsius_count{species="leiopelma-hochstetteri"} 0
	// pond_temperature_celsius{species="litoria-caerulea",quantile="0.5"} 0
	// pond_temperature_celsius_sum{species="litoria-caerulea"} 0
	// pond_temperature_celsius_count{species="litoria-caerulea"} 1
}

func ExampleHistogram() {
	temperatures := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "pond_temperature_celsius",
		Help:    "The temperature of the frog pond.",
		Buckets: prometheus.LinearBuckets(20, 5, 3),
	})
	for i := range 1000 {
		temperatures.Observe(30 + math.Floor(120*math.Sin(float64(i)*0.1))/10)
	}
	show(temperatures)
	// Output:
	// # HELP pond_temperature_celsius The temperature of the frog pond.
	// # TYPE pond_temperature_celsius histogram
	// pond_temperature_celsius_bucket{le="20"} 192
	// pond_temperature_celsius_bucket{le="25"} 366
	// pond_temperature_celsius_bucket{le="30"} 501
	// pond_temperature_celsius_bucket{le="+Inf"} 1000
	// pond_temperature_celsius_sum 29969.50000000001
	// pond_temperature_celsius_count 1000
}

// Several gatherers are one: here a registry and what another program left in a file.
func ExampleGatherers() {
	reg := prometheus.NewRegistry()
	temperature := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "temperature_kelvin", Help: "Temperature."}, []string{"location"})
	reg.MustRegister(temperature)
	temperature.WithLabelValues("inside").Set(298.44)

	file := func(text string) prometheus.Gatherer { return parsed(text) }
	showGathered(prometheus.Gatherers{reg, file("# HELP humidity_percent Humidity.\n# TYPE humidity_percent gauge\nhumidity_percent{location=\"outside\"} 45.4\n" +
		"# HELP temperature_kelvin Temperature.\n# TYPE temperature_kelvin gauge\ntemperature_kelvin{location=\"outside\"} 273.14\n")})
	fmt.Println("--")
	showGathered(prometheus.Gatherers{reg, file("# HELP temperature_kelvin Temperature.\n# TYPE temperature_kelvin gauge\ntemperature_kelvin{location=\"inside\"} 300\n")})
	// Output:
	// # HELP humidity_percent Humidity.
	// # TYPE humidity_percent gauge
	// humidity_percent{location="outside"} 45.4
	// # HELP temperature_kelvin Temperature.
	// # TYPE temperature_kelvin gauge
	// temperature_kelvin{location="inside"} 298.44
	// temperature_kelvin{location="outside"} 273.14
	// --
	// # HELP temperature_kelvin Temperature.
	// # TYPE temperature_kelvin gauge
	// temperature_kelvin{location="inside"} 298.44
	// error: collected metric "temperature_kelvin" { label:{name:"location" value:"inside"} gauge:{value:300}} was collected before with the same name and label values
}

// Registries in a registry: they are registered, and taken out, as a group.
func ExampleRegistry_grouping() {
	global := prometheus.NewRegistry()
	for _, worker := range []string{"w1", "w2"} {
		group := prometheus.NewRegistry()
		load := prometheus.NewGauge(prometheus.GaugeOpts{Name: "load", Help: "Load.", ConstLabels: prometheus.Labels{"worker": worker}})
		group.MustRegister(load)
		load.Set(float64(len(worker)))
		global.MustRegister(group)
		if worker == "w1" {
			defer func() { fmt.Println("out:", global.Unregister(group)); showGathered(global) }()
		}
	}
	showGathered(global)
	// Output:
	// # HELP load Load.
	// # TYPE load gauge
	// load{worker="w1"} 2
	// load{worker="w2"} 2
	// out: true
	// # HELP load Load.
	// # TYPE load gauge
	// load{worker="w2"} 2
}

// A collector of labels that all metrics of another one get.
func ExampleWrapCollectorWith() {
	requests := func(service string) prometheus.Collector {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "requests_total", Help: "Requests."})
		c.Add(float64(len(service)))
		return prometheus.WrapCollectorWith(prometheus.Labels{"service": service}, c)
	}
	show(requests("cart"), requests("search"))
	// Output:
	// # HELP requests_total Requests.
	// # TYPE requests_total counter
	// requests_total{service="cart"} 4
	// requests_total{service="search"} 6
}

// parsed is text as a gatherer.
func parsed(text string) prometheus.Gatherer {
	return prometheus.GathererFunc(func() (list []*family, err error) {
		parser := expfmt.NewTextParser(utf8Names)
		byName, err := parser.TextToMetricFamilies(strings.NewReader(text))
		for _, f := range byName {
			list = append(list, f)
		}
		return list, err
	})
}
