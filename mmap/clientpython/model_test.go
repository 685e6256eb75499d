package clientpython

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// model is client_python's merge, written down as plainly as can be, from its
// description: it knows neither archives nor dead files, takes names apart as
// client_python does, and does one thing after the other. What it reads is what
// client_python would say of a folder.
type model struct {
	types map[string]string
	modes map[string]string
	list  map[string][]modelSample // by family
}

type modelSample struct {
	name         string
	labels       map[string]string
	value, stamp float64
}

func modelOf(t testing.TB, dir string) values {
	t.Helper()
	m := model{map[string]string{}, map[string]string{}, map[string][]modelSample{}}
	paths, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		m.read(t, filepath.Base(p), data)
	}
	v := values{}
	for family := range m.list {
		m.merge(family, v)
	}
	return v
}

func (m *model) read(t testing.TB, name string, data []byte) {
	entries, err := Decode(data)
	if err != nil {
		t.Fatal(name, err)
	}
	parts := strings.Split(name, "_")
	for _, e := range entries {
		var key []json.RawMessage
		var family string
		s := modelSample{value: e.Value, stamp: e.Timestamp}
		for i, into := range []any{&key, &family, &s.name, &s.labels} {
			from := json.RawMessage(e.Key)
			if i > 0 {
				from = key[i-1]
			}
			if err := json.Unmarshal(from, into); err != nil {
				t.Fatal(name, e.Key, err)
			}
		}
		if m.types[family] == "" {
			m.types[family] = parts[0]
		}
		if parts[0] == "gauge" {
			m.modes[family] = parts[1]
			s.labels["pid"] = parts[2][:len(parts[2])-3]
		}
		m.list[family] = append(m.list[family], s)
	}
}

func (m *model) merge(family string, v values) {
	newest := values{}
	groups := map[string]map[string]string{}
	buckets := map[string]map[float64]float64{}
	for _, s := range m.list[family] {
		mode := m.modes[family]
		if m.types[family] == "gauge" && mode != "all" && mode != "liveall" {
			delete(s.labels, "pid")
		}
		le, isBucket := s.labels["le"]
		if isBucket && m.types[family] == "histogram" {
			delete(s.labels, "le")
			group := sampleName("", s.labels)
			if buckets[group] == nil {
				groups[group], buckets[group] = s.labels, map[float64]float64{}
			}
			bound, _ := strconv.ParseFloat(le, 64)
			buckets[group][bound] += s.value
			continue
		}
		name := sampleName(s.name, s.labels)
		old, seen := v[name]
		switch strings.TrimPrefix(mode, "live") {
		case "min":
			if !seen || s.value < old {
				v[name] = s.value
			}
		case "max":
			if !seen || s.value > old {
				v[name] = s.value
			}
		case "mostrecent":
			if s.stamp > newest[name] {
				newest[name], v[name] = s.stamp, s.value
			}
		case "all":
			v[name] = s.value
		default:
			v[name] = old + s.value
		}
	}
	for group, counts := range buckets {
		bounds, sum := []float64{}, 0.0
		for b := range counts {
			bounds = append(bounds, b)
		}
		slices.Sort(bounds)
		for _, b := range bounds {
			sum += counts[b]
			groups[group]["le"] = boundText(b)
			v[sampleName(family+"_bucket", groups[group])] = sum
		}
		delete(groups[group], "le")
		v[sampleName(family+"_count", groups[group])] = sum
	}
}

// populate fills a folder as processes would that have all kinds of metrics. Values are
// multiples of 1/8, whose sums are exact in any order.
func populate(t testing.TB, r *rand.Rand, dir string, processes, series int, n numbers) {
	eighths := func() float64 { return float64(r.IntN(1<<20)-1<<19) / 8 }
	for p := range processes {
		pid := strconv.Itoa(1000 + p)
		write := func(prefix string, entries ...Entry) {
			if len(entries) > 0 && r.IntN(8) > 0 {
				put(t, dir, prefix+"_"+pid+".db", fileOf(n, entries...))
			}
		}
		var counters, summaries, histograms []Entry
		for s := range r.IntN(series + 1) {
			l := strconv.Itoa(s)
			counters = append(counters, Entry{Key: keyOf("requests", "_total", "path", "/"+l), Value: math.Abs(eighths())})
			summaries = append(summaries,
				Entry{Key: keyOf("size", "_count", "z", l), Value: float64(r.IntN(100))},
				Entry{Key: keyOf("size", "_sum", "z", l), Value: eighths()})
			histograms = append(histograms, Entry{Key: keyOf("wait", "_sum", "v", l), Value: eighths()})
			for _, le := range []string{"0.1", "2.5", "1e+06", "+Inf"} {
				histograms = append(histograms, Entry{Key: keyOf("wait", "_bucket", "le", le, "v", l), Value: float64(r.IntN(9))})
			}
		}
		write("counter", counters...)
		write("summary", summaries...)
		write("histogram", histograms...)
		for m := All; m < numModes; m++ {
			if n == valueOnly && m.rule() == MostRecent {
				continue
			}
			var gauges []Entry
			for s := range r.IntN(series + 1) {
				e := Entry{Key: keyOf("g_"+m.String(), "", "s", strconv.Itoa(s)), Value: eighths()}
				if m.rule() == MostRecent {
					e.Timestamp = 1 + float64(r.IntN(1<<30))
				}
				gauges = append(gauges, e)
			}
			write("gauge_"+m.String(), gauges...)
		}
	}
}

// TestMergeAgreesWithTheModel compares merges of many folders with client_python's way
// of merging them.
func TestMergeAgreesWithTheModel(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		dir := t.TempDir()
		n := []numbers{valueOnly, withStamp}[seed%2]
		populate(t, r, dir, 1+r.IntN(12), r.IntN(9), n)
		same(t, fmt.Sprint("seed ", seed), scan(t, dir), modelOf(t, dir))
	}
}

// TestOrderOfFilesIsNothing shuffles files; fractions of ten would show it.
func TestOrderOfFilesIsNothing(t *testing.T) {
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		putEntries(t, dir, fmt.Sprintf("counter_%d.db", i), counterOf(0.1*float64(r.IntN(1000))))
	}
	paths, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := Merge(paths, true)
	for range 50 {
		r.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		got, errs := Merge(paths, true)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		same(t, "shuffled", flat(got), flat(want))
	}
}
