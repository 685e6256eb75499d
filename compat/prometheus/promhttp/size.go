package promhttp

import (
	"net/http"
	"net/url"
	"strings"
)

// requestSize returns about how many bytes a request has. Forms are in the URL or the body.
func requestSize(r *http.Request) int {
	n := len(r.Method) + len(r.Proto) + len(r.Host)
	if r.URL != nil {
		n += urlSize(r.URL)
	}
	for name, values := range r.Header {
		n += len(name)
		for _, v := range values {
			n += len(v)
		}
	}
	if r.ContentLength != -1 {
		n += int(r.ContentLength)
	}
	return n
}

// urlSize returns len(u.String()), mostly without making the string: what servers get is a
// path and a query.
func urlSize(u *url.URL) int {
	if u.Scheme != "" || u.Opaque != "" || u.User != nil || u.Host != "" || u.Fragment != "" || !strings.HasPrefix(u.Path, "/") {
		return len(u.String())
	}
	n := len(u.EscapedPath())
	if u.ForceQuery || u.RawQuery != "" {
		n += len("?") + len(u.RawQuery)
	}
	return n
}
