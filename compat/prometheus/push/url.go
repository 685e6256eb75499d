package push

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// groupURL is the address of the group: the job, then the grouping labels by name. A
// gateway does not mind their order; logs and tests do.
func (p *Pusher) groupURL() string {
	var path strings.Builder
	path.WriteString(p.url + "/metrics")
	writePair(&path, "job", p.job)
	for _, name := range slices.Sorted(maps.Keys(p.grouping)) {
		writePair(&path, name, p.grouping[name])
	}
	return path.String()
}

// writePair writes /name/value. A value goes as base64 where it has a slash, or is one or
// two dots, which say something else in a path; and as base64's padding where it is
// empty: a path has no empty parts. Others are escaped as in a query, where a space is a
// plus. Gateways keep the plus, but the groups that there are have been named so.
func writePair(path *strings.Builder, name, value string) {
	switch {
	case value == "":
		path.WriteString("/" + name + "@base64/=")
	case strings.Contains(value, "/"), value == ".", value == "..":
		path.WriteString("/" + name + "@base64/" + base64.RawURLEncoding.EncodeToString([]byte(value)))
	default:
		path.WriteString("/" + name + "/" + url.QueryEscape(value))
	}
}
