package encode

// This file writes a family as delimited protobuf, which is a message for the
// family and in it one for each series.

func (w *writer) protoFamily() []byte {
	before := len(w.dst)
	m := w.openFamily()
	begun := len(w.dst)
	for i := range w.fam.Samples {
		if s := &w.fam.Samples[i]; w.labelsFit(s) {
			w.metric(s)
		}
	}
	if len(w.dst) == begun {
		return w.dst[:before]
	}
	return CloseFamily(w.dst, m)
}

func (w *writer) metric(s *Sample) {
	switch {
	case w.typ == StateSet:
		w.protoStates(s)
		return
	case w.typ == Summary && s.Summary == nil, w.isHistogram() && s.Histogram == nil:
		return
	}
	dst, m := OpenMetric(w.dst)
	w.dst = AppendLabelPairs(dst, s.Labels, w.f.Scheme)
	w.value(s)
	w.dst = CloseMetric(w.dst, m, s.Timestamp)
}

func (w *writer) isHistogram() bool { return w.typ == Histogram || w.typ == GaugeHistogram }

// value appends the message of the metric's type.
func (w *writer) value(s *Sample) {
	start := s.Start
	if !w.typ.cumulative() {
		start = Timestamp{}
	}
	switch w.typ {
	case Counter:
		w.dst = AppendCounterMessage(w.dst, s.Value, start, w.newest(s), w.f.Scheme)
	case Gauge:
		w.dst = AppendGaugeMessage(w.dst, s.Value)
	case Info:
		w.dst = AppendGaugeMessage(w.dst, 1)
	case Summary:
		w.dst = AppendSummaryMessage(w.dst, s.Summary, start)
	case Histogram, GaugeHistogram:
		w.dst = AppendHistogramMessage(w.dst, s.Histogram, start, w.opts.Exemplars, w.f.Scheme)
	default:
		w.dst = AppendUntypedMessage(w.dst, s.Value)
	}
}

func (w *writer) newest(s *Sample) *Exemplar {
	if n := len(s.Exemplars); n > 0 && w.opts.Exemplars {
		return &s.Exemplars[n-1]
	}
	return nil
}

// protoStates appends a gauge for each state, labelled as a stateset's are.
func (w *writer) protoStates(s *Sample) {
	for i := range s.States {
		state := &s.States[i]
		if stateBefore(s.States[:i], state.Name) {
			continue
		}
		own := [1]Label{{w.fam.Name, state.Name}}
		dst, m := OpenMetric(w.dst)
		dst = AppendLabelPairs(dst, s.Labels, w.f.Scheme)
		dst = AppendLabelPairs(dst, own[:], w.f.Scheme)
		dst = AppendGaugeMessage(dst, state.value())
		w.dst = CloseMetric(dst, m, s.Timestamp)
	}
}
