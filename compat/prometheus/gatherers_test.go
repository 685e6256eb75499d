package prometheus_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	dto "github.com/prometheus/client_model/go"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

func registryOf(metrics ...prometheus.Metric) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(unchecked(metrics...))
	return reg
}

func TestGatherers(t *testing.T) {
	histogram := func() ([]*dto.MetricFamily, error) {
		m := &dto.Metric{Counter: &dto.Counter{Value: new(1.0)}}
		return []*dto.MetricFamily{{Name: new("x"), Help: new("help"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{m}}}, nil
	}
	for name, c := range map[string]struct {
		gatherers  prometheus.Gatherers
		want, says string
	}{
		"none": {nil, "", ""},
		"joined": {prometheus.Gatherers{registryOf(gaugeOf("x", 2, "b"), gaugeOf("z", 1)), registryOf(gaugeOf("x", 1, "a"), gaugeOf("y", 1))},
			"x{a=\"a\"} 1\nx{a=\"b\"} 2\ny 1\nz 1\n", ""},
		"the first stays": {prometheus.Gatherers{registryOf(gaugeOf("x", 1)), registryOf(gaugeOf("x", 2))},
			"x 1\n", `collected metric "x" { gauge:{value:2}} was collected before with the same name and label values`},
		"another help": {prometheus.Gatherers{registryOf(gaugeOf("x", 1)), registryOf(constOf("x", "other", prometheus.GaugeValue, nil))},
			"x 1\n", `gathered metric family x has help "other" but should have "help"`},
		"another type": {prometheus.Gatherers{registryOf(gaugeOf("x", 1)), registryOf(constOf("x", "help", prometheus.CounterValue, nil))},
			"x 1\n", `gathered metric family x has type COUNTER but should have GAUGE`},
		"names of samples": {prometheus.Gatherers{registryOf(summaryOf("x")), registryOf(gaugeOf("x_sum", 1))},
			"x_sum 1\nx_count 1\n", `collected metric named "x_sum" collides with previously collected summary named "x"`},
		"not what it says": {prometheus.Gatherers{prometheus.GathererFunc(histogram)}, "", `collected metric "x" { counter:{value:1}} is not a GAUGE`},
		"an error": {prometheus.Gatherers{registryOf(gaugeOf("y", 1)), registryOf(gaugeOf("x", 1), prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(errTest), nil))},
			"x 1\ny 1\n", "[from Gatherer #2] broken"},
		"two errors": {prometheus.Gatherers{registryOf(prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(errTest), nil), prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(os.ErrExist), nil))},
			"", "2 error(s) occurred:\n* [from Gatherer #1] broken\n* [from Gatherer #1] file already exists"},
	} {
		families, err := c.gatherers.Gather()
		if got := samples(t, families); got != c.want {
			t.Errorf("%s: %s\n want %s", name, got, c.want)
		}
		if got := message(err); got != c.says {
			t.Errorf("%s: %s\n want %s", name, got, c.says)
		}
	}
}

// client_golang's Gatherers lose the unit.
func TestGatherersKeepUnits(t *testing.T) {
	desc := prometheus.V2.NewDesc("x", "", prometheus.UnconstrainedLabels(nil), nil, prometheus.WithUnit("u"))
	gs := prometheus.Gatherers{registryOf(prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, 1)), registryOf(gaugeOf("y", 1))}
	families, err := gs.Gather()
	if err != nil || families[0].GetUnit() != "u" || families[1].Unit != nil {
		t.Error(families, err)
	}
}

func TestMultiTRegistry(t *testing.T) {
	ended := 0
	counting := func(g prometheus.Gatherer) prometheus.TransactionalGatherer {
		return ending{prometheus.ToTransactionalGatherer(g), &ended}
	}
	failing := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errTest })
	r := prometheus.NewMultiTRegistry(counting(registryOf(gaugeOf("x", 1), gaugeOf("z", 1))), counting(failing), counting(registryOf(gaugeOf("y", 1), gaugeOf("x", 2))))
	families, done, err := r.Gather()
	if err != errTest || samples(t, families) != "x 1\nx 2\ny 1\nz 1\n" {
		t.Error(samples(t, families), err)
	}
	if ended != 0 {
		t.Error("they are still needed")
	}
	if done(); ended != 3 {
		t.Errorf("%d of 3", ended)
	}
	if _, done, err := prometheus.NewMultiTRegistry().Gather(); done == nil || err != nil {
		t.Error(err)
	}
}

// ending counts the ends.
type ending struct {
	prometheus.TransactionalGatherer
	n *int
}

func (e ending) Gather() ([]*dto.MetricFamily, func(), error) {
	families, done, err := e.TransactionalGatherer.Gather()
	return families, func() { done(); *e.n++ }, err
}

func TestWriteToTextfile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.prom")
	if err := prometheus.WriteToTextfile(name, registryOf(gaugeOf("x", 1), gaugeOf("y", 2))); err != nil {
		t.Fatal(err)
	}
	const want = "# HELP x help\n# TYPE x gauge\nx 1\n# HELP y help\n# TYPE y gauge\ny 2\n"
	check := func() {
		t.Helper()
		if got, err := os.ReadFile(name); string(got) != want || err != nil {
			t.Errorf("%s %v", got, err)
		}
		if list, _ := os.ReadDir(dir); len(list) != 1 {
			t.Errorf("left behind: %v", list)
		}
	}
	check()
	if info, err := os.Stat(name); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o644) {
		t.Error(info.Mode(), err)
	}
	failing := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return nil, errTest })
	if err := prometheus.WriteToTextfile(name, failing); err != errTest {
		t.Error(err)
	}
	check()
	unwritable := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		return []*dto.MetricFamily{{Name: new("x"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{{}}}}, nil
	})
	if err := prometheus.WriteToTextfile(name, unwritable); err == nil {
		t.Error("a gauge without a value was written")
	}
	check()
	if err := prometheus.WriteToTextfile(filepath.Join(dir, "no", "x.prom"), registryOf()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
