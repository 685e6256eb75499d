package fuzz

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
)

// ReadTextparse reads text with the parser of the Prometheus server, which is what
// decides whether a scrape is kept. It reports everything in the document's order.
//
// Known tolerances: a help text of nothing but blanks and NULs is lost.
func ReadTextparse(text []byte) ([]Family, error) {
	// The parser may append to what it is given.
	p, err := textparse.New(bytes.Clone(text), "text/plain; version=0.0.4", labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return nil, err
	}
	r := promReader{p: p}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return r.families, nil
		}
		if err == nil {
			err = r.entry(entry)
		}
		if err != nil {
			return nil, err
		}
	}
}

type promReader struct {
	p        textparse.Parser
	families []Family
	typed    bool // the last family has had its TYPE line
}

func (r *promReader) entry(e textparse.Entry) error {
	switch e {
	case textparse.EntryHelp:
		name, help := r.p.Help()
		r.family(string(name), false).Help = string(help)
	case textparse.EntryType:
		name, word := r.p.Type()
		r.family(string(name), true).Type = string(word)
	case textparse.EntrySeries:
		return r.sample()
	default:
		return fmt.Errorf("an entry of kind %d", e)
	}
	return nil
}

// family returns the family that a HELP or TYPE line is about: a new one, or the
// last one when that still waits for its TYPE.
func (r *promReader) family(name string, typed bool) *Family {
	n := len(r.families)
	if n == 0 || r.typed || r.families[n-1].Name != name {
		r.families = append(r.families, Family{Name: name})
	}
	r.typed = typed
	return &r.families[len(r.families)-1]
}

func (r *promReader) sample() error {
	if !r.typed {
		return errors.New("a sample before its TYPE line")
	}
	f := &r.families[len(r.families)-1]
	_, ts, v := r.p.Series()
	if ts != nil {
		return errors.New("a sample with a timestamp")
	}
	s := Sample{Value: v}
	var set labels.Labels
	r.p.Labels(&set)
	set.Range(func(l labels.Label) {
		switch {
		case l.Name == model.MetricNameLabel:
			s.Name = l.Value
		case l.Name == "le" && f.Type == "histogram":
			s.Labels = append(s.Labels, Label{"le", textBound(l.Value)})
		default:
			s.Labels = append(s.Labels, Label{l.Name, l.Value})
		}
	})
	f.Samples = append(f.Samples, s)
	return nil
}

// textBound undoes what the server does to a bucket's bound, which is to write it
// as OpenMetrics does: 1 becomes 1.0.
func textBound(le string) string {
	v, err := strconv.ParseFloat(le, 64)
	if err != nil {
		return le
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
