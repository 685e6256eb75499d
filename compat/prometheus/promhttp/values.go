package promhttp

import "strings"

// statuses has the numbers from 100 to 599, one behind the other, so that the label of a
// status is a part of it and takes no allocation.
var statuses = func() string {
	var b strings.Builder
	b.Grow(3 * 500)
	for n := 100; n < 600; n++ {
		b.Write([]byte{'0' + byte(n/100), '0' + byte(n/10%10), '0' + byte(n%10)})
	}
	return b.String()
}()

// statusLabel returns the value of the label "code". 0 is that of a handler which did not
// say.
func statusLabel(status int) string {
	switch {
	case status == 0:
		return "200"
	case status < 100 || status > 599:
		return "unknown"
	}
	at := 3 * (status - 100)
	return statuses[at : at+3]
}

// methodLabel returns the value of the label "method". Clients may send any; only those
// that are known, or in extra, in lower case, make a series.
func methodLabel(method string, extra []string) string {
	switch method {
	case "GET", "get":
		return "get"
	case "PUT", "put":
		return "put"
	case "HEAD", "head":
		return "head"
	case "POST", "post":
		return "post"
	case "DELETE", "delete":
		return "delete"
	case "CONNECT", "connect":
		return "connect"
	case "OPTIONS", "options":
		return "options"
	case "NOTIFY", "notify":
		return "notify"
	case "TRACE", "trace":
		return "trace"
	case "PATCH", "patch":
		return "patch"
	}
	for _, e := range extra {
		if strings.EqualFold(method, e) {
			return e
		}
	}
	return "unknown"
}
