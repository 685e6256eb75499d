//go:build linux || darwin || freebsd

package mmap

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// modelProcess is a process as the model has it, and a real store that it records in.
type modelProcess struct {
	store *Store
	alive bool

	requests *engine.Counter
	seconds  *engine.Histogram
	busy     *engine.UpDown
	gauges   map[descriptor.Mode]*engine.Gauge

	count, observed uint64
	fraction, sum   float64
	inFlight        int64
	values          map[descriptor.Mode]float64
	set             map[descriptor.Mode]int // when, in steps; 0 is never
}

func newModelProcess(t *testing.T, dir string) *modelProcess {
	t.Helper()
	s := openStore(t, dir, Options{})
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: s})
	p := &modelProcess{store: s, alive: true, gauges: map[descriptor.Mode]*engine.Gauge{}, values: map[descriptor.Mode]float64{}, set: map[descriptor.Mode]int{}}
	var errs [3]error
	p.requests, errs[0] = engine.NewCounter(reg, engine.Opts{Name: "requests_total"})
	p.seconds, errs[1] = engine.NewHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "seconds"}, Buckets: []float64{1, 2}})
	p.busy, errs[2] = engine.NewUpDown(reg, engine.Opts{Name: "busy", Mode: descriptor.Sum})
	err := errors.Join(errs[:]...)
	for m := descriptor.LiveAll; m < descriptor.Modes; m++ {
		g, e := engine.NewGauge(reg, engine.Opts{Name: "g_" + m.String(), Mode: m})
		p.gauges[m], err = g, errors.Join(err, e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// act does something to the process.
func (p *modelProcess) act(r *rand.Rand, step int) {
	switch r.IntN(6) {
	case 0:
		n := r.Uint64N(5)
		p.requests.Add(n)
		p.count += n
	case 1:
		v := float64(r.IntN(8)) / 8
		p.requests.AddFloat(v)
		p.fraction += v
	case 2:
		v := float64(r.IntN(12)) / 4
		p.seconds.Observe(v)
		p.observed++
		p.sum += v
	case 3:
		d := int64(r.IntN(7)) - 3
		p.busy.Add(d)
		p.inFlight += d
	default:
		m := descriptor.LiveAll + descriptor.Mode(r.IntN(10))
		v := float64(r.IntN(100) - 50)
		p.gauges[m].Set(v)
		p.values[m], p.set[m] = v, step
	}
}

// wantModel is what all processes come to.
func wantModel(all []*modelProcess) map[string]float64 {
	want := map[string]float64{}
	for _, p := range all {
		want["requests_total"] += float64(p.count) + p.fraction
		want["seconds_count"] += float64(p.observed)
		want["seconds_sum"] += p.sum
		want["busy"] += float64(p.inFlight)
	}
	for m := descriptor.LiveSum; m < descriptor.Modes; m++ {
		name, newest := "g_"+m.String(), -1
		for _, p := range all {
			if m.Live() && !p.alive {
				continue
			}
			v, old := p.values[m], want[name]
			_, met := want[name]
			switch m {
			case descriptor.LiveSum, descriptor.Sum:
				want[name] = old + v
			case descriptor.LiveMin, descriptor.Min:
				if !met || v < old {
					want[name] = v
				}
			case descriptor.LiveMax, descriptor.Max:
				if !met || v > old {
					want[name] = v
				}
			case descriptor.LiveRecent, descriptor.MostRecent:
				if p.set[m] > newest {
					want[name], newest = v, p.set[m]
				}
			}
		}
	}
	return want
}

// samplesOf reads an exposition: values by series.
func samplesOf(t *testing.T, text string) map[string]float64 {
	t.Helper()
	samples := map[string]float64{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			t.Fatal(err)
		}
		samples[line[:at]] = v
	}
	return samples
}

// Processes come, record, die and are folded at random; what a collector that has been
// there all the time sees, and what one sees that comes anew, is what a model of
// a few maps says.
func TestModel(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 9))
		dir := memoryDir(t)
		c, err := NewCollector(dir, CollectorOptions{FoldAfter: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var all []*modelProcess
		for step := 1; step <= 300; step++ {
			switch n := r.IntN(60); {
			case n == 0 && len(all) < 12 || len(all) == 0:
				all = append(all, newModelProcess(t, dir))
			case n == 1:
				p := all[r.IntN(len(all))]
				if p.alive {
					p.store.Close()
				}
				p.alive = false
			case n == 2:
				if _, err := Compact(dir, CompactOptions{}); err != nil {
					t.Fatal(err)
				}
			default:
				if p := all[r.IntN(len(all))]; p.alive {
					p.act(r, step)
				}
			}
			if step%5 == 0 {
				checkModel(t, fmt.Sprintf("seed %d, step %d", seed, step), scrape(t, c), all)
			}
			if step%50 == 0 {
				families, err := MergeDir(dir, true)
				if err != nil {
					t.Fatal(err)
				}
				checkModel(t, "anew", text(families), all)
			}
		}
	}
}

