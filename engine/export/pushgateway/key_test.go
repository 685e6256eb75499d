package pushgateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// The cases are client_python's: what its development head made of them, in
// testdata/grouping.json, and those of its tests.
func TestRecordedKeys(t *testing.T) {
	type recorded struct{ K, V, Out string }
	cases := []recorded{
		{"job", "my_job", "job/my_job"}, {"job", "my/job", "job@base64/bXkvam9i"}, {"a", "9", "a/9"},
		{"b", "a/ z", "b@base64/YS8geg=="}, {"a", "", "a@base64/="},
		{"label", "value with spaces", "label@base64/dmFsdWUgd2l0aCBzcGFjZXM="},
		{"l", "a+b", "l/a%2Bb"}, {"l", "a:b", "l/a%3Ab"}, {"l", "é", "l/%C3%A9"},
		{"l", "ab??/>>", "l@base64/YWI_Py8-Pg=="},
	}
	text, err := os.ReadFile("testdata/grouping.json")
	var stored []recorded
	if err == nil {
		err = json.Unmarshal(text, &stored)
	}
	if err != nil || len(stored) < 6 {
		t.Fatal(len(stored), err)
	}
	for _, c := range append(cases, stored...) {
		if got := string(appendSegments(nil, c.K, c.V)); got != "/"+c.Out {
			t.Errorf("%s=%q: %s, want /%s", c.K, c.V, got, c.Out)
		}
	}
}

func TestKeyOrder(t *testing.T) {
	got := string(appendKey(nil, "j", map[string]string{"z": "1", "a": "2", "A": "3"}))
	if want := "/metrics/job/j/A/3/a/2/z/1"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A path cleaner takes these for directions, however they are percent-encoded.
func TestDots(t *testing.T) {
	for value, want := range map[string]string{".": "/l@base64/Lg==", "..": "/l@base64/Li4=", "...": "/l/...", "a..": "/l/a.."} {
		if got := string(appendSegments(nil, "l", value)); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func TestKeysThatAreNone(t *testing.T) {
	for _, c := range []struct {
		job      string
		grouping map[string]string
		says     string
	}{
		{"", nil, "no job"}, {"\xff", nil, "UTF-8"}, {"j", map[string]string{"job": "k"}, "Options.Job"},
		{"j", map[string]string{"": "x"}, `""`}, {"j", map[string]string{"a/b": "x"}, "a/b"},
		{"j", map[string]string{"a.b": "x"}, "a.b"}, {"j", map[string]string{"a@base64": "x"}, "a@base64"},
		{"j", map[string]string{"__x": "x"}, "__x"}, {"j", map[string]string{"a": "\xff"}, `"\xff"`},
		{"j", map[string]string{"9": "x"}, `"9"`}, {"j", map[string]string{"ok": "x", "é": ""}, "é"},
	} {
		if err := checkKey(c.job, c.grouping); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q %q: %v, want something on %q", c.job, c.grouping, err, c.says)
		}
	}
}

// readKey decodes a path as the gateway does (splitLabels in its handler/misc.go): split
// the decoded path at slashes, and undo base64 where a name asks for it.
func readKey(path string) (map[string]string, error) {
	u, err := url.Parse("http://h" + path)
	if err != nil {
		return nil, err
	}
	rest, ok := strings.CutPrefix(u.Path, "/metrics/")
	parts := strings.Split(rest, "/")
	if !ok || len(parts)%2 != 0 {
		return nil, fmt.Errorf("%q", parts)
	}
	labels := make(map[string]string)
	for i := 0; i < len(parts); i += 2 {
		name, coded := strings.CutSuffix(parts[i], "@base64")
		labels[name] = parts[i+1]
		if coded {
			value, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[i+1], "="))
			if err != nil {
				return nil, err
			}
			labels[name] = string(value)
		}
	}
	return labels, nil
}

func FuzzKey(f *testing.F) {
	f.Add("my job", "a+b", "/")
	f.Add("..", "", "%2F")
	f.Add("é/", "\x00\n", "a?b#c")
	f.Fuzz(func(t *testing.T, job, a, b string) {
		grouping := map[string]string{"a": a, "b": b}
		if checkKey(job, grouping) != nil {
			if job != "" && utf8.ValidString(job) && utf8.ValidString(a) && utf8.ValidString(b) {
				t.Errorf("%q %q is refused", job, grouping)
			}
			return
		}
		path := string(appendKey(nil, job, grouping))
		got, err := readKey(path)
		if want := map[string]string{"job": job, "a": a, "b": b}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %q, %v; want %q", path, got, err, want)
		}
		for segment := range strings.SplitSeq(path[1:], "/") {
			if segment == "" || segment == "." || segment == ".." {
				t.Errorf("%s: a path cleaner takes %q out", path, segment)
			}
		}
	})
}
