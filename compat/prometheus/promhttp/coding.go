package promhttp

import (
	"strings"

	"github.com/pawl-metrics/pawl/compat/prometheus/promhttp/internal"
)

// Compression is how a body is coded, as Accept-Encoding and Content-Encoding say it.
type Compression string

// The codings that there is code for. Zstd needs package promhttp/zstd:
//
//	import _ "github.com/pawl-metrics/pawl/compat/prometheus/promhttp/zstd"
const (
	Identity Compression = "identity"
	Gzip     Compression = "gzip"
	Zstd     Compression = "zstd"
)

func defaultCompressions() []Compression {
	if Zstd.available() {
		return []Compression{Identity, Gzip, Zstd}
	}
	return []Compression{Identity, Gzip}
}

// available says whether there is code for c.
func (c Compression) available() bool {
	return c == Identity || c == Gzip || c == Zstd && internal.Zstd != nil
}

// negotiate returns the offer to which the headers give the greatest weight, and of
// several the first. It is Identity when they name none, and empty when they
// refuse all that they name.
func negotiate(headers []string, offers []Compression) Compression {
	best, chosen := -1.0, Identity
	for _, offer := range offers {
		if w := weight(headers, string(offer)); w > best {
			best, chosen = w, offer
		}
	}
	if best == 0 {
		return ""
	}
	return chosen
}

// weight returns the greatest weight that the headers give an offer, by its name or as one
// of all; -1 is none.
func weight(headers []string, offer string) float64 {
	best := -1.0
	for _, h := range headers {
		for {
			name, w, rest, ok := clause(h)
			if !ok {
				break // what is behind an error is not read
			}
			if name == offer || name == "*" {
				best = max(best, w)
			}
			if rest, ok = strings.CutPrefix(rest, ","); !ok {
				break
			}
			h = skipSpace(rest)
		}
	}
	return best
}

// clause reads "name" or "name;q=weight" and the space behind it.
func clause(s string) (name string, weight float64, rest string, ok bool) {
	n := 0
	for n < len(s) && inToken(s[n]) {
		n++
	}
	name, rest = s[:n], skipSpace(s[n:])
	if name == "" {
		return "", 0, "", false
	}
	rest, weighted := strings.CutPrefix(rest, ";")
	if !weighted {
		return name, 1, rest, true
	}
	if rest, ok = strings.CutPrefix(skipSpace(rest), "q="); !ok {
		return "", 0, "", false
	}
	weight, rest, ok = quality(rest)
	return name, weight, skipSpace(rest), ok
}

// quality reads a digit 0 or 1, and what is behind a point.
func quality(s string) (w float64, rest string, ok bool) {
	if s == "" || s[0] != '0' && s[0] != '1' {
		return 0, "", false
	}
	w, rest = float64(s[0]-'0'), s[1:]
	digits, pointed := strings.CutPrefix(rest, ".")
	if !pointed {
		return w, rest, true
	}
	for place := 0.1; digits != "" && digits[0] >= '0' && digits[0] <= '9'; place /= 10 {
		w += place * float64(digits[0]-'0')
		digits = digits[1:]
	}
	return w, digits, true
}

func skipSpace(s string) string { return strings.TrimLeft(s, " \t\r\n") }

// inToken says whether a name may have c: RFC 2616's tokens, and a slash.
func inToken(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`"(),:;<=>?@[\]{}`, rune(c))
}
