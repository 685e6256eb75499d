package encode

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Options says what AppendFamily writes beyond values. The zero value leaves out
// both.
type Options struct {
	// Exemplars writes exemplars, in the formats that have them.
	Exemplars bool
	// Created writes start timestamps as _created samples in OpenMetrics 1.0. Unless
	// Prometheus runs with a feature flag it takes each for a series of its own,
	// which is why they are off by default. Other formats have a place for start
	// timestamps, and always get them.
	Created bool
}

// writer is one family on its way into dst.
type writer struct {
	dst  []byte
	f    Format
	opts Options
	fam  *Family
	typ  Type   // what the family is in this format
	name []byte // of samples, spelled as the scheme does, without suffix
	base []byte // of the family in this format, spelled
}

// start spells the names; ok is false when the family has none that can be
// written.
func (w *writer) start(room []byte) (ok bool) {
	if !ValidUTF8Name(w.fam.Name) {
		return false
	}
	w.typ = w.fam.Type.known()
	w.name = AppendName(room, w.fam.Name, w.f.Scheme)
	if w.typ == Info && !bytes.HasSuffix(w.name, []byte("_info")) {
		w.name = append(w.name, "_info"...) // mandatory in OpenMetrics, and so for all
	}
	w.base = w.name
	w.openMetricsType()
	return true
}

// openMetricsType makes the type and the family's name what OpenMetrics makes of
// them.
//
// In version 1.0 counters are called x and have samples called x_total. One that
// is called x throughout keeps its series' name, as in text, and gives up its
// type, as it does in client_golang.
func (w *writer) openMetricsType() {
	switch {
	case w.typ == StateSet && w.f.Syntax.isOpenMetrics() && !w.stateLabelFits():
		w.typ = Gauge
	case !w.f.Syntax.isOpenMetrics1():
	case w.typ == Info:
		w.base = bytes.TrimSuffix(w.name, []byte("_info"))
	case w.typ == Counter:
		if w.base = bytes.TrimSuffix(w.name, []byte("_total")); len(w.base) == len(w.name) {
			w.typ = Unknown
		}
	}
}

// stateLabelFits says whether the family's name and the label that is named after
// it are spelled alike, as a stateset needs it. A colon may stand in names only.
func (w *writer) stateLabelFits() bool {
	return w.f.Scheme == AllowUTF8 || bytes.IndexByte(w.name, ':') < 0
}

// header appends the metadata lines.
func (w *writer) header() {
	if w.f.Syntax.isOpenMetrics() {
		w.typeLine()
		w.unitLine()
		w.helpLine()
		return
	}
	w.helpLine()
	w.typeLine()
}

func (w *writer) meta(keyword string, name []byte) {
	w.dst = append(w.dst, keyword...)
	if validSpelled(name) {
		w.dst = append(w.dst, name...)
	} else {
		w.dst = appendQuoted(w.dst, name, "")
	}
	w.dst = append(w.dst, ' ')
}

func (w *writer) typeLine() {
	w.meta("# TYPE ", w.base)
	w.dst = append(w.dst, w.f.Syntax.TypeWord(w.typ)...)
	w.dst = append(w.dst, '\n')
}

func (w *writer) helpLine() {
	help, quote := w.fam.Help, byte('\\')
	if w.f.Syntax.isOpenMetrics() {
		quote = '"'
	}
	if w.f.Syntax == OpenMetrics200 {
		help = strings.TrimRight(help, "\r") // an error at the end of a line, and there is no escape for it
	}
	if help == "" {
		return
	}
	w.meta("# HELP ", w.base)
	w.dst = append(appendText(w.dst, help, quote), '\n')
}

func (w *writer) unitLine() {
	if !w.unitFits() {
		return
	}
	w.meta("# UNIT ", w.base)
	w.dst = append(append(w.dst, w.fam.Unit...), '\n')
}

// unitFits says whether the family may have its UNIT line. A wrong one loses the
// whole scrape: before version 2.0 the name must end in it, and info and
// statesets never have one.
func (w *writer) unitFits() bool {
	unit := w.fam.Unit
	if w.typ == Info || w.typ == StateSet || !isUnit(unit) {
		return false
	}
	n := len(w.base) - len(unit) - 1
	return w.f.Syntax == OpenMetrics200 ||
		n >= 0 && w.base[n] == '_' && string(w.base[n+1:]) == unit
}

// isUnit says whether s is made of the characters of names, as units are.
func isUnit(s string) bool {
	for i := range len(s) {
		if nameClass[s[i]]&(nameRest|nameColon) == 0 {
			return false
		}
	}
	return s != "" && utf8.ValidString(s)
}

// AppendHeader appends a family's metadata as a text format has them, and nothing
// in protobuf, where [OpenFamily] does that:
//
//	text           HELP, TYPE
//	OpenMetrics    TYPE, UNIT, HELP; version 1.0 without the name's _total or _info
func AppendHeader(dst []byte, f Format, fam *Family) []byte {
	var room [128]byte
	w := writer{dst: dst, f: f, fam: fam}
	if f.Syntax == ProtobufDelimited || !w.start(room[:0]) {
		return dst
	}
	w.header()
	return w.dst
}
