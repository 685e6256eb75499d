package fuzz

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// structure reads a text of any syntax line by line, and asks what must be so
// whatever was recorded: invariants 7 to 10, 13, 14 and 16.
type structure struct {
	f        encode.Format
	begun    map[string]bool // families
	had      map[string]bool // metadata of the family at hand
	family   string
	typ      string
	samples  bool            // the family has had some
	series   map[string]bool // of the document
	previous string          // labels of the sample before, without le
	lines    []string        // what each sample's line begins with
}

// checkStructure returns the series in the order of their lines.
func checkStructure(doc []byte, f encode.Format) ([]string, error) {
	s := &structure{f: f, begun: make(map[string]bool), series: make(map[string]bool)}
	for line := range strings.Lines(string(doc)) {
		line = strings.TrimSuffix(line, "\n")
		if err := s.line(line); err != nil {
			return nil, fmt.Errorf("%.300q: %w", line, err)
		}
	}
	return s.lines, nil
}

func (s *structure) line(line string) error {
	if line == "# EOF" {
		return nil
	}
	if rest, ok := strings.CutPrefix(line, "# "); ok {
		return s.metadata(rest)
	}
	if strings.HasSuffix(line, "\r") || strings.HasSuffix(line, " ") {
		return errors.New("a blank at the end")
	}
	return s.sample(line)
}

func (s *structure) metadata(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	at := unquoted(rest, ' ')
	if at < 0 {
		return errors.New("nothing behind the name")
	}
	name, err := s.name(rest[:at], true)
	if err != nil {
		return err
	}
	if name != s.family || s.begun[name] == false {
		if s.begun[name] {
			return errors.New("the family stands in two places")
		}
		s.begun[name], s.family, s.had, s.typ, s.samples = true, name, make(map[string]bool), "", false
	}
	if s.had[word] || s.samples {
		return errors.New("metadata a second time, or behind samples")
	}
	s.had[word] = true
	return s.says(word, rest[at+1:])
}

func (s *structure) says(word, text string) error {
	om := s.f.Syntax >= encode.OpenMetrics001
	switch {
	case word == "TYPE":
		legal := []string{"counter", "gauge", "histogram"}
		if om {
			legal = append(legal, "unknown")
		}
		if s.typ = text; !slices.Contains(legal, text) {
			return errors.New("no such type")
		}
	case word == "UNIT" && om:
		if s.f.Syntax != encode.OpenMetrics200 && !strings.HasSuffix(s.family, "_"+text) {
			return errors.New("the family's name does not end in the unit")
		}
	case word != "HELP":
		return errors.New("no such metadata")
	}
	return nil
}

// name reads a name as it is written, with quotes exactly where it needs them.
func (s *structure) name(text string, metric bool) (string, error) {
	if len(text) < 2 || text[0] != '"' {
		if !isName(text, metric) {
			return "", errors.New("a name without quotes that needs them")
		}
		return text, nil
	}
	name, err := unescape(text[1:len(text)-1], true)
	if err == nil && (isName(name, metric) || s.f.Scheme != encode.AllowUTF8) {
		err = errors.New("quotes that need not be there")
	}
	return name, err
}

func (s *structure) sample(line string) error {
	at := unquoted(line, ' ')
	if at < 0 {
		return errors.New("no value")
	}
	series := line[:at]
	if s.series[series] {
		return errors.New("the series stands there twice")
	}
	if unquoted(strings.ReplaceAll(line, "  ", " \x00"), 0) >= 0 && !strings.Contains(line, "\x00") {
		return errors.New("two blanks")
	}
	s.series[series], s.samples = true, true
	s.lines = append(s.lines, series)
	name, labels, err := s.split(series)
	if err != nil {
		return err
	}
	if !s.typed() || !slices.Contains(s.allowed(), strings.TrimPrefix(name, s.family)) || !strings.HasPrefix(name, s.family) {
		return fmt.Errorf("sample %q of the %s %q", name, s.typ, s.family)
	}
	if name == s.family+"_created" && labels != s.previous {
		return fmt.Errorf("created sample behind one with the labels %q", s.previous)
	}
	s.previous = labels
	return nil
}

func (s *structure) typed() bool { return s.typ != "" }

// allowed returns what may stand behind the family's name.
func (s *structure) allowed() []string {
	om1 := s.f.Syntax == encode.OpenMetrics001 || s.f.Syntax == encode.OpenMetrics100
	switch {
	case s.typ == "histogram" && om1:
		return []string{"_bucket", "_sum", "_count", "_created"}
	case s.typ == "histogram" && s.f.Syntax != encode.OpenMetrics200:
		return []string{"_bucket", "_sum", "_count"}
	case s.typ == "counter" && om1:
		return []string{"_total", "_created"}
	}
	return []string{""}
}

// split takes a series apart: its name, and its labels but le as they are written.
func (s *structure) split(series string) (name, labels string, err error) {
	open := unquoted(series, '{')
	if open < 0 {
		name, err = s.name(series, true)
		return name, "", err
	}
	var parts []string
	for rest := strings.TrimSuffix(series[open+1:], "}"); rest != ""; {
		end := unquoted(rest, ',')
		if end < 0 {
			end = len(rest)
		}
		parts = append(parts, rest[:end])
		rest = rest[min(end+1, len(rest)):]
	}
	written := series[:open]
	if written == "" && len(parts) > 0 {
		written, parts = parts[0], parts[1:]
	}
	if name, err = s.name(written, true); err != nil {
		return name, "", err
	}
	seen := make(map[string]bool)
	for _, p := range parts {
		eq := unquoted(p, '=')
		if eq < 0 {
			return name, "", fmt.Errorf("label %q", p)
		}
		l, err := s.name(p[:eq], false)
		if err == nil && (seen[l] || l == "__name__") {
			err = fmt.Errorf("label %q twice, or one that is a name", l)
		}
		if err != nil {
			return name, "", err
		}
		if seen[l] = true; l != "le" {
			labels += p + ","
		}
	}
	return name, labels, nil
}

// unquoted returns where c first stands outside of quotes, or -1.
func unquoted(s string, c byte) int {
	in := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && in:
			i++
		case s[i] == '"':
			in = !in
		case s[i] == c && !in:
			return i
		}
	}
	return -1
}
