package encode

// metadataLabel is the label that is a series' name.
const metadataLabel = "__name__"

// AppendSeries appends the beginning of a sample line of a text format: name and
// suffix, labels, and the space before the value.
//
//	http_requests_total{code="200"}·
//	{"http.requests_total",code="200"}·     a name that needs quotes
func AppendSeries(dst []byte, f Format, name, suffix string, labels []Label) []byte {
	var room [128]byte
	spelled := AppendName(room[:0], name, f.Scheme)
	dst, open := openSeries(dst, f.Scheme, spelled, suffix, labels)
	return closeSeries(dst, open)
}

// openSeries appends a series and leaves its labels open for more; open says
// whether there is a brace to close.
func openSeries(dst []byte, scheme Scheme, name []byte, suffix string, labels []Label) (out []byte, open bool) {
	if dst, open = openName(dst, name, suffix); len(labels) == 0 {
		return dst, open
	}
	for i := range labels {
		dst = appendLabel(separate(dst, open), &labels[i], scheme)
		open = true
	}
	return dst, open
}

// openName appends a spelled name. One that needs quotes stands within the braces,
// first of all.
func openName(dst []byte, name []byte, suffix string) (out []byte, open bool) {
	if validSpelled(name) {
		return append(append(dst, name...), suffix...), false
	}
	return appendQuoted(append(dst, '{'), name, suffix), true
}

func validSpelled(name []byte) bool {
	for _, c := range name {
		if nameClass[c]&(nameRest|nameColon) == 0 {
			return false
		}
	}
	return len(name) > 0 && nameClass[name[0]]&(nameFirst|nameColon) != 0
}

func separate(dst []byte, open bool) []byte {
	if open {
		return append(dst, ',')
	}
	return append(dst, '{')
}

func closeSeries(dst []byte, open bool) []byte {
	if open {
		return append(dst, "} "...)
	}
	return append(dst, ' ')
}

// appendLabel appends name="value".
func appendLabel(dst []byte, l *Label, scheme Scheme) []byte {
	if scheme == AllowUTF8 && !ValidLabelName(l.Name) {
		dst = append(appendEscaped(append(dst, '"'), l.Name, '"'), '"')
	} else {
		dst = AppendLabelName(dst, l.Name, scheme)
	}
	return append(appendText(append(dst, `="`...), l.Value, '"'), '"')
}

// validLabels says whether labels can stand on one series: each with a name, and
// no two with the same one once they are escaped. reserved is the label that the
// type adds, or "".
func validLabels(labels []Label, scheme Scheme, reserved string) bool {
	for i := range labels {
		if !validLabel(labels, i, scheme, reserved) {
			return false
		}
	}
	return true
}

func validLabel(labels []Label, i int, scheme Scheme, reserved string) bool {
	if own := labels[i].Name; ValidLabelName(own) && (reserved == "" || ValidLabelName(reserved)) {
		return own != metadataLabel && own != reserved && !spelledBefore(labels[:i], own, scheme)
	}
	return validOddLabel(labels, i, scheme, reserved)
}

// validOddLabel is validLabel for names that are not spelled alike in every format.
func validOddLabel(labels []Label, i int, scheme Scheme, reserved string) bool {
	var room, other [64]byte
	if !ValidUTF8Name(labels[i].Name) {
		return false
	}
	name := AppendLabelName(room[:0], labels[i].Name, scheme)
	return string(name) != metadataLabel &&
		string(name) != string(AppendLabelName(other[:0], reserved, scheme)) &&
		!spelledBefore(labels[:i], name, scheme)
}

// spelledBefore says whether one of the labels is spelled like name.
func spelledBefore[S string | []byte](labels []Label, name S, scheme Scheme) bool {
	for i := range labels {
		if other := labels[i].Name; other == string(name) || !ValidLabelName(other) && oddlySpelled(other, name, scheme) {
			return true
		}
	}
	return false
}

func oddlySpelled[S string | []byte](label string, name S, scheme Scheme) bool {
	var room [64]byte
	return string(AppendLabelName(room[:0], label, scheme)) == string(name)
}
