package remotewrite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine/export/internal/outbox"
	"github.com/pawl-metrics/pawl/nativehist"
)

// families is a source of plain data.
type families []encode.Family

func (list families) Gather(_ context.Context, each func(*encode.Family) error) error {
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

const now = 1_600_000_000_000

func writer(t *testing.T, src Source, o Options) *Writer {
	t.Helper()
	if o.URL == "" {
		o.URL = "http://h/api/v1/write"
	}
	if o.Now == nil {
		o.Now = func() time.Time { return time.UnixMilli(now) }
	}
	w, err := New(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// collect returns what a receiver reads of one push, request after request.
func collect(t *testing.T, w *Writer, last bool) (list []request) {
	t.Helper()
	err := w.gather(t.Context(), last, func(b outbox.Batch) {
		r := map[Version]func(*testing.T, []byte) request{Version1: read1, Version2: read2}[w.o.Version](t, b.Body)
		n := 0
		for _, s := range r.series {
			n += len(s.samples) + len(s.natives)
		}
		if n != b.Samples || cap(b.Body) > len(b.Body)+len(b.Body)/4+64 {
			t.Errorf("%d samples in a request of %d, which takes %d bytes for %d", n, b.Samples, cap(b.Body), len(b.Body))
		}
		list = append(list, r)
	})
	if err != nil {
		t.Error(err)
	}
	return list
}

func labelled(v float64, pairs ...string) encode.Sample {
	s := encode.Sample{Value: v}
	for i := 0; i < len(pairs); i += 2 {
		s.Labels = append(s.Labels, encode.Label{Name: pairs[i], Value: pairs[i+1]})
	}
	return s
}

func all() families {
	began := encode.UnixTimestamp(1_500_000_000, 5e6)
	exemplar := encode.Exemplar{Labels: []encode.Label{{Name: "z", Value: "1"}, {Name: "trace_id", Value: "b7"}}, Value: 0.3, Timestamp: encode.UnixTimestamp(1_599_999_999, 0)}
	untimed := exemplar
	untimed.Timestamp = encode.Timestamp{}
	h := &encode.HistogramValue{Count: 3, Sum: 2.5, Buckets: []encode.Bucket{{UpperBound: 0.5, Count: 1, Exemplar: &exemplar}, {UpperBound: 1, Count: 2, Exemplar: &untimed}}}
	n := *h
	n.Native = &nativehist.Histogram{Schema: 3, ZeroThreshold: 1e-128, ZeroCount: 1, Count: 9, Sum: -4.5,
		PositiveSpans: []nativehist.Span{{Offset: -2, Length: 2}, {Offset: 3, Length: 1}}, PositiveCounts: []uint64{1, 3, 2},
		NegativeSpans: []nativehist.Span{{Offset: 0, Length: 2}}, NegativeCounts: []uint64{2, 0}}
	c := labelled(7, "b", "2", "Z", "3", "a", "1", "empty", "")
	c.Start, c.Exemplars = began, []encode.Exemplar{exemplar}
	return families{
		{Name: "c_total", Type: encode.Counter, Help: "Seven.", Unit: "things", Samples: []encode.Sample{c}},
		{Name: "g.x", Type: encode.Gauge, Samples: []encode.Sample{labelled(-1.5, "l.x", "é")}},
		{Name: "h", Type: encode.Histogram, Samples: []encode.Sample{{Histogram: h, Start: began}}},
		{Name: "i", Type: encode.Info, Samples: []encode.Sample{labelled(0, "version", "1")}},
		{Name: "m", Type: encode.StateSet, Samples: []encode.Sample{{States: []encode.State{{Name: "on", On: true}, {Name: "off"}}}}},
		{Name: "n", Type: encode.Histogram, Samples: []encode.Sample{{Histogram: &n, Start: began}}},
		{Name: "s", Type: encode.Summary, Samples: []encode.Sample{{Summary: &encode.SummaryValue{Count: 2, Sum: 3, Quantiles: []encode.Quantile{{Quantile: 0.5, Value: 1}}}}}},
		{Name: "u", Samples: []encode.Sample{labelled(5)}},
	}
}

// lines tells requests as lines, which a test can compare.
func lines(list []request) (text []string) {
	for _, r := range list {
		for _, m := range r.metadata {
			text = append(text, strings.TrimRight("META "+m, " "))
		}
		for _, s := range r.series {
			line := s.labels
			for _, sample := range s.samples {
				line += " " + sample.String()
			}
			for _, part := range slices.Concat(s.natives, s.exemplars) {
				line += " # " + part
			}
			if s.metadata != "" {
				line += " | " + s.metadata
			}
			text = append(text, strings.TrimRight(line, " "))
		}
	}
	return text
}

func compare(t *testing.T, got []string, want string) {
	t.Helper()
	wanted := strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(got), len(wanted)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(wanted) {
			w = strings.TrimSpace(wanted[i])
		}
		if g != w {
			t.Errorf("line %d is\n%s, want\n%s", i, g, w)
		}
	}
}

func TestVersion1(t *testing.T) {
	w := writer(t, all(), Options{Labels: map[string]string{"job": "j", "a": "theirs", "none": ""}})
	compare(t, lines(collect(t, w, false)), `
META c_total 1 Seven. things
META g_x 2
META h 3
META i_info 6
META m 7
META n 3
META s 5
META u
Z=3,__name__=c_total,a=1,b=2,job=j 7@1600000000000 st 0
__name__=g_x,a=theirs,job=j,l_x=é -1.5@1600000000000 st 0
__name__=h_bucket,a=theirs,job=j,le=0.5 1@1600000000000 st 0
__name__=h_bucket,a=theirs,job=j,le=1.0 2@1600000000000 st 0
__name__=h_bucket,a=theirs,job=j,le=+Inf 3@1600000000000 st 0
__name__=h_sum,a=theirs,job=j 2.5@1600000000000 st 0
__name__=h_count,a=theirs,job=j 3@1600000000000 st 0
__name__=i_info,a=theirs,job=j,version=1 1@1600000000000 st 0
__name__=m,a=theirs,job=j,m=on 1@1600000000000 st 0
__name__=m,a=theirs,job=j,m=off 0@1600000000000 st 0
__name__=n_bucket,a=theirs,job=j,le=0.5 1@1600000000000 st 0
__name__=n_bucket,a=theirs,job=j,le=1.0 2@1600000000000 st 0
__name__=n_bucket,a=theirs,job=j,le=+Inf 9@1600000000000 st 0
__name__=n_sum,a=theirs,job=j -4.5@1600000000000 st 0
__name__=n_count,a=theirs,job=j 9@1600000000000 st 0
__name__=s,a=theirs,job=j,quantile=0.5 1@1600000000000 st 0
__name__=s_sum,a=theirs,job=j 3@1600000000000 st 0
__name__=s_count,a=theirs,job=j 2@1600000000000 st 0
__name__=u,a=theirs,job=j 5@1600000000000 st 0`)
}

const nativeLine = "count 9 sum -4.5 schema 3 zero 1e-128 1 neg 0:2 = 2 0 pos -2:2 3:1 = 1 3 2 hint 0 @1600000000000 st 1500000000005"

func TestVersion2(t *testing.T) {
	w := writer(t, all(), Options{Version: Version2, Names: encode.AllowUTF8})
	compare(t, lines(collect(t, w, false)), `
Z=3,__name__=c_total,a=1,b=2 7@1600000000000 st 1500000000005 # trace_id=b7,z=1 0.3@1599999999000 | 1 Seven. things
__name__=g.x,l.x=é -1.5@1600000000000 st 0 | 2
__name__=h_bucket,le=0.5 1@1600000000000 st 1500000000005 # trace_id=b7,z=1 0.3@1599999999000 | 3
__name__=h_bucket,le=1.0 2@1600000000000 st 1500000000005 | 3
__name__=h_bucket,le=+Inf 3@1600000000000 st 1500000000005 | 3
__name__=h_sum 2.5@1600000000000 st 1500000000005 | 3
__name__=h_count 3@1600000000000 st 1500000000005 | 3
__name__=i_info,version=1 1@1600000000000 st 0 | 6
__name__=m,m=on 1@1600000000000 st 0 | 7
__name__=m,m=off 0@1600000000000 st 0 | 7
__name__=n # `+nativeLine+` # trace_id=b7,z=1 0.3@1599999999000 | 3
__name__=s,quantile=0.5 1@1600000000000 st 0 | 5
__name__=s_sum 3@1600000000000 st 0 | 5
__name__=s_count 2@1600000000000 st 0 | 5
__name__=u 5@1600000000000 st 0 | 0`)
}

// With Classic the buckets come too, and the exemplars are theirs.
func TestClassic(t *testing.T) {
	w := writer(t, all()[5:6], Options{Version: Version2, Classic: true})
	compare(t, lines(collect(t, w, false)), `
__name__=n # `+nativeLine+` | 3
__name__=n_bucket,le=0.5 1@1600000000000 st 1500000000005 # trace_id=b7,z=1 0.3@1599999999000 | 3
__name__=n_bucket,le=1.0 2@1600000000000 st 1500000000005 | 3
__name__=n_bucket,le=+Inf 9@1600000000000 st 1500000000005 | 3
__name__=n_sum -4.5@1600000000000 st 1500000000005 | 3
__name__=n_count 9@1600000000000 st 1500000000005 | 3`)
}

// A native histogram that contradicts itself goes out as its classic buckets, and one
// that may fall says so and has no start.
func TestOddNatives(t *testing.T) {
	list := all()[5:6]
	list[0].Type = encode.GaugeHistogram
	got := lines(collect(t, writer(t, list, Options{Version: Version2}), false))
	if len(got) != 1 || !strings.Contains(got[0], "hint 3 @1600000000000 st 0") {
		t.Errorf("%q", got)
	}
	list[0].Samples[0].Histogram.Native.Count++
	got = lines(collect(t, writer(t, list, Options{Version: Version2}), false))
	if len(got) != 5 || !strings.HasPrefix(got[0], "__name__=n_bucket,le=0.5 1@") {
		t.Errorf("%q", got)
	}
}

// Only what Prometheus has for that purpose marks an end; other NaNs are made one.
func TestNaN(t *testing.T) {
	for _, version := range []Version{Version1, Version2} {
		src := families{{Name: "g", Type: encode.Gauge, Samples: []encode.Sample{labelled(math.Float64frombits(staleNaN)), labelled(math.Copysign(0, -1), "a", "b")}},
			{Name: "n", Type: encode.Histogram, Samples: []encode.Sample{{Histogram: &encode.HistogramValue{Native: &nativehist.Histogram{Count: 1, Sum: math.NaN()}}}}}}
		w := writer(t, src, Options{Version: version, StaleAtEnd: true})
		s := collect(t, w, true)[0].series
		if got := s[0].samples; len(got) != 2 || got[0] != (readSample{normalNaN, now, 0}) || got[1] != (readSample{staleNaN, now + 1, 0}) {
			t.Errorf("%s: %v", version, got)
		}
		if got := s[1].samples[0]; got.bits != 1<<63 {
			t.Errorf("%s: -0 is %v", version, got)
		}
		if version == Version2 {
			compare(t, s[2].natives, `count 1 sum NaN schema 0 zero 0 0 neg = pos = hint 0 @1600000000000 st 0
				count 0 sum NaN schema 0 zero 0 0 neg = pos = hint 0 @1600000000001 st 0`)
		}
	}
}

// One push has one timestamp; the next has a later one, whatever the clock says. A
// sample's own comes first, and such a series is not marked.
func TestTimestamps(t *testing.T) {
	src := families{{Name: "g", Type: encode.Gauge, Samples: []encode.Sample{labelled(1), labelled(2, "a", "b")}}}
	src[0].Samples[1].Timestamp = encode.UnixTimestamp(-3, 0)
	w := writer(t, src, Options{StaleAtEnd: true})
	for _, want := range []string{"[1@1600000000000 st 0] [2@-3000 st 0]", "[1@1600000000001 st 0] [2@-3000 st 0]"} {
		s := collect(t, w, false)[0].series
		if got := fmt.Sprint(s[0].samples, s[1].samples); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for _, want := range []string{"[1@1600000000002 st 0 NaN@1600000000003 st 0] [2@-3000 st 0]", "[1@1600000000004 st 0 NaN@1600000000005 st 0] [2@-3000 st 0]"} {
		s := collect(t, w, true)[0].series
		if got := fmt.Sprint(s[0].samples, s[1].samples); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Each exemplar is in one push: the first after its time.
func TestExemplarsOnce(t *testing.T) {
	e := encode.Exemplar{Value: 1, Timestamp: encode.UnixTimestamp(0, 1000e6)}
	src := families{{Name: "c_total", Type: encode.Counter, Samples: []encode.Sample{{Exemplars: []encode.Exemplar{e}}}}}
	clock := int64(990)
	w := writer(t, src, Options{Version: Version2, Now: func() time.Time { return time.UnixMilli(clock) }})
	for at, want := range []int{0, 0, 1, 0, 0} { // at 990, 1000, 1010 and so on
		clock = 990 + 10*int64(at)
		if got := collect(t, w, false)[0].series[0].exemplars; len(got) != want {
			t.Errorf("at %d: %q", clock, got)
		}
	}
}

func TestStarts(t *testing.T) {
	at := func(ms int64) encode.Timestamp { return encode.UnixTimestamp(0, ms*1e6) }
	for _, c := range []struct {
		start encode.Timestamp
		timed bool
		want  int64
	}{
		{encode.Timestamp{}, false, 0}, {at(5), false, 5}, {at(0), false, 1}, {at(-5), false, -5},
		{at(1000), false, 999}, {at(2000), false, 999}, {at(2000), true, 0}, {at(999), true, 999},
		{encode.UnixTimestamp(math.MaxInt64, 0), false, 0},
	} {
		if got := start(c.start, 1000, c.timed); got != c.want {
			t.Errorf("%v, own time %v: %d, want %d", c.start, c.timed, got, c.want)
		}
	}
}

// A label that is there twice costs its sample, and is counted.
func TestBadLabels(t *testing.T) {
	src := families{{Name: "g", Type: encode.Gauge, Samples: []encode.Sample{labelled(1, "a.b", "1", "a_b", "2"), labelled(2, "a", "b")}},
		{Name: "n", Type: encode.Histogram, Samples: []encode.Sample{{Labels: []encode.Label{{Name: "", Value: "1"}},
			Histogram: &encode.HistogramValue{Native: &nativehist.Histogram{}}}}},
		{Name: "\xff", Type: encode.Gauge, Samples: []encode.Sample{labelled(1)}}}
	w := writer(t, src, Options{Version: Version2})
	compare(t, lines(collect(t, w, false)), "__name__=g,a=b 2@1600000000000 st 0 | 2")
	if n := w.Stats().Invalid; n == 0 {
		t.Error("not counted")
	}
}

// Requests have at most so many samples, and each is whole.
func TestMaxSamples(t *testing.T) {
	src := families{{Name: "g", Type: encode.Gauge, Help: "Help."}}
	for i := range 25 {
		src[0].Samples = append(src[0].Samples, labelled(float64(i), "i", fmt.Sprint(i)))
	}
	for _, version := range []Version{Version1, Version2} {
		list := collect(t, writer(t, src, Options{Version: version, MaxSamples: 10}), false)
		if len(list) != 3 || len(list[0].series) != 10 || len(list[2].series) != 5 {
			t.Fatalf("%s: %d requests", version, len(list))
		}
		for i, r := range list {
			if version == Version2 && r.series[0].metadata != "2 Help. " || version == Version1 && len(r.metadata) != map[int]int{0: 1}[i] {
				t.Errorf("%s: metadata of request %d: %q %q", version, i, r.metadata, r.series[0].metadata)
			}
		}
		for i := range 25 {
			if got := list[i/10].series[i%10]; got.labels != fmt.Sprintf("__name__=g,i=%d", i) {
				t.Errorf("%s: %s", version, got.labels)
			}
		}
	}
}

// A large message is sent before it has all its samples.
func TestMaxMessage(t *testing.T) {
	src := families{{Name: "g", Type: encode.Gauge}}
	for i := range 100 {
		src[0].Samples = append(src[0].Samples, labelled(1, "i", fmt.Sprint(i)+strings.Repeat("x", 100_000)))
	}
	for _, version := range []Version{Version1, Version2} {
		if list := collect(t, writer(t, src, Options{Version: version}), false); len(list) != 5 {
			t.Errorf("%s: %d requests for 10 MB", version, len(list))
		}
	}
}

type failing struct{ families }

func (f failing) Gather(ctx context.Context, each func(*encode.Family) error) error {
	return errors.Join(f.families.Gather(ctx, each), errors.New("collector failed"))
}

// What there is goes out though a collector failed.
func TestCollectorFails(t *testing.T) {
	n := 0
	err := writer(t, failing{all()}, Options{}).gather(t.Context(), false, func(b outbox.Batch) { n += b.Samples })
	if n != 19 || err == nil || !strings.Contains(err.Error(), "collector failed") {
		t.Error(n, err)
	}
}

// Nothing there is means no request.
func TestEmpty(t *testing.T) {
	if list := collect(t, writer(t, families{}, Options{}), true); len(list) != 0 {
		t.Error(list)
	}
}

// Both versions say the same of any strings and numbers, with sorted labels and valid
// UTF-8.
func FuzzRequests(f *testing.F) {
	f.Add("g", "a", "b", "c", "d", 1.5, int64(7))
	f.Add("g.x", "é", "\xff", "Z", "", math.Inf(1), int64(-1))
	f.Add("h", "__name__", "x", "a.b", "y", math.NaN(), int64(0))
	f.Fuzz(func(t *testing.T, name, a, av, b, bv string, v float64, at int64) {
		fam := encode.Family{Name: name, Type: encode.Gauge, Help: av, Samples: []encode.Sample{labelled(v, a, av, b, bv)}}
		fam.Samples[0].Timestamp = encode.UnixTimestamp(at, at)
		var texts [2][]string
		for _, version := range []Version{Version1, Version2} {
			list := collect(t, writer(t, families{fam}, Options{Version: version, Labels: map[string]string{"job": "j"}}), false)
			for _, r := range list {
				for _, s := range r.series {
					if strings.ToValidUTF8(s.labels, "") != s.labels {
						t.Errorf("%q is not UTF-8", s.labels)
					}
					texts[version] = append(texts[version], fmt.Sprint(s.labels, s.samples))
				}
			}
		}
		if !slices.Equal(texts[0], texts[1]) {
			t.Errorf("%q and %q", texts[0], texts[1])
		}
	})
}
