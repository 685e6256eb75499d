package encode

import (
	"math"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/nativehist"
)

var (
	text   = Format{Text004, Underscores}
	om1    = Format{OpenMetrics100, Underscores}
	om2    = Format{OpenMetrics200, AllowUTF8}
	all    = Options{Exemplars: true, Created: true}
	moment = UnixTimestamp(1520879607, 789_000_000)
	start  = UnixTimestamp(1520430000, 123_000_000)
)

// is compares a whole family's lines.
func is(t *testing.T, f Format, opts Options, fam Family, lines ...string) {
	t.Helper()
	want := strings.Join(append(lines, ""), "\n")
	if got := string(AppendFamily(nil, f, opts, &fam)); got != want {
		t.Errorf("%v:\n%swant\n%s", f, got, want)
	}
}

func one(name string, typ Type, s Sample) Family {
	return Family{Name: name, Type: typ, Samples: []Sample{s}}
}

func TestMetadataByFormat(t *testing.T) {
	fam := Family{Name: "x_seconds_total", Help: "a \"b\" \\ \n", Unit: "seconds", Type: Counter, Samples: []Sample{{Value: 1}}}
	is(t, text, all, fam, `# HELP x_seconds_total a "b" \\ \n`, `# TYPE x_seconds_total counter`, `x_seconds_total 1`)
	is(t, om1, all, fam, `# TYPE x_seconds counter`, `# UNIT x_seconds seconds`, `# HELP x_seconds a \"b\" \\ \n`, `x_seconds_total 1.0`)
	fam.Unit = "s" // not a suffix: OpenMetrics 2.0 alone allows it
	is(t, om1, all, fam, `# TYPE x_seconds counter`, `# HELP x_seconds a \"b\" \\ \n`, `x_seconds_total 1.0`)
	is(t, om2, all, fam, `# TYPE x_seconds_total counter`, `# UNIT x_seconds_total s`, `# HELP x_seconds_total a \"b\" \\ \n`, `x_seconds_total 1.0`)
}

