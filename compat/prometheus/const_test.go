package prometheus_test

import (
	"math"
	"sync"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pawl-metrics/pawl/compat/prometheus"
)

// written returns what Write makes of a metric, without the spaces that protobuf puts at random.
func written(t *testing.T, m prometheus.Metric) string {
	t.Helper()
	var out dto.Metric
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return messageJSON(t, &out)
}

func messageJSON(t *testing.T, m proto.Message) string {
	t.Helper()
	b, err := protojson.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	inString := false
	for _, c := range b {
		if c == '"' {
			inString = !inString
		}
		if c != ' ' || inString {
			out = append(out, c)
		}
	}
	return string(out)
}

var (
	plain   = prometheus.NewDesc("x", "", nil, nil)
	twoWays = prometheus.NewDesc("x", "", []string{"v"}, prometheus.Labels{"c": "1"})
	epoch   = time.Unix(1_700_000_000, 5)
)

func TestConstMetrics(t *testing.T) {
	const labels = `"label":[{"name":"c","value":"1"},{"name":"v","value":"w"}]`
	const created = `"createdTimestamp":"2023-11-14T22:13:20.000000005Z"`
	for name, c := range map[string]struct {
		metric prometheus.Metric
		want   string
	}{
		"counter": {prometheus.MustNewConstMetric(twoWays, prometheus.CounterValue, 1.5, "w"),
			`{` + labels + `,"counter":{"value":1.5}}`},
		"counter with start": {prometheus.MustNewConstMetricWithCreatedTimestamp(twoWays, prometheus.CounterValue, 1.5, epoch, "w"),
			`{` + labels + `,"counter":{"value":1.5,` + created + `}}`},
		"gauge":   {prometheus.MustNewConstMetric(twoWays, prometheus.GaugeValue, 0, "w"), `{` + labels + `,"gauge":{"value":0}}`},
		"untyped": {prometheus.MustNewConstMetric(plain, prometheus.UntypedValue, math.NaN()), `{"untyped":{"value":"NaN"}}`},
		"histogram": {prometheus.MustNewConstHistogram(twoWays, 7, 2.5, map[float64]uint64{2: 4, -1: 1, 10: 6}, "w"),
			`{` + labels + `,"histogram":{"sampleCount":"7","sampleSum":2.5,"bucket":[{"cumulativeCount":"1","upperBound":-1},` +
				`{"cumulativeCount":"4","upperBound":2},{"cumulativeCount":"6","upperBound":10}]}}`},
		"empty histogram with start": {prometheus.MustNewConstHistogramWithCreatedTimestamp(plain, 0, 0, nil, epoch),
			`{"histogram":{"sampleCount":"0","sampleSum":0,` + created + `}}`},
		"summary": {prometheus.MustNewConstSummary(twoWays, 7, 2.5, map[float64]float64{.99: 3, .5: 1}, "w"),
			`{` + labels + `,"summary":{"sampleCount":"7","sampleSum":2.5,"quantile":[{"quantile":0.5,"value":1},{"quantile":0.99,"value":3}]}}`},
		"summary with start": {prometheus.MustNewConstSummaryWithCreatedTimestamp(plain, 0, 0, nil, epoch),
			`{"summary":{"sampleCount":"0","sampleSum":0,` + created + `}}`},
		"timestamp": {prometheus.NewMetricWithTimestamp(epoch, prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 1)),
			`{"gauge":{"value":1},"timestampMs":"1700000000000"}`},
		"timestamp before 1970": {prometheus.NewMetricWithTimestamp(time.Unix(-2, 999_999_999), prometheus.MustNewConstMetric(plain, prometheus.GaugeValue, 1)),
			`{"gauge":{"value":1},"timestampMs":"-1001"}`},
		"native": {prometheus.MustNewConstNativeHistogram(plain, 20, 3, map[int]int64{-2: 1, -1: 2, 1: 3, 4: 4, 8: 5}, map[int]int64{0: 2}, 3, 2, .5, epoch),
			`{"histogram":{"sampleCount":"20","sampleSum":3,` + created + `,"schema":2,"zeroThreshold":0.5,"zeroCount":"3",` +
				`"negativeSpan":[{"offset":0,"length":1}],"negativeDelta":["2"],` +
				// a gap of one and one of two are filled, that of three begins a span
				`"positiveSpan":[{"offset":-2,"length":7},{"offset":3,"length":1}],"positiveDelta":["1","1","-2","3","-3","0","4","1"]}}`},
		"empty native": {prometheus.MustNewConstNativeHistogram(plain, 0, 0, nil, nil, 0, 0, 0, epoch),
			`{"histogram":{"sampleCount":"0","sampleSum":0,` + created + `,"schema":0,"zeroThreshold":0,"zeroCount":"0","positiveSpan":[{"offset":0,"length":0}]}}`},
		"native with NaN": {prometheus.MustNewConstNativeHistogram(plain, 2, math.NaN(), map[int]int64{0: 1}, nil, 0, 0, 1, epoch),
			`{"histogram":{"sampleCount":"2","sampleSum":"NaN",` + created + `,"schema":0,"zeroThreshold":1,"zeroCount":"0","positiveSpan":[{"offset":0,"length":1}],"positiveDelta":["1"]}}`},
	} {
		got, want := written(t, c.metric), c.want
		var a, b dto.Metric
		if protojson.Unmarshal([]byte(got), &a) != nil || protojson.Unmarshal([]byte(want), &b) != nil {
			t.Fatalf("%s: %s", name, want)
		}
		if !proto.Equal(&a, &b) {
			t.Errorf("%s: %s\n want %s", name, got, want)
		}
	}
}

