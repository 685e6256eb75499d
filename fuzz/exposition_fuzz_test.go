package fuzz

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"
	"time"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// FuzzExposition runs a program as FuzzText does, and reads the registry back in
// every format under every escaping scheme.
func FuzzExposition(f *testing.F) {
	for _, s := range textSeeds() {
		f.Add(s.bytes)
	}
	f.Fuzz(func(t *testing.T, data []byte) { runShrunk(t, data, checkExpositions, Transcript) })
}

func checkExpositions(data []byte) error {
	during := span{from: time.Now().UnixMilli()}
	w, err := Run(data)
	if err != nil {
		return err
	}
	w.Calm()
	sum := crc32.ChecksumIEEE(data)
	e := expositions{World: w, created: sum>>2&1 == 1}
	during.to = time.Now().UnixMilli()
	e.during = during
	only := encode.Scheme(sum & 3)
	large := len(e.scrape(encode.Text004, only)) > 8<<10
	for scheme := range encode.Scheme(4) {
		if large && scheme != only {
			continue // or a program of long values would take a second
		}
		if err := e.checkScheme(scheme); err != nil {
			return err
		}
	}
	if err := e.checkWritten(encode.Syntax(sum>>3)%6, only, int(sum>>8)); err != nil {
		return err
	}
	return e.checkSeriesBytes()
}

// expositions is a world whose program has ended.
type expositions struct {
	*World
	during  span
	created bool
}

func (e *expositions) options(syntax encode.Syntax, scheme encode.Scheme) engine.ExpositionOptions {
	return engine.ExpositionOptions{Format: encode.Format{Syntax: syntax, Scheme: scheme}, CreatedSamples: e.created}
}

func (e *expositions) scrape(syntax encode.Syntax, scheme encode.Scheme) []byte {
	return e.Reg.AppendExposition(nil, e.options(syntax, scheme))
}

// checkScheme reads each format back, and compares it with the model and with text.
func (e *expositions) checkScheme(scheme encode.Scheme) error {
	var text Exposed
	for _, syntax := range []encode.Syntax{encode.Text100, encode.OpenMetrics100, encode.OpenMetrics200, encode.ProtobufDelimited} {
		got, doc, err := e.check(encode.Format{Syntax: syntax, Scheme: scheme})
		if err == nil && syntax != encode.Text100 {
			err = agree(text, got)
		} else {
			text = got
		}
		if err != nil {
			return fmt.Errorf("%v, created samples %v: %w\n%.2000q", encode.Format{Syntax: syntax, Scheme: scheme}, e.created, err, doc)
		}
	}
	// Older versions of two formats differ in their Content-Type alone.
	if !bytes.Equal(e.scrape(encode.Text004, scheme), e.scrape(encode.Text100, scheme)) ||
		!bytes.Equal(e.scrape(encode.OpenMetrics001, scheme), e.scrape(encode.OpenMetrics100, scheme)) {
		return fmt.Errorf("two versions of a format differ under scheme %v", scheme)
	}
	return nil
}

func (e *expositions) check(f encode.Format) (got Exposed, doc []byte, err error) {
	doc = e.scrape(f.Syntax, f.Scheme)
	if again := e.scrape(f.Syntax, f.Scheme); !bytes.Equal(again, doc) {
		return got, doc, fmt.Errorf("the second exposition differs: %.2000q", again)
	}
	if err = checkDocument(doc, f); err != nil {
		return got, doc, err
	}
	if f.Syntax != encode.ProtobufDelimited {
		if _, err = checkStructure(doc, f); err != nil {
			return got, doc, err
		}
	}
	families, err := e.Model.Families(f)
	if err != nil {
		return got, doc, err
	}
	if got, err = readExposed(doc, f, e.during.moment); err != nil {
		return got, doc, err
	}
	if e.created && f.Syntax == encode.OpenMetrics100 {
		e.during.created(got.Points)
	}
	opts := encode.Options{Exemplars: true, Created: e.created}
	want := expect(families, f, opts)
	if err = compareExposed(got, want, f); err == nil {
		err = checkOthers(doc, f, want)
	}
	return got, doc, err
}

// checkWritten is invariants 18, 19 and 21 for one of the formats.
func (e *expositions) checkWritten(syntax encode.Syntax, scheme encode.Scheme, cut int) error {
	o := e.options(syntax, scheme)
	doc := e.scrape(syntax, scheme)
	if e.Model.longExemplar() { // those allocate
		return checkWriters(e.Reg, o, doc, cut%len(doc))
	}
	if err := e.checkWriting(o, doc, cut%len(doc)); err != nil {
		return fmt.Errorf("%v: %w", o.Format, err)
	}
	return nil
}

// checkSeriesBytes has values change, which must not change how a series is
// written: servers remember series by these bytes.
func (e *expositions) checkSeriesBytes() error {
	formats := []encode.Format{{Syntax: encode.Text100, Scheme: encode.AllowUTF8}, {Syntax: encode.OpenMetrics200, Scheme: encode.Values},
		{Syntax: encode.Text004}}
	var before [][]string
	for _, f := range formats {
		lines, err := checkStructure(e.scrape(f.Syntax, f.Scheme), f)
		if err != nil {
			return err
		}
		before = append(before, lines)
	}
	e.nudge()
	for i, f := range formats {
		lines, err := checkStructure(e.scrape(f.Syntax, f.Scheme), f)
		if err != nil {
			return err
		}
		if !slices.Equal(lines, before[i]) {
			return fmt.Errorf("%v: after some recordings the series are written as\n%.2000q, before as\n%.2000q", f, lines, before[i])
		}
	}
	return nil
}
