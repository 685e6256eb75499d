package push_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pawl-metrics/pawl/compat/prometheus"
	"github.com/pawl-metrics/pawl/compat/prometheus/push"
)

// standIn answers as a gateway does, and says what it was asked.
func standIn() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path)
		w.WriteHeader(http.StatusAccepted)
	}))
}

// A job says when it was done, in the group of its own name.
func ExamplePusher_Push() {
	gateway := standIn()
	defer gateway.Close()

	done := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "db_backup_last_completion_timestamp_seconds", Help: "When the last backup was done."})
	done.SetToCurrentTime()
	if err := push.New(gateway.URL, "db_backup").Collector(done).Grouping("db", "customers").Push(); err != nil {
		fmt.Println("pushing:", err)
	}
	// Output: PUT /metrics/job/db_backup/db/customers
}

// When a backup failed, it keeps the group's other metrics: the time of the last one
// that was complete, for example.
func ExamplePusher_Add() {
	gateway := standIn()
	defer gateway.Close()

	reg := prometheus.NewRegistry()
	took := prometheus.NewGauge(prometheus.GaugeOpts{Name: "db_backup_duration_seconds", Help: "How long the last backup took."})
	reg.MustRegister(took)
	took.Set(12)
	if err := push.New(gateway.URL, "db_backup").Gatherer(reg).Add(); err != nil {
		fmt.Println("pushing:", err)
	}
	// Output: POST /metrics/job/db_backup
}
