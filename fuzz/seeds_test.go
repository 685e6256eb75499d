package fuzz

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// program writes what Source and World read: a seed by its meaning, so that seeds
// keep theirs when the pools grow.
type program struct{ bytes []byte }

// seed starts a program on a registry with memory of its own.
func seed() *program { return new(program).put(0) }

// scarceSeed starts one on a store that gives cells so many times.
func scarceSeed(cells int) *program { return new(program).put(0xe0 | byte(cells)) }

func (p *program) put(b ...byte) *program {
	p.bytes = append(p.bytes, b...)
	return p
}

func (p *program) word(w uint64) *program {
	p.bytes = binary.LittleEndian.AppendUint64(p.bytes, w)
	return p
}

func (p *program) text(s string) *program {
	if i := slices.Index(texts, s); i >= 0 {
		return p.put(byte(i))
	}
	if len(s) >= 64 {
		panic("too long for a seed: " + s)
	}
	return p.put(0x90 + byte(len(s))).put([]byte(s)...)
}

// long puts s, 3<<2*size times.
func (p *program) long(s string, size int) *program { return p.put(0xf8 | byte(size)).text(s) }

func (p *program) name(s string) *program {
	for i, base := range names {
		for j, suffix := range suffixes {
			if base+suffix == s {
				return p.put(byte(i + j*len(names)))
			}
		}
	}
	return p.put(0xc8).odd(oddNames, s)
}

func (p *program) labelName(s string) *program {
	if i := slices.Index(labelNames, s); i >= 0 {
		return p.put(byte(i))
	}
	return p.put(0xc0).odd(oddLabelNames, s)
}

func (p *program) odd(list []string, s string) *program {
	if i := slices.Index(list, s); i >= 0 {
		return p.put(byte(i))
	}
	return p.put(byte(len(list))).text(s)
}

func (p *program) uint(n uint64) *program {
	if i := slices.Index(uints, n); i >= 0 {
		return p.put(byte(i))
	}
	return p.put(byte(len(uints))).word(n).put(0)
}

func (p *program) float(v float64) *program {
	for i, f := range floats {
		if math.Float64bits(f) == math.Float64bits(v) {
			return p.put(byte(i))
		}
	}
	return p.put(byte(3*len(floats) | 1)).word(math.Float64bits(v))
}

// family is the head of a registration.
type head struct {
	kind   Kind
	name   string
	help   string
	unit   string
	consts []string // name, value, name, value
	bounds int      // which of the pool
	native int      // which of its pool
}

func (p *program) head(h head) *program {
	p.put(0, byte(h.kind)).name(h.name)
	switch {
	case h.unit != "":
		p.put(0xf0).text(h.help).put(byte(slices.Index(units, h.unit)))
	case h.help != "":
		p.put(0x80).text(h.help)
	default:
		p.put(0)
	}
	p.put(byte(0x80 | len(h.consts)/2))
	for i := 0; i < len(h.consts); i += 2 {
		p.labelName(h.consts[i]).text(h.consts[i+1])
	}
	if h.kind == Histogram {
		p.put(byte(h.bounds), nativeByte(h.native))
	}
	return p
}

// nativeByte is the one that chooses native options.
func nativeByte(i int) byte {
	for b := 0x80; i > 0; b++ {
		if b%len(natives) == i {
			return byte(b)
		}
	}
	return 0
}

func (p *program) single(h head) *program { return p.head(h).put(0) }

func (p *program) strings(h head, labels ...string) *program {
	p.head(h).put(0x50 | byte(slices.Index(labelCounts[:], len(labels))))
	for _, l := range labels {
		p.labelName(l)
	}
	return p
}

func (p *program) structs(h head, goType string) *program {
	i := slices.IndexFunc(structs, func(s labelStruct) bool { return s.goType == goType })
	for b := 0xc0; ; b++ {
		if b%len(structs) == i {
			return p.head(h).put(byte(b))
		}
	}
}

// on starts a command on a vec: its values, in the right number, are to follow.
func (p *program) on(op byte, vec int) *program { return p.put(op, byte(vec), 0) }

