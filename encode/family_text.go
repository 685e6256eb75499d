package encode

import "math"

// This file writes samples as text 0.0.4, text 1.0.0 and OpenMetrics 1.0 have them:
// one line for each number. What differs among the three is decided in the small
// methods at the end.

func (w *writer) textSample(s *Sample) {
	switch w.typ {
	case Histogram, GaugeHistogram:
		w.textHistogram(s)
	case Summary:
		w.textSummary(s)
	case StateSet:
		w.states(s)
	default:
		w.textValue(s)
	}
}

func (w *writer) textValue(s *Sample) {
	v := s.Value
	switch {
	case w.fam.Type == StateSet:
		w.states(s)
		return
	case w.typ == Info:
		v = 1
	case w.typ == Counter && w.f.Syntax.isOpenMetrics() && !countable(v):
		return // forbidden, and leaving it out costs only itself
	}
	w.series("", s)
	w.float(v)
	w.timestamp(s)
	if w.typ == Counter {
		w.lastExemplar(s)
	}
	w.dst = append(w.dst, '\n')
	w.created(s)
}

// states writes one line for each state.
func (w *writer) states(s *Sample) {
	for i := range s.States {
		if stateBefore(s.States[:i], s.States[i].Name) {
			continue
		}
		w.state(s, &s.States[i])
	}
}

func (w *writer) state(s *Sample, state *State) {
	dst, open := openSeries(w.dst, w.f.Scheme, w.name(), "", s.Labels)
	dst = appendLabel(separate(dst, open), &Label{w.fam.Name, state.Name}, w.f.Scheme)
	w.dst = closeSeries(dst, true)
	w.float(state.value())
	w.timestamp(s)
	w.dst = append(w.dst, '\n')
}

func (s *State) value() float64 {
	if s.On {
		return 1
	}
	return 0
}

func stateBefore(states []State, name string) bool {
	for i := range states {
		if states[i].Name == name {
			return true
		}
	}
	return false
}

func (w *writer) textHistogram(s *Sample) {
	h := s.Histogram
	if h == nil {
		return
	}
	for r := h.buckets(); r.next(); {
		w.numbered("_bucket", s, "le", r.UpperBound)
		w.dst = AppendUint(w.dst, r.Count)
		w.timestamp(s)
		if r.ended {
			r.Exemplar = h.infExemplar()
		}
		w.exemplar(r.Exemplar)
		w.dst = append(w.dst, '\n')
	}
	w.histogramTotal(s)
	w.created(s)
}

// histogramTotal writes sum and count. OpenMetrics has them together or not at
// all, and a sum only where it counts up: not with buckets below 0, not NaN.
func (w *writer) histogramTotal(s *Sample) {
	count, sum := s.Histogram.total()
	sumName, countName := "_sum", "_count"
	if w.f.Syntax.isOpenMetrics() {
		below := s.Histogram.negative()
		if w.typ == GaugeHistogram {
			sumName, countName = "_gsum", "_gcount"
			if math.IsNaN(sum) || sum < 0 && !below {
				return
			}
		} else if below || !countable(sum) {
			return
		}
	}
	w.line(sumName, s, sum)
	w.countLine(countName, s, count)
}

func (w *writer) textSummary(s *Sample) {
	q := s.Summary
	if q == nil {
		return
	}
	strict := w.f.Syntax.isOpenMetrics()
	for r := q.quantiles(strict); r.next(); {
		if strict && r.Value < 0 {
			continue
		}
		w.numbered("", s, "quantile", r.Quantile.Quantile)
		w.float(r.Value)
		w.timestamp(s)
		w.dst = append(w.dst, '\n')
	}
	if !strict || countable(q.Sum) {
		w.line("_sum", s, q.Sum)
	}
	w.countLine("_count", s, q.Count)
	w.created(s)
}

// quantileReader reads the quantiles that are in order, and in OpenMetrics within
// [0, 1] too.
type quantileReader struct {
	rest  []Quantile
	unit  bool
	begun bool
	Quantile
}

func (q *SummaryValue) quantiles(unit bool) quantileReader {
	return quantileReader{rest: q.Quantiles, unit: unit}
}

func (r *quantileReader) next() bool {
	for len(r.rest) > 0 {
		q := r.rest[0]
		r.rest = r.rest[1:]
		ascends := !r.begun && q.Quantile == q.Quantile || q.Quantile > r.Quantile.Quantile
		if ascends && (!r.unit || q.Quantile >= 0 && q.Quantile <= 1) {
			r.Quantile, r.begun = q, true
			r.Quantile.Quantile = unsigned(q.Quantile)
			return true
		}
	}
	return false
}

// line writes a whole line with a float.
func (w *writer) line(suffix string, s *Sample, v float64) {
	w.series(suffix, s)
	w.float(v)
	w.timestamp(s)
	w.dst = append(w.dst, '\n')
}

// countLine writes a whole line with a count, which has digits only.
func (w *writer) countLine(suffix string, s *Sample, n uint64) {
	w.series(suffix, s)
	w.dst = AppendUint(w.dst, n)
	w.timestamp(s)
	w.dst = append(w.dst, '\n')
}

// created writes the sample that is OpenMetrics 1.0's start timestamp. It stands
// directly behind its metric's other samples: Prometheus looks for it from each
// of them on, forward, and finds it only by the same bytes of labels.
func (w *writer) created(s *Sample) {
	if !w.opts.Created || !s.Start.set || !w.typ.cumulative() || !w.f.Syntax.isOpenMetrics1() {
		return
	}
	dst, open := openSeries(w.dst, w.f.Scheme, w.base(), "_created", s.Labels)
	w.dst = AppendSeconds(closeSeries(dst, open), s.Start)
	w.timestamp(s)
	w.dst = append(w.dst, '\n')
}

func (w *writer) series(suffix string, s *Sample) {
	dst, open := openSeries(w.dst, w.f.Scheme, w.name(), suffix, s.Labels)
	w.dst = closeSeries(dst, open)
}

// numbered writes a series with the label le or quantile behind the others.
func (w *writer) numbered(suffix string, s *Sample, label string, v float64) {
	dst, open := openSeries(w.dst, w.f.Scheme, w.name(), suffix, s.Labels)
	dst = append(append(separate(dst, open), label...), `="`...)
	if w.f.Syntax.isOpenMetrics() {
		dst = AppendCanonicalBound(dst, v)
	} else {
		dst = AppendBound(dst, v)
	}
	w.dst = append(dst, `"} `...)
}

func (w *writer) float(v float64) {
	if w.f.Syntax.isOpenMetrics() {
		w.dst = AppendPointFloat(w.dst, v)
		return
	}
	w.dst = AppendFloat(w.dst, v)
}

func (w *writer) timestamp(s *Sample) {
	switch {
	case !w.f.Syntax.isOpenMetrics():
		w.dst = AppendMillis(w.dst, s.Timestamp)
	case s.Timestamp.set:
		w.dst = AppendSeconds(append(w.dst, ' '), s.Timestamp)
	}
}

func (w *writer) exemplar(e *Exemplar) {
	if w.opts.Exemplars && e != nil {
		w.dst = AppendExemplar(w.dst, w.f, e)
	}
}

// lastExemplar writes the newest of a counter's exemplars.
func (w *writer) lastExemplar(s *Sample) {
	if n := len(s.Exemplars); n > 0 {
		w.exemplar(&s.Exemplars[n-1])
	}
}