func TestConstMetricErrors(t *testing.T) {
	one := func(_ prometheus.Metric, err error) error { return err }
	bad := prometheus.NewInvalidDesc(errTest)
	const few, many = "inconsistent label cardinality: expected 1 label values but got 0 in []string(nil)",
		`inconsistent label cardinality: expected 1 label values but got 2 in []string{"a", "b"}`
	for _, c := range []struct {
		err  error
		want string
	}{
		{one(prometheus.NewConstMetric(bad, prometheus.GaugeValue, 1)), "broken"},
		{one(prometheus.NewConstMetric(twoWays, prometheus.GaugeValue, 1)), few},
		{one(prometheus.NewConstMetric(twoWays, prometheus.GaugeValue, 1, "a", "b")), many},
		{one(prometheus.NewConstMetric(twoWays, prometheus.GaugeValue, 1, "\xff")), `label value "\xff" is not valid UTF-8`},
		{one(prometheus.NewConstMetric(plain, 0, 1)), "encountered unknown type 0"},
		{one(prometheus.NewConstMetricWithCreatedTimestamp(plain, prometheus.GaugeValue, 1, epoch)), "created timestamps are only supported for counters"},
		{one(prometheus.NewConstMetricWithCreatedTimestamp(twoWays, prometheus.GaugeValue, 1, epoch)), few},
		{one(prometheus.NewConstHistogram(twoWays, 1, 1, nil, "a", "b")), many},
		{one(prometheus.NewConstHistogramWithCreatedTimestamp(bad, 1, 1, nil, epoch)), "broken"},
		{one(prometheus.NewConstSummary(twoWays, 1, 1, nil, "a", "b")), many},
		{one(prometheus.NewConstSummaryWithCreatedTimestamp(bad, 1, 1, nil, epoch)), "broken"},
		{one(prometheus.NewConstNativeHistogram(twoWays, 0, 0, nil, nil, 0, 0, 0, epoch, "a", "b")), many},
		{one(prometheus.NewConstNativeHistogram(plain, 0, 0, nil, nil, 0, 9, 0, epoch)), "invalid native histogram schema"},
		{one(prometheus.NewConstNativeHistogram(plain, 0, 0, nil, nil, 0, -5, 0, epoch)), "invalid native histogram schema"},
		{one(prometheus.NewConstNativeHistogram(plain, 3, 0, map[int]int64{1: 1}, map[int]int64{1: 1}, 2, 0, 0, epoch)),
			"the sum of all bucket populations exceeds the count of observations"},
		{one(prometheus.NewConstNativeHistogram(plain, 3, 0, map[int]int64{1: 1}, nil, 1, 0, 0, epoch)),
			"the sum of all bucket populations exceeds the count of observations"},
		{one(prometheus.NewConstNativeHistogram(plain, 1, math.NaN(), map[int]int64{1: 2}, nil, 0, 0, 0, epoch)),
			"the sum of all bucket populations exceeds the count of observations"},
	} {
		wantError(t, c.err, c.want)
	}
	if v := mustPanic(t, func() { prometheus.MustNewConstMetric(bad, prometheus.GaugeValue, 1) }); v != errTest {
		t.Error(v)
	}
	for _, f := range []func(){
		func() { prometheus.MustNewConstMetricWithCreatedTimestamp(bad, prometheus.CounterValue, 1, epoch) },
		func() { prometheus.MustNewConstHistogram(bad, 1, 1, nil) },
		func() { prometheus.MustNewConstHistogramWithCreatedTimestamp(bad, 1, 1, nil, epoch) },
		func() { prometheus.MustNewConstSummary(bad, 1, 1, nil) },
		func() { prometheus.MustNewConstSummaryWithCreatedTimestamp(bad, 1, 1, nil, epoch) },
		func() { prometheus.MustNewConstNativeHistogram(bad, 1, 1, nil, nil, 1, 0, 0, epoch) },
		func() { prometheus.MustNewMetricWithExemplars(gaugeOf("x", 1)) },
	} {
		mustPanic(t, f)
	}
}

// What is called constant stays so when the caller goes on with its maps.
func TestConstCopies(t *testing.T) {
	buckets, quantiles := map[float64]uint64{1: 1}, map[float64]float64{.5: 1}
	h := prometheus.MustNewConstHistogram(plain, 1, 1, buckets)
	s := prometheus.MustNewConstSummary(plain, 1, 1, quantiles)
	before := written(t, h) + written(t, s)
	buckets[1], buckets[2], quantiles[.5], quantiles[.9] = 5, 6, 5, 6
	if after := written(t, h) + written(t, s); after != before {
		t.Errorf("%s\n was %s", after, before)
	}
}

