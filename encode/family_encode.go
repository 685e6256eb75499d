package encode

// AppendFamily appends a family in any format. It allocates nothing when dst has
// room and the name is no longer than 128 bytes. A family without a single sample that can be written leaves no trace.
//
// Around it a whole exposition is a loop and an [AppendEOF].
func AppendFamily(dst []byte, f Format, opts Options, fam *Family) []byte {
	f = Format{f.Syntax.known(), f.Scheme.known()}
	names, ok := spell(f, fam)
	if !ok {
		return dst
	}
	w := writer{dst, f, opts, fam, names}
	if f.Syntax == ProtobufDelimited {
		return w.protoFamily()
	}
	w.header()
	begun := len(w.dst)
	w.samples(fam.Samples)
	if len(w.dst) == begun {
		return w.dst[:len(dst)]
	}
	return w.dst
}

// AppendSamples appends some of a family's samples in a text format, for families
// that are written piece by piece, behind [AppendHeader]. It appends nothing in
// protobuf, where a family is one message.
func AppendSamples(dst []byte, f Format, opts Options, fam *Family, samples []Sample) []byte {
	f = Format{f.Syntax.known(), f.Scheme.known()}
	names, ok := spell(f, fam)
	if !ok || f.Syntax == ProtobufDelimited {
		return dst
	}
	w := writer{dst, f, opts, fam, names}
	w.samples(samples)
	return w.dst
}

func (w *writer) samples(samples []Sample) {
	for i := range samples {
		if s := &samples[i]; w.labelsFit(s) {
			w.sample(s)
		}
	}
}

func (w *writer) sample(s *Sample) {
	if w.f.Syntax == OpenMetrics200 {
		w.om2Sample(s)
		return
	}
	w.textSample(s)
}

// labelsFit says whether the sample's labels can be written: a bad label costs its
// sample.
func (w *writer) labelsFit(s *Sample) bool {
	return validLabels(s.Labels, w.f.Scheme, w.reserved())
}

// reserved returns the label that the type itself adds.
func (w *writer) reserved() string {
	switch w.fam.Type {
	case Histogram, GaugeHistogram:
		return "le"
	case Summary:
		return "quantile"
	case StateSet:
		return w.fam.Name
	}
	return ""
}
