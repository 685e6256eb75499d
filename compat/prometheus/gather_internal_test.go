package prometheus

import (
	"context"
	"errors"
	"testing"
)

// waiting is a collector that sends one metric, says so, and waits.
type waiting struct {
	sent, goOn chan bool
	done       chan bool
}

func (waiting) Describe(chan<- *Desc) {}

func (w waiting) Collect(ch chan<- Metric) {
	desc := NewDesc("x", "", []string{"a"}, nil)
	w.sent <- true
	<-w.goOn
	for range 3 * channelRoom { // nobody may be there to take them
		ch <- MustNewConstMetric(desc, GaugeValue, 1, "a")
	}
	close(w.done)
}

// A scrape whose time is up does not wait for a collector, which for its part can end.
func TestCollectForeignEnds(t *testing.T) {
	w := waiting{make(chan bool), make(chan bool), make(chan bool)}
	r := NewRegistry()
	r.MustRegister(w)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-w.sent
		cancel()
	}()
	families, err := r.collectForeign(ctx, r.collectors())
	if !errors.Is(err, context.Canceled) || len(families) != 0 {
		t.Error(families, err)
	}
	close(w.goOn)
	<-w.done
}

// A list of collectors that somebody has is never changed, and a change makes another.
func TestCollectorsAreCopied(t *testing.T) {
	r := NewRegistry()
	var c []Collector
	for _, name := range []string{"a", "b", "c"} {
		m := MustNewConstMetric(NewDesc(name, "", nil, nil), GaugeValue, 1)
		c = append(c, CollectorFunc(func(ch chan<- Metric) { ch <- m }))
	}
	r.MustRegister(c[0], c[1])
	two := r.collectors()
	r.Unregister(c[0])
	r.MustRegister(c[2])
	names := func(list []*registered) (s string) {
		for _, c := range list {
			s += c.descs[0].fqName
		}
		return s
	}
	if names(two) != "ab" || names(r.collectors()) != "bc" || &two[0] == &r.collectors()[0] {
		t.Error(names(two), names(r.collectors()))
	}
}

// When what takes panics, what produces is not left behind.
func TestStreamEnds(t *testing.T) {
	done := make(chan bool)
	func() {
		defer func() {
			if recover() != "enough" {
				t.Error("another panic")
			}
		}()
		stream(func(ch chan<- int) {
			defer close(done)
			for i := range 10 {
				ch <- i
			}
		}, func(int) { panic("enough") })
	}()
	<-done
}