// A UNIT that is not a suffix loses the whole scrape, and so does one of an info.
func TestUnitOnlyWhereItFits(t *testing.T) {
	for _, c := range []struct {
		name, unit string
		typ        Type
		fits       bool
	}{
		{"x_seconds", "seconds", Gauge, true}, {"seconds", "seconds", Gauge, false}, {"_seconds", "seconds", Gauge, true},
		{"xseconds", "seconds", Gauge, false}, {"x.seconds", "seconds", Gauge, false}, {"x_cpu-seconds", "cpu-seconds", Gauge, false},
		{"x_seconds_info", "seconds", Info, false}, {"x_seconds", "seconds", StateSet, false}, {"x_seconds_total", "total", Gauge, true},
		{"x_seconds_total", "total", Counter, false}, {"x", "", Gauge, false},
	} {
		fam := Family{Name: c.name, Unit: c.unit, Type: c.typ}
		got := string(AppendHeader(nil, Format{OpenMetrics100, AllowUTF8}, &fam))
		if strings.Contains(got, "# UNIT") != c.fits {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestHelpThatEndsInCRIsCutInOpenMetrics2(t *testing.T) {
	fam := Family{Name: "x", Help: "a\r\r", Type: Gauge}
	if got := string(AppendHeader(nil, om2, &fam)); got != "# TYPE x gauge\n# HELP x a\n" {
		t.Errorf("%q", got)
	}
}

func TestTypeWordsAreTheFormats(t *testing.T) {
	for typ, words := range map[Type][2]string{Untyped: {"untyped", "unknown"}, GaugeHistogram: {"histogram", "gaugehistogram"},
		Info: {"gauge", "info"}, StateSet: {"gauge", "stateset"}, Type(99): {"untyped", "unknown"}} {
		if a, b := Text100.TypeWord(typ), OpenMetrics100.TypeWord(typ); a != words[0] || b != words[1] {
			t.Errorf("type %d is %q and %q, want %q", typ, a, b, words)
		}
	}
}

func TestCounterWithoutTotalKeepsItsName(t *testing.T) {
	fam := one("x", Counter, Sample{Value: 2, Start: start, Exemplars: []Exemplar{{Value: 1}}})
	is(t, om1, all, fam, `# TYPE x unknown`, `x 2.0`) // unknown has neither exemplars nor a start
	is(t, om2, Options{}, fam, `# TYPE x counter`, `x 2.0 st@1520430000.123`)
}

// There would be nothing left of these names.
func TestNamesThatAreASuffix(t *testing.T) {
	is(t, om1, all, one("_total", Counter, Sample{Value: 1, Start: start}), "# TYPE _total unknown", "_total 1.0")
	is(t, om1, all, one(".total", Counter, Sample{Value: 1}), "# TYPE _total unknown", "_total 1.0")
	is(t, om1, all, one("_info", Info, Sample{Value: 1}), "# TYPE _info gauge", "_info 1.0")
}

func TestCountersThatOpenMetricsForbids(t *testing.T) {
	for _, v := range []float64{math.NaN(), -1, math.Inf(-1)} {
		fam := one("x_total", Counter, Sample{Value: v})
		is(t, om1, all, fam)
		is(t, om2, all, fam)
	}
	is(t, text, all, one("x_total", Counter, Sample{Value: -1}), "# TYPE x_total counter", "x_total -1")
	is(t, om1, all, one("x_total", Counter, Sample{Value: math.Copysign(0, -1)}), "# TYPE x counter", "x_total -0.0")
}

func TestCreatedStandsBehindItsMetric(t *testing.T) {
	fam := Family{Name: "x_total", Type: Counter, Samples: []Sample{
		{Labels: []Label{{"a", "1"}}, Value: 1, Start: start, Timestamp: moment},
		{Labels: []Label{{"a", "2"}}, Value: 2, Start: start}}}
	is(t, om1, all, fam, `# TYPE x counter`, `x_total{a="1"} 1.0 1520879607.789`, `x_created{a="1"} 1520430000.123 1520879607.789`,
		`x_total{a="2"} 2.0`, `x_created{a="2"} 1520430000.123`)
	is(t, om1, Options{}, fam, `# TYPE x counter`, `x_total{a="1"} 1.0 1520879607.789`, `x_total{a="2"} 2.0`)
	is(t, text, all, fam, `# TYPE x_total counter`, `x_total{a="1"} 1 1520879607789`, `x_total{a="2"} 2`)
}

func TestNegativeTimestampsAreDroppedFromText(t *testing.T) {
	fam := one("x", Gauge, Sample{Value: 1, Timestamp: UnixTimestamp(-5, 0)})
	is(t, text, all, fam, `# TYPE x gauge`, `x 1`)
	is(t, om1, all, fam, `# TYPE x gauge`, `x 1.0 -5`)
}

func histogram(bounds ...float64) *HistogramValue {
	h := &HistogramValue{Sum: 3.5}
	for _, b := range bounds {
		h.Count++
		h.Buckets = append(h.Buckets, Bucket{UpperBound: b, Count: h.Count})
	}
	return h
}

func TestHistogramsGetTheirInfBucket(t *testing.T) {
	fam := one("h", Histogram, Sample{Labels: []Label{{"a", "b"}}, Histogram: histogram(0.5, 1, 1e6)})
	is(t, text, all, fam, `# TYPE h histogram`, `h_bucket{a="b",le="0.5"} 1`, `h_bucket{a="b",le="1"} 2`, `h_bucket{a="b",le="1e+06"} 3`,
		`h_bucket{a="b",le="+Inf"} 3`, `h_sum{a="b"} 3.5`, `h_count{a="b"} 3`)
	is(t, om1, all, fam, `# TYPE h histogram`, `h_bucket{a="b",le="0.5"} 1`, `h_bucket{a="b",le="1.0"} 2`, `h_bucket{a="b",le="1e+06"} 3`,
		`h_bucket{a="b",le="+Inf"} 3`, `h_sum{a="b"} 3.5`, `h_count{a="b"} 3`)
	is(t, om2, all, fam, `# TYPE h histogram`, `h{a="b"} {count:3,sum:3.5,bucket:[0.5:1,1.0:2,1e+06:3,+Inf:3]}`)
}

func TestBucketsOutOfOrderAreLeftOut(t *testing.T) {
	h := &HistogramValue{Count: 5, Buckets: []Bucket{{UpperBound: 1, Count: 2}, {UpperBound: 1, Count: 2}, {UpperBound: 0, Count: 3},
		{UpperBound: math.NaN(), Count: 3}, {UpperBound: 2, Count: 1}, {UpperBound: 3, Count: 6}, {UpperBound: math.Inf(1), Count: 4}}}
	is(t, om2, all, one("h", Histogram, Sample{Histogram: h}), `# TYPE h histogram`, `h {count:5,sum:0,bucket:[1.0:2,+Inf:5]}`)
}

// Strict parsers take sum and count together or not at all, and no sum with
// buckets below 0.
func TestSumsThatOpenMetrics1Forbids(t *testing.T) {
	nan := histogram(1)
	nan.Sum = math.NaN()
	is(t, om1, all, one("h", Histogram, Sample{Histogram: histogram(-1)}), `# TYPE h histogram`,
		`h_bucket{le="-1.0"} 1`, `h_bucket{le="+Inf"} 1`)
	is(t, om1, all, one("h", Histogram, Sample{Histogram: nan}), `# TYPE h histogram`,
		`h_bucket{le="1.0"} 1`, `h_bucket{le="+Inf"} 1`)
	is(t, om1, all, one("h", GaugeHistogram, Sample{Histogram: histogram(-1)}), `# TYPE h gaugehistogram`,
		`h_bucket{le="-1.0"} 1`, `h_bucket{le="+Inf"} 1`, `h_gsum 3.5`, `h_gcount 1`)
	is(t, om2, all, one("h", Histogram, Sample{Histogram: nan}), `# TYPE h histogram`, `h {count:1,sum:NaN,bucket:[1.0:1,+Inf:1]}`)
	is(t, text, all, one("h", GaugeHistogram, Sample{Histogram: histogram(-1)}), `# TYPE h histogram`,
		`h_bucket{le="-1"} 1`, `h_bucket{le="+Inf"} 1`, `h_sum 3.5`, `h_count 1`)
}

func TestSummaries(t *testing.T) {
	q := &SummaryValue{Count: 17, Sum: 324.5, Quantiles: []Quantile{{0.5, -1}, {0.5, 2}, {0.95, 123.7}, {1, 150}, {95, 1}, {math.NaN(), 1}}}
	fam := one("s", Summary, Sample{Summary: q, Start: start})
	is(t, text, all, fam, `# TYPE s summary`, `s{quantile="0.5"} -1`, `s{quantile="0.95"} 123.7`, `s{quantile="1"} 150`,
		`s{quantile="95"} 1`, `s_sum 324.5`, `s_count 17`)
	is(t, om1, Options{}, fam, `# TYPE s summary`, `s{quantile="0.95"} 123.7`, `s{quantile="1.0"} 150.0`, `s_sum 324.5`, `s_count 17`)
	is(t, om2, all, fam, `# TYPE s summary`, `s {count:17,sum:324.5,quantile:[0.5:-1,0.95:123.7,1.0:150]} st@1520430000.123`)
	is(t, om2, all, one("s", Summary, Sample{Summary: &SummaryValue{}}), `# TYPE s summary`, `s {count:0,sum:0,quantile:[]}`)
}

func TestInfoAndStateSet(t *testing.T) {
	info := one("target", Info, Sample{Labels: []Label{{"v", "1"}}, Value: 7})
	is(t, text, all, info, `# TYPE target_info gauge`, `target_info{v="1"} 1`)
	is(t, om1, all, info, `# TYPE target info`, `target_info{v="1"} 1.0`)
	is(t, om2, all, info, `# TYPE target_info info`, `target_info{v="1"} 1.0`)
	set := one("s", StateSet, Sample{Labels: []Label{{"v", "1"}}, States: []State{{"on", true}, {"off", false}, {"on", false}}})
	is(t, text, all, set, `# TYPE s gauge`, `s{v="1",s="on"} 1`, `s{v="1",s="off"} 0`)
	is(t, om1, all, set, `# TYPE s stateset`, `s{v="1",s="on"} 1.0`, `s{v="1",s="off"} 0.0`)
	set.Name = "a:b" // a label cannot be called that
	is(t, om1, all, set, `# TYPE a:b gauge`, `a:b{v="1",a_b="on"} 1.0`, `a:b{v="1",a_b="off"} 0.0`)
	is(t, om2, all, set, `# TYPE a:b stateset`, `a:b{v="1","a:b"="on"} 1.0`, `a:b{v="1","a:b"="off"} 0.0`)
}

func TestExemplarsThatAFormatForbids(t *testing.T) {
	trace := Exemplar{Labels: []Label{{"trace_id", "é"}}, Value: 0.67, Timestamp: moment}
	bare := Exemplar{Value: 1}
	long := Exemplar{Labels: []Label{{"a", strings.Repeat("é", 127)}}, Value: 1, Timestamp: moment}
	tooLong := Exemplar{Labels: []Label{{"a", strings.Repeat("é", 128)}}, Value: 1, Timestamp: moment}
	nul := Exemplar{Labels: []Label{{"a", "\x00"}}, Value: 1, Timestamp: moment}
	twice := Exemplar{Labels: []Label{{"a", "1"}, {"a", "1"}}, Value: 1, Timestamp: moment}
	for _, c := range []struct {
		e        Exemplar
		om1, om2 string
	}{
		{trace, ` # {trace_id="é"} 0.67 1520879607.789`, ` # {trace_id="é"} 0.67 1520879607.789`},
		{bare, ` # {} 1.0`, ``}, // 2.0 wants a timestamp
		{long, ` # {a="` + long.Labels[0].Value + `"} 1.0 1520879607.789`, ` # {a="` + long.Labels[0].Value + `"} 1.0 1520879607.789`},
		{tooLong, ``, ` # {a="` + tooLong.Labels[0].Value + `"} 1.0 1520879607.789`},
		{nul, ``, " # {a=\"\x00\"} 1.0 1520879607.789"}, // Prometheus fails the scrape in 1.0
		{twice, ``, ``},
	} {
		fam := one("x_total", Counter, Sample{Value: 1, Exemplars: []Exemplar{c.e}})
		is(t, om1, all, fam, `# TYPE x counter`, `x_total 1.0`+c.om1)
		is(t, om2, all, fam, `# TYPE x_total counter`, `x_total 1.0`+c.om2)
		is(t, text, all, fam, `# TYPE x_total counter`, `x_total 1`)
		is(t, om1, Options{}, fam, `# TYPE x counter`, `x_total 1.0`)
	}
}

func TestOpenMetrics2TakesSeveralExemplarsAndOneTakesTheLast(t *testing.T) {
	fam := one("x_total", Counter, Sample{Value: 1, Start: start, Exemplars: []Exemplar{{Value: 1, Timestamp: moment}, {Value: 2, Timestamp: moment}}})
	is(t, om2, all, fam, `# TYPE x_total counter`, `x_total 1.0 st@1520430000.123 # {} 1.0 1520879607.789 # {} 2.0 1520879607.789`)
	is(t, om1, Options{Exemplars: true}, fam, `# TYPE x counter`, `x_total 1.0 # {} 2.0 1520879607.789`)
}

func native() *nativehist.Histogram {
	return &nativehist.Histogram{Schema: 7, ZeroThreshold: 1e-4, ZeroCount: 1, Count: 2_000_004, Sum: 120,
		PositiveSpans: []nativehist.Span{{Offset: -1, Length: 2}, {Offset: 3, Length: 1}}, PositiveCounts: []uint64{1, 0, 2_000_000},
		NegativeSpans: []nativehist.Span{{Offset: 1, Length: 1}}, NegativeCounts: []uint64{2}}
}

// A point or an exponent among the counts would make it a histogram of floats.
func TestNativeHistogramInOpenMetrics2(t *testing.T) {
	const fields = `count:2000004,sum:120,schema:7,zero_threshold:0.0001,zero_count:1,` +
		`negative_spans:[1:1],negative_buckets:[2],positive_spans:[-1:2,3:1],positive_buckets:[1,0,2000000]`
	h := &HistogramValue{Native: native()}
	is(t, om2, all, one("h", Histogram, Sample{Histogram: h}), `# TYPE h histogram`, `h {`+fields+`}`)
	h.Buckets = []Bucket{{UpperBound: 1, Count: 4}}
	is(t, om2, all, one("h", GaugeHistogram, Sample{Histogram: h, Start: start}), `# TYPE h gaugehistogram`,
		`h {`+strings.NewReplacer("count:2000004", "gcount:2000004", "sum:120", "gsum:120").Replace(fields)+`,bucket:[1.0:4,+Inf:2000004]}`)
	is(t, text, all, one("h", Histogram, Sample{Histogram: &HistogramValue{Native: native()}}), `# TYPE h histogram`,
		`h_bucket{le="+Inf"} 2000004`, `h_sum 120`, `h_count 2000004`)
}

// One that contradicts itself would cost the whole scrape.
func TestWrongNativeHistogramsGoOutAsClassicOnes(t *testing.T) {
	for what, spoil := range map[string]func(h *nativehist.Histogram){
		"count too low":     func(h *nativehist.Histogram) { h.Count-- },
		"count too high":    func(h *nativehist.Histogram) { h.Count++ },
		"schema":            func(h *nativehist.Histogram) { h.Schema = -53 },
		"threshold":         func(h *nativehist.Histogram) { h.ZeroThreshold = math.NaN() },
		"negative offset":   func(h *nativehist.Histogram) { h.PositiveSpans[1].Offset = -1 },
		"span too long":     func(h *nativehist.Histogram) { h.PositiveSpans[1].Length++ },
		"span overflow":     func(h *nativehist.Histogram) { h.PositiveSpans[1].Offset = math.MaxInt32 },
		"lowest index":      func(h *nativehist.Histogram) { h.PositiveSpans[0].Offset = math.MinInt32 },
		"bucket missing":    func(h *nativehist.Histogram) { h.NegativeCounts = nil },
		"counts wrap":       func(h *nativehist.Histogram) { h.PositiveCounts[0] -= 2; h.NegativeCounts[0] += 2 },
		"count beyond 2^53": func(h *nativehist.Histogram) { h.ZeroCount += 1 << 53; h.Count += 1 << 53 },
	} {
		h := native()
		spoil(h)
		got := string(AppendComposite(nil, &HistogramValue{Native: h}, false))
		if strings.Contains(got, "schema") || !strings.Contains(got, "+Inf:") {
			t.Errorf("%s: %s", what, got)
		}
	}
	h := native() // NaN observations are in no bucket
	h.Count, h.Sum = h.Count+1, math.NaN()
	if !validNative(h) {
		t.Error("count may be above the buckets when the sum is NaN")
	}
}

// Each would break the line, or the family, or make two series one.
func TestBadLabelsCostTheirSample(t *testing.T) {
	for _, labels := range [][]Label{{{"", "x"}}, {{"__name__", "x"}}, {{"a", "1"}, {"a", "2"}}, {{"a\x00", "x"}}, {{"\xff", "x"}},
		{{"a.b", "1"}, {"a_b", "2"}}, {{"_.name__", "x"}}} {
		is(t, text, all, Family{Name: "x", Type: Gauge, Samples: []Sample{{Labels: labels}, {Value: 1}}}, "# TYPE x gauge", "x 1")
	}
	is(t, text, all, one("h", Histogram, Sample{Labels: []Label{{"le", "1"}}, Histogram: histogram(1)}))
	is(t, text, all, one("s", Summary, Sample{Labels: []Label{{"quantile", "1"}}, Summary: &SummaryValue{}}))
	is(t, text, all, one("s", StateSet, Sample{Labels: []Label{{"s", "1"}}, States: []State{{"a", true}}}))
	is(t, text, all, one("", Gauge, Sample{}))
	is(t, text, all, one("a\x00", Gauge, Sample{}))
	is(t, text, all, one("h", Histogram, Sample{}))
	is(t, text, all, Family{Name: "x"})
}

func TestQuotedNamesStandFirst(t *testing.T) {
	fam := Family{Name: `a."b`, Type: Gauge, Help: "h", Samples: []Sample{{Labels: []Label{{"c", "\xff\n"}, {"d.e", "2"}}}}}
	is(t, Format{Text100, AllowUTF8}, all, fam, `# HELP "a.\"b" h`, `# TYPE "a.\"b" gauge`, `{"a.\"b",c="`+"\uFFFD"+`\n","d.e"="2"} 0`)
	is(t, Format{Text100, Values}, all, fam, `# HELP U__a_2e__22_b h`, `# TYPE U__a_2e__22_b gauge`, `U__a_2e__22_b{c="`+"\uFFFD"+`\n",U__d_2e_e="2"} 0`)
}

func TestEOF(t *testing.T) {
	for f, want := range map[Format]string{text: "", om1: "# EOF\n", om2: "# EOF\n", {Syntax: ProtobufDelimited}: ""} {
		if got := string(AppendEOF(nil, f)); got != want {
			t.Errorf("%v ends in %q", f, got)
		}
	}
}

func TestOpenMetricsNumbers(t *testing.T) {
	for _, c := range []struct {
		v            float64
		value, bound string
	}{
		{1, "1.0", "1.0"}, {0, "0.0", "0.0"}, {math.Copysign(0, -1), "-0.0", "0.0"}, {0.001, "0.001", "0.001"}, {1e-5, "1e-05", "1e-05"},
		{100000, "100000.0", "100000.0"}, {1e6, "1000000.0", "1e+06"}, {math.Inf(1), "+Inf", "+Inf"}, {math.NaN(), "NaN", "NaN"},
		{1e300, "1e+300", "1e+300"}, {1 << 53, "9.007199254740992e+15", "9.007199254740992e+15"},
	} {
		if got := string(AppendPointFloat(nil, c.v)); got != c.value {
			t.Errorf("%v is %q, want %q", c.v, got, c.value)
		}
		if got := string(AppendCanonicalBound(nil, c.v)); got != c.bound {
			t.Errorf("bound %v is %q, want %q", c.v, got, c.bound)
		}
	}
}

// sampler has a family of each type.
func sampler() (list []Family) {
	labels := []Label{{"code", "200"}, {"method", "GET"}}
	e := Exemplar{Labels: []Label{{"trace_id", "x"}}, Value: 1, Timestamp: moment}
	h := &HistogramValue{Native: native(), Buckets: []Bucket{{UpperBound: 1, Count: 1, Exemplar: &e}}, Exemplars: []Exemplar{e}}
	for typ := range numTypes {
		list = append(list, Family{Name: "x.y_total", Help: "h", Unit: "total", Type: typ, Samples: []Sample{{Labels: labels, Value: 1,
			Histogram: h, Summary: &SummaryValue{Quantiles: []Quantile{{0.5, 1}}}, States: []State{{"a", true}}, Timestamp: moment,
			Start: start, Exemplars: []Exemplar{e}}}})
	}
	return list
}

func TestFamiliesAllocateNothing(t *testing.T) {
	list, buf := sampler(), make([]byte, 0, 1<<14)
	for syntax := range numSyntaxes {
		for scheme := range numSchemes {
			f := Format{syntax, scheme}
			for i := range list {
				if n := testing.AllocsPerRun(20, func() { AppendFamily(buf, f, all, &list[i]) }); n != 0 {
					t.Errorf("%v, %v: %v allocations, want 0", f, list[i].Type, n)
				}
			}
		}
	}
}

func BenchmarkAppendFamily(b *testing.B) {
	labels := []Label{{"code", "200"}, {"instance", "a"}, {"method", "GET"}}
	fam := Family{Name: "http_requests_total", Help: "h", Type: Counter}
	for range 1000 {
		fam.Samples = append(fam.Samples, Sample{Labels: labels, Value: 12345})
	}
	for syntax := range numSyntaxes {
		b.Run("impl=pawl/format="+contentTypes[syntax][0], func(b *testing.B) {
			var buf []byte
			for b.Loop() {
				buf = AppendFamily(buf[:0], Format{Syntax: syntax}, Options{}, &fam)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/series")
		})
	}
}
