package encode

import "strings"

// clause is one range of an Accept header, as far as it matters here:
//
//	application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.7
type clause struct {
	media                    string
	version, proto, encoding string
	escaping                 string
	q                        int // in thousandths
}

// cutClause takes the first clause off a header; ok is false when it is malformed,
// and to be ignored.
func cutClause(header string) (c clause, rest string, ok bool) {
	text, rest := cutOutsideQuotes(header, ',')
	media, params := cutOutsideQuotes(text, ';')
	c = clause{media: trim(media), q: 1000}
	ok = strings.Count(c.media, "/") == 1 && !strings.ContainsAny(c.media, " \t\"")
	for ok && params != "" {
		var param string
		param, params = cutOutsideQuotes(params, ';')
		ok = c.set(trim(param))
	}
	return c, rest, ok
}

// set takes in one parameter and says whether it is well-formed.
func (c *clause) set(param string) bool {
	name, value, ok := strings.Cut(param, "=")
	if param == "" { // two semicolons in a row, or one at the end
		return true
	}
	if value, ok = unquote(trim(value), ok); !ok {
		return false
	}
	switch name = trim(name); {
	case strings.EqualFold(name, "q"):
		c.q, ok = weight(value)
	case strings.EqualFold(name, "version"):
		c.version = value
	case strings.EqualFold(name, "proto"):
		c.proto = value
	case strings.EqualFold(name, "encoding"):
		c.encoding = value
	case strings.EqualFold(name, "escaping"):
		c.escaping = value
	}
	return ok && name != ""
}

func trim(s string) string { return strings.Trim(s, " \t") }

// cutOutsideQuotes cuts s at the first sep that no quoted string holds.
func cutOutsideQuotes(s string, sep byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '\\' && quoted:
			i++
		case s[i] == sep && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// unquote takes the quotes off a parameter's value. No value that means anything
// here has an escape in it, so those are left as they are.
func unquote(s string, ok bool) (string, bool) {
	if !ok || !strings.HasPrefix(s, `"`) {
		return s, ok && !strings.Contains(s, `"`)
	}
	return strings.Trim(s, `"`), len(s) >= 2 && strings.HasSuffix(s, `"`)
}

// weight reads a q-value: 0 to 1 with up to three decimals. Prometheus 2.49 sent
// weights above 1, which makes the clause a malformed one.
func weight(s string) (q int, ok bool) {
	whole, decimals, _ := strings.Cut(s, ".")
	if whole != "0" && whole != "1" || len(decimals) > 3 {
		return 0, false
	}
	q = int(whole[0] - '0')
	for i := range 3 {
		digit := 0
		if i < len(decimals) {
			digit = int(decimals[i]) - '0'
		}
		if digit < 0 || digit > 9 {
			return 0, false
		}
		q = q*10 + digit
	}
	return q, q <= 1000
}

// syntax returns what the clause asks for; exact is false for a wildcard, which is
// answered with the text that everything reads.
func (c *clause) syntax() (s Syntax, exact, ok bool) {
	switch {
	case c.media == "*/*", strings.EqualFold(c.media, "text/*"):
		return Text004, false, true
	case strings.EqualFold(c.media, "text/plain"):
		s, ok = versioned(textVersions, c.version)
	case strings.EqualFold(c.media, "application/openmetrics-text"):
		s, ok = versioned(openMetricsVersions, c.version)
	case strings.EqualFold(c.media, "application/vnd.google.protobuf"):
		s, ok = ProtobufDelimited, c.proto == "io.prometheus.client.MetricFamily" && c.encoding == "delimited"
	}
	return s, true, ok
}

type version struct {
	name   string
	syntax Syntax
}

// A type without a version is the oldest standard one.
var (
	textVersions        = []version{{"", Text004}, {"0.0.4", Text004}, {"1.0.0", Text100}}
	openMetricsVersions = []version{{"", OpenMetrics100}, {"0.0.1", OpenMetrics001},
		{"1.0.0", OpenMetrics100}, {"2.0.0", OpenMetrics200}}
)

func versioned(list []version, name string) (s Syntax, ok bool) {
	for _, v := range list {
		if v.name == name {
			return v.syntax, true
		}
	}
	return 0, false
}
