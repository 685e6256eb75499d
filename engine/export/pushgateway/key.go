package pushgateway

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pawl-metrics/pawl/encode"
)

// checkKey says why a job and labels are no grouping key.
func checkKey(job string, grouping map[string]string) error {
	if job == "" {
		return errors.New("there is no job")
	}
	if !utf8.ValidString(job) {
		return fmt.Errorf("job %q is not UTF-8", job)
	}
	for _, name := range slices.Sorted(maps.Keys(grouping)) {
		if err := checkLabel(name, grouping[name]); err != nil {
			return err
		}
	}
	return nil
}

func checkLabel(name, value string) error {
	switch {
	case name == "job":
		return errors.New("grouping label job: that is Options.Job")
	case !encode.ValidLabelName(name) || strings.HasPrefix(name, "__"):
		return fmt.Errorf("grouping label %q: not a name that a gateway takes", name)
	case !utf8.ValidString(value):
		return fmt.Errorf("grouping label %s: value %q is not UTF-8", name, value)
	}
	return nil
}

// appendKey appends the path of a grouping key: the job first, then the labels by name.
func appendKey(dst []byte, job string, grouping map[string]string) []byte {
	dst = appendSegments(append(dst, "/metrics"...), "job", job)
	for _, name := range slices.Sorted(maps.Keys(grouping)) {
		dst = appendSegments(dst, name, grouping[name])
	}
	return dst
}

// appendSegments appends /name/value.
func appendSegments(dst []byte, name, value string) []byte {
	dst = append(append(dst, '/'), name...)
	switch {
	case value == "": // a lone padding character: a segment must not be empty
		return append(dst, "@base64/="...)
	case strings.ContainsAny(value, "/ "), value == ".", value == "..":
		return base64.URLEncoding.AppendEncode(append(dst, "@base64/"...), []byte(value))
	}
	dst = append(dst, '/')
	for i := range len(value) {
		dst = appendByte(dst, value[i])
	}
	return dst
}

// appendByte appends a byte of a path segment, percent-encoded unless RFC 3986 calls it
// unreserved.
func appendByte(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
		c == '-', c == '.', c == '_', c == '~':
		return append(dst, c)
	}
	return append(dst, '%', hex[c>>4], hex[c&15])
}
