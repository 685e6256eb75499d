package mmap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/engine/descriptor"
)

// merger adds up what files hold. It belongs to one goroutine at a time; its table
// may be used by those that read files meanwhile.
type merger struct {
	table    *table
	families []*family // all that have been met, in name order when sorted
	sorted   bool

	// Of the present scan.
	scan     uint64
	problems []*FileError
}

func newMerger(l Limits) *merger { return &merger{table: newTable(l.Series)} }

// begin begins a scan.
func (m *merger) begin() { m.scan, m.problems = m.scan+1, nil }

// add adds what a file holds. Where files disagree the order decides: the first one
// stands.
func (m *merger) add(s *source) {
	exemplars := false
	for i := range s.entries {
		e := &s.entries[i]
		p := e.form
		if p.Kind == descriptor.Exemplar {
			exemplars = true
			continue
		}
		if p.live() && (p.Carried || !s.living()) {
			continue
		}
		if p.scan != m.scan || p.series.family.scan != m.scan {
			m.meet(p)
		}
		if p.trouble != "" {
			m.disagree(p, s)
		}
		if !p.fits {
			continue
		}
		p.series.join(m.scan, p.class)
		p.series.began(s.began(e))
		p.series.value.add(e, s.holds(e), s)
	}
	if exemplars {
		m.addExemplars(s)
	}
}

// addExemplars adds what stands beside the samples that have been added.
func (m *merger) addExemplars(s *source) {
	for i := range s.entries {
		e := &s.entries[i]
		p := e.form
		if p.Kind == descriptor.Exemplar && p.series.scan == m.scan && p.Type == p.series.family.lead.Type {
			p.series.exemplars = addExemplar(p.series.exemplars, p.Bucket, s.holds(e)[:e.words-2])
		}
	}
}

// live says whether the value of a dead process does not count.
func (p *form) live() bool {
	switch p.class {
	case gauges, stateSets:
		return modeOf(p.Mode).Live()
	case infos:
		return true
	}
	return false
}

// meet makes a place part of the present scan.
func (m *merger) meet(p *form) {
	p.scan = m.scan
	f := p.series.family
	if f.scan != m.scan {
		if f.scan == 0 {
			m.families, m.sorted = append(m.families, f), false
		}
		f.scan, f.lead, f.met = m.scan, p, 0
		clear(f.noted)
	}
	p.trouble, p.kind, p.fits = p.agrees(f.lead)
}

// disagree reports a file that disagrees with the first of a family, once.
func (m *merger) disagree(p *form, s *source) {
	f := p.series.family
	n := noted{s, p.trouble}
	if f.noted == nil {
		f.noted = make(map[noted]bool)
	}
	if f.noted[n] {
		return
	}
	f.noted[n] = true
	left := ""
	if !p.fits {
		left = ", and is left out"
	}
	m.problems = append(m.problems, &FileError{Path: s.path, Kind: p.kind,
		Err: fmt.Errorf("family %q: its %s is not that of the first file%s", f.name, p.trouble, left)})
}

// fill puts what has been added into a result: families in name order, series in the
// order of their labels.
func (m *merger) fill(r *result) {
	if !m.sorted {
		slices.SortFunc(m.families, func(a, b *family) int { return strings.Compare(a.name, b.name) })
		m.sorted = true
	}
	r.problems = append(r.problems, m.problems...)
	for _, f := range m.families {
		if f.scan == m.scan && f.met > 0 {
			m.fillFamily(r, f)
		}
	}
}

func (m *merger) fillFamily(r *result, f *family) {
	f.order()
	out := r.family()
	for _, s := range f.series {
		if s.scan == m.scan {
			s.value.appendTo(r, out, s)
		}
	}
	if f.lead.eachProcess() && len(f.series) > 1 {
		sortSamples(out.samples)
	}
	r.end(out, f.lead)
}

// eachProcess says whether its samples have a label pid.
func (p *form) eachProcess() bool {
	c := p.class
	return c == stateSets || c == gauges && modeOf(p.Mode).Each()
}