func (p *program) with(vec int, values ...string) *program   { return p.on(2, vec).values(values) }
func (p *program) delete(vec int, values ...string) *program { return p.on(6, vec).values(values) }

func (p *program) values(list []string) *program {
	for _, v := range list {
		p.text(v)
	}
	return p
}

// miscounted is With or Lookup on a wrong number of labels.
func (p *program) miscounted(op byte, vec int, values ...string) *program {
	return p.put(op, byte(vec), 0xf0|byte(len(values))).values(values)
}

func (p *program) withRequest(vec int, method string, status uint64) *program {
	return p.put(2, byte(vec)).text(method).uint(status).put(1)
}

func (p *program) withTagged(vec int, who string, lvl byte, n uint64) *program {
	return p.put(2, byte(vec)).text(who).put(lvl).uint(n)
}

func (p *program) reset(vec int) *program { return p.put(7, byte(vec)) }
func (p *program) scrape() *program       { return p.put(10) }

func (p *program) change(callback int, v float64, panics bool) *program {
	p.put(9, byte(callback))
	if panics {
		p.put(7)
	} else {
		p.put(0)
	}
	return p.float(v)
}

func (p *program) record(handle int, op byte) *program { return p.put(11, byte(handle), op) }
func (p *program) inc(handle int) *program             { return p.record(handle, 0) }
func (p *program) observe(handle int, v float64) *program {
	return p.put(11, byte(handle)).float(v).put(0)
}

// exemplify records v with an exemplar.
func (p *program) exemplify(k Kind, handle int, v float64, labels ...string) *program {
	if k == Counter {
		p.record(handle, 3).float(v)
	} else {
		p.put(11, byte(handle)).float(v).put(0xe0)
	}
	p.put(byte(len(labels) / 2))
	for i := 0; i < len(labels); i += 2 {
		p.labelName(labels[i]).text(labels[i+1])
	}
	return p
}

// touch records v, or something, on a handle of any kind.
func (p *program) touch(k Kind, handle int, v float64) *program {
	switch k {
	case Counter:
		return p.record(handle, 2).float(v)
	case Gauge:
		return p.record(handle, 1).float(v)
	case UpDown:
		return p.record(handle, 1)
	}
	return p.observe(handle, v)
}

// textSeeds covers what FuzzText knows of, so that fuzzing starts from there.
func textSeeds() []*program {
	list := []*program{
		{}, seed(), everything(), numbers(), callbacks(), shortOfCells(), sharedFamily(),
		lifeAndDeath(), structLabels(), moreStructs(), manyLabels(), wrongCounts(), order(), longValues(), longest(), manySeries(),
	}
	for i := range bounds {
		list = append(list, histogram(i))
	}
	for i := range natives {
		list = append(list, native(i))
	}
	list = append(list, exemplars(), oddSpellings())
	for cells := range 16 {
		list = append(list, filedExemplars(cells))
	}
	return append(append(list, hostile()...), refusals()...)
}

// native is one of the options alone, and with classic buckets beside.
func native(i int) *program {
	p := seed().single(head{kind: Histogram, name: "x", native: i}).
		single(head{kind: Histogram, name: "x.y_seconds", unit: "seconds", bounds: 2, native: i})
	for j, v := range floats {
		p.observe(0, v).observe(1, v).exemplify(Histogram, j%2, v, "a", texts[j])
	}
	for _, v := range []float64{0.3, 1e-5, 123456.789} {
		p.put(11, 0).float(v).put(0xd0).put(11, 1).float(v).put(0xd0)
	}
	return p.observe(0, 0.5).observe(1, 1<<53)
}

