package pushgateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/pushgateway"
)

// A batch job adds the outcome of its run to what the gateway has of it.
func Example() {
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Println(r.Method, r.URL.EscapedPath())
		fmt.Print(string(body[:strings.Index(string(body), "# HELP pawl_")]))
	}))
	defer gateway.Close()

	reg := engine.NewRegistry()
	copied := engine.MustCounter(reg, engine.Opts{Name: "backup_copied_bytes_total", Help: "Bytes copied."})
	copied.Add(4096)

	p, err := pushgateway.New(reg, pushgateway.Options{
		URL: gateway.URL, Job: "backup", Grouping: map[string]string{"path": "/var/lib"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := p.Add(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// POST /metrics/job/backup/path@base64/L3Zhci9saWI=
	// # HELP backup_copied_bytes_total Bytes copied.
	// # TYPE backup_copied_bytes_total counter
	// backup_copied_bytes_total 4096
}
