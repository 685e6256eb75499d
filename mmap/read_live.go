package mmap

import (
	"cmp"
	"errors"
	"slices"

	"github.com/pawl-metrics/pawl/mmap/internal/file"
	"github.com/pawl-metrics/pawl/nativehist"
)

// record is a record of a file that may change, as it was when it was looked at.
type seen struct {
	file.Entry
	offset uint64 // in the file
}

// rounds is how often what has changed is looked at again within one scan. A round is
// over in microseconds where little has changed.
const rounds = 16

// readAgain reads a file whose writer may be at work, at first or again.
//
// It makes the list of records true, then reads the cells of one series after the other,
// and looks at the states of its records again. Where one has changed, the whole series
// is left for another round: its cells may be somebody else's by now, or what they
// held may have moved to another record.
func (s *source) readAgain(t *table, d *desk, h handle) error {
	s.tidy()
	for i := range s.found {
		s.found[i].unread = true
	}
	for round := range rounds {
		if err := s.refresh(t, d, h); err != nil {
			return err
		}
		if !s.readSeries(round == rounds-1) {
			return nil
		}
	}
	return nil
}

// tidy gives the words of records that are gone to others.
func (s *source) tidy() {
	used := 0
	for i := range s.found {
		used += 1 + s.found[i].outWords(s)
	}
	if s.out <= 2*used+1024 {
		return
	}
	s.out = 0
	for i := range s.found {
		s.found[i].out = uint32(s.out)
		s.out += 1 + s.found[i].outWords(s)
	}
	s.list()
}

func (e *entry) outWords(s *source) int {
	var part *nativehist.Part
	if e.part >= 0 {
		part = &s.parts[e.part]
	}
	n, _ := e.form.outWords(e.words, part)
	return n
}

// refresh makes the list of records true: those whose states have changed are looked at
// again, and those that have been added are read. It ends with a pass in which
// nothing had changed. So all of it was true at once; or else there
// were a few changes in each of many passes, and it is true but for those.
func (s *source) refresh(t *table, d *desk, h handle) error {
	changed := false
	for range rounds {
		again, err := s.refreshOnce(t, d, h)
		if err != nil {
			return err
		}
		if !again {
			break
		}
		changed = true
	}
	if changed {
		s.dropGone()
		clear(s.gone)
		slices.SortStableFunc(s.found, func(a, b found) int {
			return cmp.Compare(a.form.series.number, b.form.series.number)
		})
		s.list()
		s.words = slices.Grow(s.words, max(0, s.out-len(s.words)))[:s.out]
	}
	return nil
}

func (s *source) refreshOnce(t *table, d *desk, h handle) (changed bool, err error) {
	p, err := s.extendMapping(h)
	if err != nil {
		return false, err
	}
	for i := range s.records {
		r := &s.records[i]
		if state := file.State(s.load(r.offset)); state != r.State {
			changed = true
			s.drop(r.Entry)
			r.State = state
			if err := s.takeAlive(t, d, r); err != nil {
				return false, err
			}
		}
	}
	for e, err := range s.index.Walk(s.walked, p.Directory) {
		if err == nil && len(s.records) >= d.limits.Records {
			err = errOversized
		}
		if err != nil {
			return false, err
		}
		changed = true
		offset, _ := s.index.Place(e.At)
		s.records = append(s.records, seen{e, offset})
		if err := s.takeAlive(t, d, &s.records[len(s.records)-1]); err != nil {
			return false, err
		}
	}
	s.walked = p.Directory
	return changed, nil
}

// takeAlive takes a record if it is live. One that changes meanwhile is left to the
// next pass, which finds it in another state than was noted.
func (s *source) takeAlive(t *table, d *desk, r *seen) error {
	if r.State.Status() != file.Live {
		return nil
	}
	err := s.index.Record(r.At, &d.record)
	if errors.Is(err, file.ErrChanged) || err == nil && d.record.State != r.State {
		r.State = 0
		return nil
	}
	if err != nil {
		return err
	}
	return s.take(t, &d.record, *r)
}

// drop notes that a record is not what it was. Its entry goes with all others at the end
// of a refresh: there may be many.
func (s *source) drop(r file.Entry) {
	if r.State.Status() == file.Live {
		s.leave(file.Replaced(r))
	}
}

// extendMapping is extend of a file that may have become longer than its mapping.
func (s *source) extendMapping(h handle) (file.Published, error) {
	p, err := s.extend()
	if !errors.Is(err, file.ErrTruncated) {
		return p, err
	}
	_, size, statErr := h.stat()
	if statErr != nil || size <= int64(len(s.mapping)) {
		return p, errors.Join(err, statErr)
	}
	if size > s.most {
		return p, errOversized
	}
	longer, mapErr := h.mapped(size)
	if mapErr != nil {
		return p, mapErr
	}
	unmap(s.mapping)
	s.mapping = longer
	if s.view, err = file.NewView(longer); err != nil {
		return p, err
	}
	return s.extend()
}

// readSeries reads the series that have not been read. It says whether some are left,
// because they changed. In the last round all are taken as they stand.
func (s *source) readSeries(last bool) (left bool) {
	for from := 0; from < len(s.found); {
		to := from + 1
		unread := s.found[from].unread
		for to < len(s.found) && s.found[to].form.series == s.found[from].form.series {
			unread = unread || s.found[to].unread
			to++
		}
		if unread && !s.readOne(s.found[from:to], last) {
			left = true
		}
		from = to
	}
	return left
}

func (s *source) readOne(group []found, last bool) bool {
	for i := range group {
		if !s.read(&group[i], s.state == Alive) {
			s.inexact++
		}
	}
	for i := range group {
		if file.State(s.load(group[i].offset)) != group[i].State {
			if last {
				s.inexact++
				break
			}
			for j := range group {
				group[j].unread = true
			}
			return false
		}
	}
	for i := range group {
		group[i].unread = false
	}
	return true
}