// exemplars of all sorts, on all that can have them.
func exemplars() *program {
	p := seed().single(head{kind: Counter, name: "x_total"}).single(head{kind: Counter, name: "y"}).
		single(head{kind: Histogram, name: "x.y", bounds: 3})
	for i, t := range texts {
		k := []Kind{Counter, Counter, Histogram}[i%3]
		p.exemplify(k, i%3, floats[i%len(floats)], "a", t, "b", "1")
	}
	for _, n := range oddLabelNames {
		p.exemplify(Counter, 0, 1, n, "a").exemplify(Histogram, 2, 1, "a", "b", n, "a")
	}
	return p.exemplify(Counter, 0, 0).exemplify(Counter, 1, 1, "a.b", "1", "a_b", "2").exemplify(Counter, 0, -1).exemplify(Histogram, 2, 0.5)
}

// oddSpellings registers whatever name there is, as a counter or as a histogram.
func oddSpellings() *program {
	p := seed()
	for i, n := range append(append([]string{}, oddNames...), "x", "x_total") {
		k := []Kind{Counter, Histogram, Gauge}[i%3]
		p.strings(head{kind: k, name: n, bounds: 1}, "a", oddLabelNames[i%len(oddLabelNames)])
	}
	for i := range 24 {
		p.with(i, "1", "2").touch(Counter, i, 0.5)
	}
	return p
}

func everything() *program {
	p := seed()
	for _, k := range kinds {
		p.single(head{kind: k, name: names[k], help: "é"})
	}
	p.inc(0).record(1, 0).float(-2.5).record(1, 4).record(2, 1).record(2, 2).record(2, 3).observe(3, 0.3)
	return p.change(0, 0.5, false).change(1, math.NaN(), false)
}

// numbers sets a gauge to, and adds to a counter and a histogram, all there are.
func numbers() *program {
	p := seed().single(head{kind: Gauge, name: "x"}).single(head{kind: Counter, name: "y"}).
		single(head{kind: Histogram, name: "a:b"}).single(head{kind: UpDown, name: "Z9"}).single(head{kind: Counter, name: "_"})
	for _, v := range floats {
		p.record(0, 0).float(v).scrape().record(1, 2).float(v).observe(2, v)
	}
	for _, n := range uints {
		p.record(4, 1).uint(n).scrape().record(3, 0).uint(n).record(1, 1).uint(n)
	}
	return p
}

// hostile is one program for each text: as a label's value, a const label's value,
// a help text.
func hostile() (list []*program) {
	for _, t := range texts {
		p := seed().strings(head{kind: Counter, name: "x_total", consts: []string{"b", t}}, "c", "a").
			strings(head{kind: Histogram, name: "y"}, "a").single(head{kind: Gauge, name: "_", help: t})
		list = append(list, p.with(0, t, t).inc(1).with(0, t, "a").with(0, "", t).inc(3).with(1, t).observe(4, 1))
	}
	return list
}

func histogram(bounds int) *program {
	p := seed().single(head{kind: Histogram, name: "x", bounds: bounds}).
		strings(head{kind: Histogram, name: "y_seconds", unit: "seconds", help: "a", bounds: bounds}, "a", "z9").
		with(0, "", "\n").with(0, "b", "a")
	for _, v := range floats {
		p.observe(0, v).observe(1, v)
	}
	return p.put(11, 2).float(0).put(0xf0).uint(1_000_000)
}

func callbacks() *program {
	p := seed()
	for i, k := range []Kind{CounterFunc, GaugeFunc, CounterFunc, CounterFunc} {
		p.single(head{kind: k, name: names[i], consts: []string{"a", "1"}})
	}
	p.single(head{kind: CounterFunc, name: "x", consts: []string{"a", "b"}}).put(0, byte(GaugeFunc)).name("_").put(0, 0, 0xff)
	for i, v := range []float64{math.NaN(), -1, math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 1 << 53} {
		p.change(0, v, false).change(1, v, false).change(4, v, false).scrape().
			change(i%5, 1, true).scrape().scrape().change(i%5, 2, false)
	}
	return p.change(2, 0, true).change(0, math.NaN(), false)
}

