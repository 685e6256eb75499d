package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/export/scrape"
	"github.com/pawl-metrics/pawl/engine/export/server"
)

// A service that does not care which port it gets. One that does calls ListenAndServe,
// which is Listen and Serve in one.
func ExampleListen() {
	reg := engine.NewRegistry()
	engine.MustCounter(reg, engine.Opts{Name: "requests_total"}).Add(17)

	s, err := server.Listen("127.0.0.1:0", scrape.New(reg, scrape.Options{}), server.Options{HealthPath: "/healthy"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error)
	go func() { done <- s.Serve(ctx) }()

	answer, err := http.Get(s.URL())
	if err != nil {
		fmt.Println(err)
		return
	}
	text, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	fmt.Println(strings.Contains(string(text), "\nrequests_total 17\n"))

	stop()
	fmt.Println(<-done)
	// Output:
	// true
	// <nil>
}
