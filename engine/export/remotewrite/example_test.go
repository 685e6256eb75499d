package remotewrite_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/remotewrite"
)

// One push, such as at the end of a job. A service calls Run, which pushes every 15 s.
func ExampleWriter_Push() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("X-Prometheus-Remote-Write-Version"))
	}))
	defer receiver.Close()

	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "orders_total", Help: "Orders taken."}).Add(3)

	w, err := remotewrite.New(reg, remotewrite.Options{
		URL:    receiver.URL + "/api/v1/write",
		Labels: map[string]string{"job": "shop", "instance": "shop-7"},
	})
	if err == nil {
		err = w.Push(context.Background())
	}
	fmt.Println(err, w.Stats().Refused)
	// Output:
	// POST /api/v1/write 0.1.0
	// <nil> 0
}
