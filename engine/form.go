package engine

import (
	"strings"

	"github.com/pawl-metrics/pawl/encode"
)

// suffix is what the name of a sample has behind its family's.
type suffix int

const (
	noSuffix suffix = iota
	bucketSuffix
	sumSuffix
	countSuffix
	createdSuffix
	suffixes
)

var suffixWords = [suffixes]string{"", "_bucket", "_sum", "_count", "_created"}

// form is a family as one format spells it: what its lines have in common is made
// once, at the first scrape in that format. Immutable.
type form struct {
	header  string                  // metadata lines
	names   [suffixes]encode.Prefix // what a sample's line begins with
	quoted  bool                    // names begin a brace: {"my.name"
	labels  []string                // names, where they are not spelled as the series' text has them
	plain   bool                    // neither of the two: a line is name, text, value
	created bool                    // OpenMetrics 1.0 knows its type, and so may have its created samples and exemplars
	family  *encode.Family          // for protobuf, which has no lines
}

// formIndex numbers the formats.
func formIndex(f encode.Format) int { return int(f.Syntax)*schemes + int(f.Scheme) }

const (
	syntaxes = int(encode.ProtobufDelimited) + 1
	schemes  = int(encode.Values) + 1
)

// form returns the family as the format spells it.
func (f *family) form(format encode.Format) *form {
	at := &f.forms[formIndex(format)]
	if have := at.Load(); have != nil {
		return have
	}
	fresh := newForm(f, format)
	at.Store(fresh) // another scrape may have made the same one
	return fresh
}

func newForm(f *family, format encode.Format) *form {
	data := &encode.Family{Name: f.opts.Name, Help: f.opts.Help, Unit: f.opts.Unit, Type: f.typ}
	fm := &form{family: data, header: string(encode.AppendHeader(nil, format, data))}
	name := encode.EscapeName(f.opts.Name, format.Scheme)
	base := name
	fm.created = f.typ == encode.Histogram
	if f.typ == encode.Counter {
		base, fm.created = strings.CutSuffix(name, "_total")
		if base == "" { // _total is no suffix then: see encode
			base, fm.created = name, false
		}
	}
	for s, word := range suffixWords {
		of := name
		if suffix(s) == createdSuffix {
			of = base
		}
		fm.names[s], fm.quoted = sampleName(of + word)
	}
	if format.Scheme != encode.AllowUTF8 {
		for _, name := range f.labels {
			fm.labels = append(fm.labels, string(encode.AppendLabelName(nil, name, format.Scheme)))
		}
	}
	fm.plain = !fm.quoted && fm.labels == nil
	return fm
}

// sampleName returns what a line begins with, for a name that is spelled as its
// scheme wants it already.
func sampleName(spelled string) (p encode.Prefix, quoted bool) {
	const open, end = 1, 2 // a line's beginning without labels is `{"name"} ` or `name `
	line := encode.AppendSeries(nil, encode.Format{Scheme: encode.AllowUTF8}, spelled, "", nil)
	if quoted = line[0] == '{'; quoted {
		return encode.NewPrefix(line[:len(line)-end]), true
	}
	return encode.NewPrefix(line[:len(line)-open]), false
}