func checkModel(t *testing.T, when, exposition string, all []*modelProcess) {
	t.Helper()
	got := samplesOf(t, exposition)
	want := wantModel(all)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if math.Abs(got[name]-want[name]) > 1e-9 {
			t.Errorf("%s: %s is %v, want %v", when, name, got[name], want[name])
		}
	}
	living := 0
	for _, p := range all {
		if p.alive {
			living++
		}
	}
	for name := range got {
		if strings.HasPrefix(name, "g_liveall{") {
			living--
		} else if _, ok := want[name]; strings.HasPrefix(name, "g_live") && !ok {
			t.Errorf("%s: %s is there, and nobody lives", when, name)
		}
	}
	if living != 0 {
		t.Errorf("%s: %d too few series of g_liveall", when, living)
	}
	if t.Failed() {
		t.FailNow()
	}
}

// A registry that records in a file, read by a collector, is exposed as it is by itself.
func TestReadsWhatAStoreHolds(t *testing.T) {
	dir := memoryDir(t)
	s := openStore(t, dir, Options{})
	reg := engine.NewRegistryWith(engine.RegistryOptions{Store: s})
	c, err := NewCollector(dir, CollectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	counters, err := engine.NewStringCounterVec(reg, engine.Opts{Name: "r_total", Help: "Requests."}, "code")
	if err != nil {
		t.Fatal(err)
	}
	classic, err := engine.NewHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "classic"}, Buckets: []float64{.5, 1}})
	if err != nil {
		t.Fatal(err)
	}
	native, err := engine.NewHistogram(reg, engine.HistogramOpts{Opts: engine.Opts{Name: "native"}, Native: engine.NativeOpts{Factor: 1.1}, Buckets: []float64{.5, 1}})
	if err != nil {
		t.Fatal(err)
	}
	level, err := engine.NewGauge(reg, engine.Opts{Name: "level", Mode: descriptor.Max})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	compare := func(when string) {
		t.Helper()
		for _, format := range []engine.Format{{}, {Syntax: encode.OpenMetrics200}} {
			own, read := linesAbout(reg, format), linesAbout(withCollector(c), format)
			if own != read {
				t.Fatalf("%s: itself:\n%s\nread from the file:\n%s", when, own, read)
			}
		}
	}
	for round := range 30 {
		for i := range 40 {
			counters.With(fmt.Sprint(200 + i%(round+1))).AddFloat(float64(i%3) / 2)
			classic.Observe(math.Exp(r.NormFloat64()))
			native.Observe(math.Exp(4 * r.NormFloat64()))
			level.Set(r.Float64())
		}
		if round%7 == 6 {
			counters.Delete("200")
		}
		compare(fmt.Sprint("round ", round))
	}
	s.Close()
	compare("closed")
	if _, err := Compact(dir, CompactOptions{}); err != nil {
		t.Fatal(err)
	}
	compare("folded")
}

func withCollector(c *Collector) *engine.Registry {
	reg := engine.NewRegistry()
	reg.MustRegister(c)
	return reg
}

// linesAbout returns the samples of an exposition that are not pawl's own, without what
// differs on the way: sums, which have been added up in another order, and that plain data
// have no whole numbers.
func linesAbout(reg *engine.Registry, format engine.Format) string {
	var b strings.Builder
	for line := range strings.Lines(string(reg.AppendExposition(nil, engine.ExpositionOptions{Format: format}))) {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "pawl_") || strings.Contains(line, "_sum") {
			continue
		}
		b.WriteString(strings.Replace(sumOf.ReplaceAllString(line, "sum:,"), ".0 ", " ", 1))
	}
	return b.String()
}

var sumOf = regexp.MustCompile("sum:[^,]*,")