// shortOfCells has cells for five, and then asks for more of everything.
func shortOfCells() *program {
	p := scarceSeed(5).single(head{kind: Counter, name: "y_total", consts: []string{"a", ""}}).touch(Counter, 0, 0.5).
		single(head{kind: Counter, name: "x"}).touch(Counter, 1, 1).
		strings(head{kind: Counter, name: "y"}, "a").with(0, "a").touch(Counter, 2, 0.1)
	short := []Kind{Counter, Histogram, UpDown, Gauge}
	for i, k := range short[1:] {
		p.strings(head{kind: k, name: names[i+4]}, "a")
	}
	for v, k := range short {
		for _, value := range []string{"b", "c", "b"} {
			p.with(v, value)
		}
		for h := range 3 {
			p.touch(k, 3+3*v+h, 0.3).touch(k, 3+3*v+h, math.NaN())
		}
	}
	p.touch(Counter, 1, 0.5) // no cell for the fraction
	for range 2 {            // what fails must leave no trace, and what is there already must stay
		p.single(head{kind: UpDown, name: "x_seconds", consts: []string{"a", "b"}}).scrape()
		p.single(head{kind: Counter, name: "y_total", consts: []string{"a", "b"}}).scrape()
	}
	return p.single(head{kind: Counter, name: "x_total"}).single(head{kind: Gauge, name: "x_total"}).
		single(head{kind: Histogram, name: "y_seconds"}).single(head{kind: Gauge, name: "y_seconds"})
}

// filedExemplars asks a store for room for exemplars, for larger ones and for those
// of dropped series, and then shows how much was left.
func filedExemplars(cells int) *program {
	p := scarceSeed(cells).strings(head{kind: Counter, name: "x_total"}, "a").
		strings(head{kind: Histogram, name: "y", bounds: 1}, "a").strings(head{kind: Gauge, name: "_"}, "a").
		with(0, "a").with(1, "a").with(0, "b").with(1, "b")
	for _, n := range []int{0, 1, 40, 63} {
		for h, k := range []Kind{Counter, Histogram} {
			p.exemplify(k, h, 1, "a", strings.Repeat("é", n/2), "b", strings.Repeat("é", n/2)).exemplify(k, h, 1, "a", "\xff").exemplify(k, h, math.NaN(), "a", "b")
		}
	}
	p.exemplify(Histogram, 1, math.Inf(1)).exemplify(Counter, 0, 0.5).exemplify(Counter, 0, 0.5)
	p.delete(0, "a").delete(1, "a").reset(0).reset(1)
	for h, k := range []Kind{Counter, Histogram, Counter, Histogram} { // which take no more
		p.exemplify(k, h, 0.5, "a", strings.Repeat("a", 60), "b", strings.Repeat("b", 60))
	}
	for i, v := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"} {
		p.with(2, v).touch(Gauge, 4+i, 1)
	}
	return p
}

func sharedFamily() *program {
	p := seed()
	for _, v := range []string{"", "a", "b", `"`, "a"} {
		p.strings(head{kind: Counter, name: "x_total", help: "a", consts: []string{"b", v}}, "c", "a")
	}
	for v := range 4 {
		p.with(v, "b", "a").with(v, "a", "b").inc(2 * v).inc(2*v + 1)
	}
	return p.scrape().reset(1).delete(2, "a", "b").scrape().with(1, "", "")
}

func lifeAndDeath() *program {
	p := seed()
	for i, k := range kinds[:4] {
		p.strings(head{kind: k, name: names[i]}, "a")
	}
	for v, k := range kinds[:4] {
		p.with(v, "a").touch(k, 3*v, 0.5).with(v, "b").scrape().delete(v, "a").touch(k, 3*v, 0.5).touch(k, 3*v, math.NaN()).
			scrape().delete(v, "a").with(v, "a").touch(k, 3*v+2, 1).scrape().reset(v).touch(k, 3*v+2, 1).scrape()
	}
	return p.with(0, "a").with(0, "\xff").with(0, "\uFFFD").delete(0, "\xfe").touch(Counter, 13, 1)
}

