package graphite_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/graphite"
)

// families stands for a registry here.
type families []encode.Family

func (list families) Gather(_ context.Context, each func(*encode.Family) error) error {
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// The present samples, once. A service calls Run, which does it every minute.
func ExampleBridge_Push() {
	carbon, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer carbon.Close()
	received := make(chan string)
	go func() {
		conn, err := carbon.Accept()
		if err != nil {
			return
		}
		text, _ := io.ReadAll(conn)
		conn.Close()
		received <- string(text)
	}()

	src := families{
		{Name: "queue_length", Type: encode.Gauge, Samples: []encode.Sample{{Labels: []encode.Label{{Name: "queue", Value: "mail"}}, Value: 3}}},
		{Name: "wait_seconds", Type: encode.Histogram, Samples: []encode.Sample{{Histogram: &encode.HistogramValue{
			Count: 3, Sum: 1.5, Buckets: []encode.Bucket{{UpperBound: 0.5, Count: 2}}}}}},
	}
	b, err := graphite.New(src, graphite.Options{Addr: carbon.Addr().String(), Prefix: "shop", Tags: true,
		Now: func() time.Time { return time.Unix(1434898897, 0) }})
	if err == nil {
		err = b.Push(context.Background())
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(<-received)
	// Output:
	// shop.queue_length;queue=mail 3 1434898897
	// shop.wait_seconds_bucket;le=0.5 2 1434898897
	// shop.wait_seconds_bucket;le=+Inf 3 1434898897
	// shop.wait_seconds_sum 1.5 1434898897
	// shop.wait_seconds_count 3 1434898897
}
