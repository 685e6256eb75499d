package encode

// Syntax is how an exposition is laid out.
type Syntax uint8

// What Prometheus speaks. The zero value is what every scraper understands.
const (
	Text004           Syntax = iota // text format 0.0.4
	Text100                         // text format 1.0.0: the same with UTF-8 names
	OpenMetrics001                  // answered with OpenMetrics 1.0.0 text
	OpenMetrics100                  // OpenMetrics 1.0.0 text
	OpenMetrics200                  // OpenMetrics 2.0.0-rc0 text
	ProtobufDelimited               // each MetricFamily behind its length
	numSyntaxes
)

// Scheme is how names beyond the legacy ASCII characters are made to fit.
type Scheme uint8

// The escaping schemes. The zero value is what a scraper gets that does not name
// one: it may know of nothing else.
const (
	Underscores Scheme = iota // foo.bar becomes foo_bar
	AllowUTF8                 // foo.bar stays, and is quoted in text
	Dots                      // foo_dot_bar
	Values                    // U__foo_2e_bar
	numSchemes
)

var schemeNames = [numSchemes]string{"underscores", "allow-utf-8", "dots", "values"}

// String returns the scheme's name in Accept and Content-Type headers.
func (s Scheme) String() string { return schemeNames[s.known()] }

func (s Scheme) known() Scheme {
	if s < numSchemes {
		return s
	}
	return Underscores
}

// schemeNamed returns the scheme of that name.
func schemeNamed(name string) (s Scheme, ok bool) {
	for s, n := range schemeNames {
		if n == name {
			return Scheme(s), true
		}
	}
	return 0, false
}

// Format is a syntax with an escaping scheme: all that a scraper may choose.
// Formats may be compared and used as keys. The zero value is text format 0.0.4
// with underscores, which is the answer when nothing else is agreed on.
type Format struct {
	Syntax Syntax
	Scheme Scheme
}

func (s Syntax) known() Syntax {
	if s < numSyntaxes {
		return s
	}
	return Text004
}

func (s Syntax) isOpenMetrics() bool { return s >= OpenMetrics001 && s <= OpenMetrics200 }

func (s Syntax) isOpenMetrics1() bool { return s == OpenMetrics001 || s == OpenMetrics100 }

var mediaTypes = [numSyntaxes]string{
	"text/plain; version=0.0.4; charset=utf-8",
	"text/plain; version=1.0.0; charset=utf-8",
	"application/openmetrics-text; version=0.0.1; charset=utf-8",
	"application/openmetrics-text; version=1.0.0; charset=utf-8",
	"application/openmetrics-text; version=2.0.0; charset=utf-8",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
}

var contentTypes = makeContentTypes()

func makeContentTypes() (all [numSyntaxes][numSchemes]string) {
	for syntax, media := range mediaTypes {
		for scheme, name := range schemeNames {
			all[syntax][scheme] = media + "; escaping=" + name
		}
	}
	// The two formats that are older than escaping name it only if they must.
	all[Text004][Underscores] = mediaTypes[Text004]
	all[OpenMetrics001][Underscores] = mediaTypes[OpenMetrics001]
	return all
}

// ContentType returns the Content-Type header for an exposition of this format.
// Prometheus 3 fails a scrape without one. It allocates nothing.
func (f Format) ContentType() string { return contentTypes[f.Syntax.known()][f.Scheme.known()] }

// String returns the Content-Type.
func (f Format) String() string { return f.ContentType() }
