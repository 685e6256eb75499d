package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ReadStrict reads text format 0.0.4 as the engine promises to write it, which is
// narrower than what parsers accept: HELP and TYPE before the samples, single
// spaces, no comments, no blank lines, no timestamps, no label twice. What it reports keeps the document's order.
func ReadStrict(text []byte) ([]Family, error) {
	switch {
	case !utf8.Valid(text):
		return nil, errors.New("the document is not UTF-8")
	case len(text) > 0 && text[len(text)-1] != '\n':
		return nil, errors.New("the last line has no end")
	}
	var r strictReader
	for n := 1; len(text) > 0; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		if err := r.line(string(line)); err != nil {
			return nil, fmt.Errorf("line %d, %.200q: %w", n, line, err)
		}
	}
	if r.help != nil {
		return nil, errors.New("a HELP line ends the document")
	}
	return r.families, nil
}

type strictReader struct {
	families []Family
	help     *Family // of a HELP line that waits for its TYPE
}

func (r *strictReader) line(line string) error {
	if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
		return r.helpLine(rest)
	}
	if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
		return r.typeLine(rest)
	}
	if len(r.families) == 0 || r.help != nil {
		return errors.New("not the TYPE line that should stand here")
	}
	s, err := readSample(line)
	f := &r.families[len(r.families)-1]
	f.Samples = append(f.Samples, s)
	return err
}

func (r *strictReader) helpLine(rest string) error {
	name, text, ok := strings.Cut(rest, " ")
	help, err := unescape(text, false)
	if !ok || r.help != nil || text == "" {
		return errors.New("bad HELP line")
	}
	r.help = &Family{Name: name, Help: help}
	return err
}

func (r *strictReader) typeLine(rest string) error {
	name, word, _ := strings.Cut(rest, " ")
	f := Family{Name: name, Type: word}
	if r.help != nil {
		f.Help = r.help.Help
	}
	switch word {
	case "counter", "gauge", "histogram", "summary", "untyped":
	default:
		return fmt.Errorf("no such type: %q", word)
	}
	if r.help != nil && r.help.Name != name {
		return fmt.Errorf("HELP is for %q", r.help.Name)
	}
	for _, g := range r.families {
		if g.Name == name {
			return errors.New("the family stands in two places")
		}
	}
	r.families, r.help = append(r.families, f), nil
	return nil
}

func readSample(line string) (s Sample, err error) {
	end := strings.IndexAny(line, "{ ")
	if end < 0 {
		return s, errors.New("a name and nothing else")
	}
	s.Name, line = line[:end], line[end:]
	if line[0] == '{' {
		if s.Labels, line, err = readLabels(line[1:]); err != nil {
			return s, err
		}
	}
	var space bool
	if s.Digits, space = strings.CutPrefix(line, " "); !space {
		return s, errors.New("no space before the value")
	}
	return s, s.readValue()
}

func (s *Sample) readValue() (err error) {
	if strings.ContainsAny(s.Digits, " _pPxX") || len(s.Digits) > 24 {
		return fmt.Errorf("value %q", s.Digits)
	}
	s.Value, err = strconv.ParseFloat(s.Digits, 64)
	return err
}

// readLabels reads pairs up to the closing brace and returns what follows it.
func readLabels(line string) (labels []Label, rest string, err error) {
	for {
		var l Label
		if l.Name, line, _ = strings.Cut(line, `="`); !isName(l.Name, false) || l.Name == "__name__" {
			return nil, "", fmt.Errorf("label name %q", l.Name)
		}
		end := closingQuote(line)
		if end < 0 {
			return nil, "", errors.New("no closing quote")
		}
		if l.Value, err = unescape(line[:end], true); err != nil {
			return nil, "", err
		}
		if slices.ContainsFunc(labels, func(m Label) bool { return m.Name == l.Name }) {
			return nil, "", fmt.Errorf("label %q a second time", l.Name)
		}
		labels, line = append(labels, l), line[end+1:]
		switch {
		case strings.HasPrefix(line, ","):
			line = line[1:]
		case strings.HasPrefix(line, "}"):
			return byName(labels), line[1:], nil
		default:
			return nil, "", errors.New("neither , nor } after a label")
		}
	}
}

// closingQuote returns the index of the first quote that no backslash escapes.
func closingQuote(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unescape undoes the escaping of help texts and, where quotes have one too, of
// label values. No other escape may appear, and nothing that has one raw.
func unescape(s string, quotes bool) (string, error) {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '"' && quotes {
			return "", errors.New("a quote without a backslash")
		}
		if c == '\\' {
			i++
			switch {
			case i == len(s):
				return "", errors.New("a backslash at the end")
			case s[i] == 'n':
				c = '\n'
			case s[i] == '\\', s[i] == '"' && quotes:
				c = s[i]
			default:
				return "", fmt.Errorf("escape \\%c", s[i])
			}
		}
		out.WriteByte(c)
	}
	return out.String(), nil
}