func structLabels() *program {
	p := seed().structs(head{kind: Counter, name: "x_total", consts: []string{"job", "a"}}, "request").
		structs(head{kind: Histogram, name: "y"}, "tagged").structs(head{kind: Gauge, name: "_"}, "bounded").
		structs(head{kind: Histogram, name: "Z9"}, "bounded")
	for i, bad := range []string{"repeated", "misnamed", "measured", "struct{}", "string"} {
		p.structs(head{kind: Kind(i % 4), name: "a:b"}, bad)
	}
	p.withRequest(0, "GET", 200).inc(0).withRequest(0, "\xff", math.MaxUint64).withRequest(0, "\xfe", math.MaxUint64)
	p.withTagged(1, "GET", 4, 1).withTagged(1, "get", 5, 1).withTagged(1, "/users", 255, 0).observe(3, 1).observe(4, 2)
	p.put(6, 1).text("gEt").put(7).uint(1).withRequest(0, "GET", 200)
	return p.put(2, 2).text("1").put(2, 2).text("+Inf").record(6, 0).float(2)
}

// moreStructs looks series up again, by labels that are alike.
func moreStructs() *program {
	p := scarceSeed(18).structs(head{kind: Counter, name: "x_total"}, "triple").structs(head{kind: UpDown, name: "y"}, "wide").
		structs(head{kind: Histogram, name: "x_total"}, "triple").structs(head{kind: Histogram, name: "_", bounds: 9}, "triple")
	for range 2 {
		for _, s := range []string{"", "a", "ab", "ba", "abcd", "abce", "abcdefgh", "abcdefgi", "0123456789abcdefg", "0123456789abcdefh"} {
			p.put(2, 0).values([]string{"a", s, ""}).put(2, 0).values([]string{s, "a", "b"})
			p.put(2, 1).text(s).uint(255).text("b").put(255)
		}
	}
	return p.put(6, 0).values([]string{"a", "abce", ""}).scrape()
}

// manyLabels has more of them than most families.
func manyLabels() *program {
	p := seed().strings(head{kind: Gauge, name: "x"}, labelNames[:9]...)
	return p.with(0, texts[:9]...).with(0, texts[9:18]...).record(0, 2).float(0.1)
}

func wrongCounts() *program {
	p := seed()
	for i, k := range kinds[:4] {
		p.strings(head{kind: k, name: names[i]}, "a", "b")
	}
	for v, k := range kinds[:4] {
		p.miscounted(2, v).miscounted(2, v, "a", "b", "c").miscounted(8, v, "\xff", "a", "b").miscounted(6, v)
		for _, value := range []float64{1, 0, -1, math.NaN(), 0.5} {
			p.touch(k, 2*v, value).touch(k, 2*v+1, value)
		}
	}
	return p.strings(head{kind: Gauge, name: "a:b"}).put(2, 4)
}

// order has label values whose escaped forms sort unlike themselves.
func order() *program {
	p := seed().strings(head{kind: Gauge, name: "x"}, "b", "a")
	for _, v := range []string{"a", `a"`, `a\`, "a\n", "a!", "a#", "", `\`, `\\`, `\n`, "\n", `"`, "!", "]", "[", "n", "o", "a\x00", "é"} {
		p.with(0, "a", v).with(0, v, "").scrape()
	}
	return p
}

