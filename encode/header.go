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
	spelling
}

// spelling is what a family is called in a format. The name's bytes stand within,
// not behind a slice: what a writer points to the compiler takes to the heap,
// because its methods store into it.
type spelling struct {
	typ  Type // what the family is in this format
	room [spellingRoom]byte
	long []byte // the name, when it does not fit into room
	n    int    // length of the name
	cut  int    // how much of it the family's own name lacks
}

const spellingRoom = 128

// name returns the name of samples, without suffix.
func (s *spelling) name() []byte {
	if s.long != nil {
		return s.long
	}
	return s.room[:s.n]
}

// base returns the name of the family, as metadata has it.
func (s *spelling) base() []byte { return s.name()[:s.n-s.cut] }

// spell spells a family's names; ok is false when it has none that can be written.
func spell(f Format, fam *Family) (s spelling, ok bool) {
	if !ValidUTF8Name(fam.Name) {
		return s, false
	}
	var room [spellingRoom]byte
	name := AppendName(room[:0], fam.Name, f.Scheme)
	s.typ = fam.Type.known()
	if s.typ == Info && !bytes.HasSuffix(name, []byte("_info")) {
		name = append(name, "_info"...) // mandatory in OpenMetrics, and so for all
	}
	if f.Syntax.isOpenMetrics() && s.typ == StateSet && !stateLabelFits(name, f.Scheme) {
		s.typ = Gauge
	}
	if f.Syntax.isOpenMetrics1() {
		s.typ, s.cut = openMetrics1(s.typ, name)
	}
	if s.n = len(name); s.n > len(s.room) {
		s.long = bytes.Clone(name)
	}
	copy(s.room[:], name)
	return s, true
}

// openMetrics1 returns what OpenMetrics 1.0 makes of a type, and how many bytes the
// family's name is shorter than its samples'. Its counters are called x and have
// samples called x_total. One that is called x throughout keeps its series' name,
// as in text, and gives up its type, as it does in client_golang. So does one that is
// called _total and nothing else, or _info: its family would have no name.
func openMetrics1(typ Type, name []byte) (t Type, cut int) {
	switch {
	case typ == Info && len(name) == len("_info"):
		return Gauge, 0
	case typ == Info:
		return typ, len("_info")
	case typ != Counter:
		return typ, 0
	case bytes.HasSuffix(name, []byte("_total")) && len(name) > len("_total"):
		return typ, len("_total")
	}
	return Unknown, 0
}

// stateLabelFits says whether the family's name and the label that is named after
// it are spelled alike, as a stateset needs it. A colon may stand in names only.
func stateLabelFits(name []byte, scheme Scheme) bool {
	return scheme == AllowUTF8 || bytes.IndexByte(name, ':') < 0
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

func (w *writer) meta(keyword string) {
	w.dst = append(w.dst, keyword...)
	if name := w.base(); validSpelled(name) {
		w.dst = append(w.dst, name...)
	} else {
		w.dst = appendQuoted(w.dst, name, "")
	}
	w.dst = append(w.dst, ' ')
}

func (w *writer) typeLine() {
	w.meta("# TYPE ")
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
	w.meta("# HELP ")
	w.dst = append(appendText(w.dst, help, quote), '\n')
}

func (w *writer) unitLine() {
	if !w.unitFits() {
		return
	}
	w.meta("# UNIT ")
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
	base := w.base()
	n := len(base) - len(unit) - 1
	return w.f.Syntax == OpenMetrics200 ||
		n >= 0 && base[n] == '_' && string(base[n+1:]) == unit
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
	names, ok := spell(f, fam)
	if !ok || f.Syntax == ProtobufDelimited {
		return dst
	}
	w := writer{dst: dst, f: f, fam: fam, spelling: names}
	w.header()
	return w.dst
}
