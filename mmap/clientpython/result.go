package clientpython

import (
	"cmp"
	"math"
	"slices"

	"github.com/pawl-metrics/pawl/encode"
)

// result returns the families of this scan.
func (m *Merger) result(accumulate bool) []encode.Family {
	slices.SortFunc(m.open, func(a, b *family) int { return cmp.Compare(a.name, b.name) })
	families := make([]encode.Family, 0, len(m.open))
	for _, f := range m.open {
		r := rendering{family: f, scan: m.scan, accumulate: accumulate}
		r.render()
		families = append(families, encode.Family{Name: f.shown, Help: f.help, Type: f.typ, Samples: r.samples})
		for _, err := range []error{r.badCount, r.badLayout} {
			if err != nil {
				m.errs = append(m.errs, &FamilyError{Family: f.name, Err: err})
			}
		}
	}
	return families
}

// rendering is a family becoming plain data.
type rendering struct {
	*family
	scan       uint64
	accumulate bool

	samples             []encode.Sample
	badCount, badLayout error
}

func (r *rendering) render() {
	for _, s := range r.ordered() {
		switch r.typ {
		case encode.Histogram:
			r.histogram(s)
		case encode.Summary:
			r.summary(s)
		default:
			r.number(s)
		}
	}
}

func (r *rendering) has(c *cell) bool { return c.scan == r.scan }

func (r *rendering) number(s *series) {
	if !r.has(&s.value) {
		return
	}
	if r.rule == All {
		r.perProcess(s)
		return
	}
	r.samples = append(r.samples, encode.Sample{Labels: s.labels, Value: s.value.result(r.rule)})
}

// perProcess makes one sample for each process. An identifier that comes twice belongs
// to the file that comes last.
func (r *rendering) perProcess(s *series) {
	pids := s.value.pids
	slices.SortStableFunc(pids, func(a, b pidValue) int { return comparePIDs(a.pid, b.pid) })
	for i, p := range pids {
		if i+1 < len(pids) && pids[i+1].pid == p.pid {
			continue
		}
		r.samples = append(r.samples, encode.Sample{Labels: withLabel(s.labels, "pid", p.pid), Value: p.value})
	}
}

// comparePIDs orders numbers as numbers.
func comparePIDs(a, b string) int { return cmp.Or(len(a)-len(b), cmp.Compare(a, b)) }

// withLabel returns sorted labels and one more.
func withLabel(labels []encode.Label, name, value string) []encode.Label {
	i, _ := slices.BinarySearchFunc(labels, name, func(l encode.Label, n string) int { return cmp.Compare(l.Name, n) })
	all := make([]encode.Label, 0, len(labels)+1)
	all = append(append(all, labels[:i]...), encode.Label{Name: name, Value: value})
	return append(all, labels[i:]...)
}

func (r *rendering) summary(s *series) {
	if !r.has(&s.count) && !r.has(&s.sum) {
		return
	}
	count, ok := r.count(&s.count)
	if !ok {
		r.badCount = ErrCount
		return
	}
	v := &encode.SummaryValue{Count: count, Sum: r.sum(s)}
	r.samples = append(r.samples, encode.Sample{Labels: s.labels, Summary: v})
}

func (r *rendering) sum(s *series) float64 {
	if !r.has(&s.sum) {
		return 0
	}
	return s.sum.result(Sum)
}

// count returns a count, which is 0 where there is none; false if it is not one.
func (r *rendering) count(c *cell) (uint64, bool) {
	if !r.has(c) {
		return 0, true
	}
	v := c.result(Sum)
	return uint64(v), v >= 0 && v < 1<<64 && v == math.Trunc(v)
}

func (r *rendering) histogram(s *series) {
	v := &encode.HistogramValue{Sum: r.sum(s)}
	seen := r.has(&s.sum)
	for _, b := range s.buckets {
		if !r.has(&b.cell) {
			continue
		}
		seen = true
		count, ok := r.count(&b.cell)
		if r.accumulate {
			ok = ok && count <= math.MaxUint64-v.Count
			v.Count += count
			count = v.Count
		}
		if !ok {
			r.badCount = ErrCount
			return
		}
		v.Buckets = append(v.Buckets, encode.Bucket{UpperBound: b.bound, Count: count})
	}
	if seen {
		r.checkLayout(s)
		r.samples = append(r.samples, encode.Sample{Labels: s.labels, Histogram: v})
	}
}

// checkLayout reports buckets that fewer files have than the last one. A process makes
// the last one last, so each file that has it has all its buckets; one that has others
// only is still at it, or was killed then, which does no harm.
func (r *rendering) checkLayout(s *series) {
	if len(s.buckets) == 0 || !r.has(&s.buckets[len(s.buckets)-1].cell) {
		return
	}
	complete := s.buckets[len(s.buckets)-1].entries
	for _, b := range s.buckets {
		if r.has(&b.cell) && b.entries < complete {
			r.badLayout = ErrLayout
		}
	}
}