// longValues has values longer than a chunk of WriteText, and help, and many lines.
func longValues() *program {
	p := seed().head(head{kind: Histogram, name: "x"}).put(0x51).labelName("a").
		put(0, byte(Counter)).name("y").put(0x80).long("\n", 6).put(0x81).labelName("b").long(`"`, 5).put(0x51).labelName("a")
	p.on(2, 0).long("日本語", 5).on(2, 0).long(`\`, 6).on(2, 1).long("\xff", 4).on(2, 1).long("ab", 1)
	return p.observe(0, 1).observe(1, 2).inc(2)
}

// longest has one value longer than a chunk.
func longest() *program {
	return seed().strings(head{kind: Counter, name: "y"}, "a").on(2, 0).long("ab", 7).with(0, "b").inc(0)
}

// manySeries makes the table grow, and fill with the dead.
func manySeries() *program {
	p := seed().strings(head{kind: Counter, name: "x_total"}, "a")
	for i := range 150 {
		p.with(0, fmt.Sprint(i)).inc(i)
		if i%5 == 0 {
			p.delete(0, fmt.Sprint(i/2))
		}
	}
	return p.scrape().reset(0).with(0, "1")
}

// refusals is everything that cannot be registered.
func refusals() (list []*program) {
	for _, n := range oddNames {
		list = append(list, seed().single(head{kind: Counter, name: n}))
	}
	odd := seed()
	for i, n := range oddLabelNames {
		odd.strings(head{kind: Kind(i % 4), name: "x"}, n).strings(head{kind: Gauge, name: "x", consts: []string{n, "a"}})
	}
	units := seed().single(head{kind: Counter, name: "x_seconds", unit: "seconds"}).
		single(head{kind: Counter, name: "http_requests_total", unit: "requests"}).
		single(head{kind: Counter, name: "x_total", unit: "total"}).single(head{kind: Gauge, name: "y", unit: "x"}).
		single(head{kind: Counter, name: "x_seconds", unit: "seconds"}).single(head{kind: Counter, name: "x_seconds"})
	labels := seed().strings(head{kind: Histogram, name: "x"}, "le").strings(head{kind: Gauge, name: "x"}, "le", "quantile").
		strings(head{kind: Gauge, name: "y"}, "a", "a").strings(head{kind: Gauge, name: "y", consts: []string{"a", "\xff"}}, "a").
		single(head{kind: Histogram, name: "y", consts: []string{"le", "1"}})
	return append(list, odd, units, labels, conflicts(), suffixClash("x", "x_sum"), suffixClash("x_bucket", "x"))
}

// conflicts registers one name in every pair of ways.
func conflicts() *program {
	p := seed()
	for _, k := range kinds {
		for _, l := range kinds {
			p.single(head{kind: k, name: names[k]}).single(head{kind: l, name: names[k], help: "a"})
			p.single(head{kind: l, name: names[k], consts: []string{"a", "a"}})
			p.single(head{kind: k, name: names[k]}).single(head{kind: l, name: droppedName})
		}
	}
	p.single(head{kind: Histogram, name: "a:b_info", bounds: 5}).single(head{kind: Histogram, name: "a:b_info", bounds: 6})
	return p.strings(head{kind: Histogram, name: "x", bounds: 1}, "a").strings(head{kind: Histogram, name: "x", bounds: 2}, "a").
		strings(head{kind: Counter, name: panicsName, help: "a"}, "family")
}

// suffixClash has a histogram and a counter of which one takes the other's name for
// a sample.
func suffixClash(a, b string) *program {
	return seed().single(head{kind: Histogram, name: a}).single(head{kind: Counter, name: b}).
		single(head{kind: Histogram, name: b})
}

// A seed that no longer says what it did is worse than none.
func TestSeedsCover(t *testing.T) {
	var all strings.Builder
	for _, p := range textSeeds() {
		all.WriteString(Transcript(p.bytes))
	}
	for _, call := range []string{
		"NewCounter(", "NewGauge(", "NewUpDown(", "NewHistogram(", "NewCounterFunc(", "NewGaugeFunc(", ", nil)",
		"NewStringCounterVec(", "NewStringGaugeVec(", "NewStringUpDownVec(", "NewStringHistogramVec(",
		"NewCounterVec[request]", "NewCounterVec[triple]", "NewUpDownVec[wide]", ".Sub(", "NewHistogramVec[tagged]", "NewGaugeVec[bounded]", "NewCounterVec[repeated]", "[struct{}]",
		".With(", ".Lookup(", ".Delete(", ".Reset()", ".Inc()", ".Add(", ".AddFloat(", ".Set(", ".Dec()", ".Track()()",
		".Observe(", ".ObserveDuration(", " now returns ", " now panics", "Store: &scarce", ".AddWithExemplar(", ".ObserveWithExemplar(", "for range 300", "MaxBuckets:3", "strings.Repeat(", `Unit: "seconds"`,
	} {
		if !strings.Contains(all.String(), call) {
			t.Errorf("no seed has %s", call)
		}
	}
}
