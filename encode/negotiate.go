package encode

import "strings"

// Offer is what a server can answer with. The zero value is right for nearly all.
type Offer struct {
	// Syntaxes are those that may be served, the preferred one first: it decides
	// between clauses of equal weight. Nil is all of them, in the order
	// protobuf, OpenMetrics 2.0, 1.0, text 1.0.0, OpenMetrics 0.0.1, text 0.0.4:
	// what says most comes first. Text 0.0.4 is served in any case, when nothing
	// else is agreed on.
	Syntaxes []Syntax

	// EscapeUnasked gives names with underscores to a scraper that asks for
	// protobuf or OpenMetrics 2.0 without naming an escaping scheme, as
	// client_golang does for protobuf.
	//
	// By default names are left as they are there: Prometheus since 3.4 names no
	// scheme with protobuf, and reads UTF-8 names from it. With the underscores a
	// series would change its name when native histograms are switched on, which
	// is when Prometheus starts to ask for protobuf. Set it for scrapers before
	// Prometheus 3 that ask for protobuf, if there are names beyond the legacy
	// characters.
	EscapeUnasked bool
}

var richestFirst = []Syntax{ProtobufDelimited, OpenMetrics200, OpenMetrics100, Text100, OpenMetrics001, Text004}

func (o *Offer) syntaxes() []Syntax {
	if o.Syntaxes == nil {
		return richestFirst
	}
	return o.Syntaxes
}

// rank returns the place of s in the order of preference; ok is false when s is not
// offered.
func (o *Offer) rank(s Syntax) (rank int, ok bool) {
	for i, offered := range o.syntaxes() {
		if offered == s {
			return i, true
		}
	}
	return len(o.syntaxes()), s == Text004
}

// Negotiate returns the format with which to answer a request that has these
// Accept headers.
//
// The clause of the greatest weight decides; weight 0 excludes what it names, and
// a malformed clause does not count. A wildcard is text 0.0.4, and so is a request
// that accepts nothing that is offered: an exposition in the wrong format says
// more than status 406. OpenMetrics 2.0 and protobuf are served only to those who
// ask for them by name.
//
// The escaping scheme is that of the clause that decided. A scheme that is not
// known, or none, is underscores; see [Offer] for the exceptions.
func Negotiate(accept []string, offer Offer) Format {
	var best choice
	var excluded [numSyntaxes]bool
	for _, header := range accept {
		excludeZeros(header, &excluded)
	}
	for _, header := range accept {
		best.consider(header, &offer, &excluded)
	}
	return best.format
}

// choice is the best clause so far.
type choice struct {
	format  Format
	q, rank int
}

func excludeZeros(header string, excluded *[numSyntaxes]bool) {
	for header != "" {
		c, rest, ok := cutClause(header)
		header = rest
		if s, exact, known := c.syntax(); ok && known && exact && c.q == 0 {
			excluded[s] = true
		}
	}
}

func (b *choice) consider(header string, offer *Offer, excluded *[numSyntaxes]bool) {
	for header != "" {
		c, rest, ok := cutClause(header)
		header = rest
		s, _, known := c.syntax()
		rank, offered := offer.rank(s)
		if !ok || !known || !offered || excluded[s] || c.q < b.q || c.q == 0 {
			continue
		}
		if c.q > b.q || rank < b.rank {
			*b = choice{Format{s, offer.scheme(s, c.escaping)}, c.q, rank}
		}
	}
}

// scheme returns the escaping scheme for a clause that names this one.
func (o *Offer) scheme(s Syntax, named string) Scheme {
	if scheme, ok := schemeNamed(strings.ToLower(named)); ok {
		return scheme
	}
	if (s == ProtobufDelimited || s == OpenMetrics200) && !o.EscapeUnasked {
		return AllowUTF8
	}
	return Underscores
}