func TestExemplars(t *testing.T) {
	ex := func(v float64, id string) prometheus.Exemplar {
		return prometheus.Exemplar{Value: v, Labels: prometheus.Labels{"id": id}, Timestamp: epoch}
	}
	shown := func(v, id string) string {
		return `{"label":[{"name":"id","value":"` + id + `"}],"value":` + v + `,"timestamp":"2023-11-14T22:13:20.000000005Z"}`
	}
	classic := prometheus.MustNewConstHistogram(plain, 9, 1, map[float64]uint64{1: 1, 2: 2})
	native := prometheus.MustNewConstNativeHistogram(plain, 1, 1, map[int]int64{0: 1}, nil, 0, 0, 1, epoch)
	for name, c := range map[string]struct {
		metric    prometheus.Metric
		exemplars []prometheus.Exemplar
		want      string
	}{
		"the last of a counter": {prometheus.MustNewConstMetric(plain, prometheus.CounterValue, 5),
			[]prometheus.Exemplar{ex(1, "a"), ex(2, "b")},
			`{"counter":{"value":5,"exemplar":` + shown("2", "b") + `}}`},
		"the last of each bucket": {classic, []prometheus.Exemplar{ex(.5, "a"), ex(1, "b"), ex(3, "c"), ex(4, "d")},
			`{"histogram":{"sampleCount":"9","sampleSum":1,"bucket":[{"cumulativeCount":"1","upperBound":1,"exemplar":` + shown("1", "b") + `},` +
				`{"cumulativeCount":"2","upperBound":2},{"cumulativeCount":"9","upperBound":"Infinity","exemplar":` + shown("4", "d") + `}]}}`},
		"all of a native histogram": {native, []prometheus.Exemplar{ex(1, "a"), ex(2, "b")},
			`{"histogram":{"sampleCount":"1","sampleSum":1,"createdTimestamp":"2023-11-14T22:13:20.000000005Z","schema":0,"zeroThreshold":1,"zeroCount":"0",` +
				`"positiveSpan":[{"offset":0,"length":1}],"positiveDelta":["1"],"exemplars":[` + shown("1", "a") + `,` + shown("2", "b") + `]}}`},
	} {
		m := prometheus.MustNewMetricWithExemplars(c.metric, c.exemplars...)
		var wg sync.WaitGroup
		for range 2 { // writing twice, and at once, must not add up in what is shared
			wg.Go(func() { m.Write(new(dto.Metric)) })
		}
		wg.Wait()
		var got, want dto.Metric
		if err := m.Write(&got); err != nil {
			t.Fatal(err)
		}
		if err := protojson.Unmarshal([]byte(c.want), &want); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(&got, &want) {
			t.Errorf("%s: %v\n want %v", name, &got, &want)
		}
	}
}

func TestExemplarErrors(t *testing.T) {
	counter := prometheus.MustNewConstMetric(plain, prometheus.CounterValue, 5)
	long := make([]rune, 126)
	for i := range long {
		long[i] = 'ü'
	}
	type labels = prometheus.Labels
	for _, c := range []struct {
		labels labels
		want   string
	}{
		{nil, ""},
		{labels{"ab": string(long)}, ""}, // runes, not bytes
		{labels{"abc": string(long)}, "exemplar labels have 129 runes, exceeding the limit of 128"},
		{labels{"": "a"}, `exemplar label name "" is invalid`},
		{labels{"__a": "a"}, `exemplar label name "__a" is invalid`},
		{labels{"a": "\xff"}, `exemplar label value "\xff" is not valid UTF-8`},
	} {
		_, err := prometheus.NewMetricWithExemplars(counter, prometheus.Exemplar{Labels: c.labels})
		wantError(t, err, c.want)
	}
	_, err := prometheus.NewMetricWithExemplars(counter)
	wantError(t, err, "no exemplar was passed for NewMetricWithExemplars")
	gauge := prometheus.MustNewMetricWithExemplars(gaugeOf("x", 1), prometheus.Exemplar{})
	wantError(t, gauge.Write(new(dto.Metric)), "cannot inject exemplar into Gauge, Summary or Untyped")
	invalid := prometheus.MustNewMetricWithExemplars(prometheus.NewInvalidMetric(plain, errTest), prometheus.Exemplar{})
	wantError(t, invalid.Write(new(dto.Metric)), "broken")
	_, err = prometheus.NewMetricWithExemplars(counter, prometheus.Exemplar{Timestamp: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err == nil {
		t.Error("a timestamp that protobuf has no room for")
	}
}

func TestValueType(t *testing.T) {
	for typ, want := range map[prometheus.ValueType]dto.MetricType{
		prometheus.CounterValue: dto.MetricType_COUNTER, prometheus.GaugeValue: dto.MetricType_GAUGE,
		prometheus.UntypedValue: dto.MetricType_UNTYPED, 0: dto.MetricType_UNTYPED, 7: dto.MetricType_UNTYPED,
	} {
		if got := *typ.ToDTO(); got != want {
			t.Errorf("%d: %v", typ, got)
		}
	}
}
