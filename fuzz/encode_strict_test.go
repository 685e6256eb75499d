package fuzz

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pawl-metrics/pawl/encode"
	"github.com/pawl-metrics/pawl/engine"
)

// python returns an interpreter that has client_python.
func python() string { return Python() }

func TestOpenMetricsIsStrictlyRight(t *testing.T) {
	py := python()
	if py == "" {
		t.Skip("NOT RUN: client_python is missing (Debian: python3-prometheus-client), and with it the strict check of OpenMetrics 1.0")
	}
	var docs, wants []string
	for i, data := range familySeeds(4000) {
		f, opts, list := drawCase(data, encode.OpenMetrics100)
		if f.Scheme == encode.AllowUTF8 { // Debian's version does not know quoted names
			f.Scheme = encode.Scheme(i%2) * encode.Dots
		}
		for i := range list {
			if list[i].Type == encode.Info { // of which it takes all for one series, with one timestamp
				untimed(&list[i])
			}
		}
		plainExemplars(list)
		docs = append(docs, string(appendAll(nil, f, opts, list)))
		wants = append(wants, fmt.Sprintf("ok %d", len(expect(list, f, opts).Points)))
	}
	for i, got := range runStrict(t, py, docs) {
		if got != wants[i] {
			t.Fatalf("%s, want %s:\n%s", got, wants[i], docs[i])
		}
	}
}

// TestStrictCheckCanFail shows it documents that are wrong.
func TestStrictCheckCanFail(t *testing.T) {
	py := python()
	if py == "" {
		t.Skip("NOT RUN: client_python is missing")
	}
	bad := []string{"# TYPE a counter\na 1\n# EOF\n", "# TYPE a counter\na_total NaN\n# EOF\n", "a 1\n",
		"# TYPE a histogram\na_bucket{le=\"1.0\"} 1\n# EOF\n", "# TYPE a gauge\na 1 # {} 1.0\n# EOF\n"}
	for i, got := range runStrict(t, py, bad) {
		if !strings.HasPrefix(got, "bad") {
			t.Errorf("%q: %s", bad[i], got)
		}
	}
}

// runStrict has one process parse all documents, and returns a line for each.
func runStrict(t *testing.T, py string, docs []string) []string {
	t.Helper()
	results, err := Strict(py, docs)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range results {
		lines = append(lines, r.String())
	}
	return lines
}

func untimed(f *encode.Family) {
	for i := range f.Samples {
		f.Samples[i].Timestamp = encode.Timestamp{}
	}
}

// plainExemplars takes from exemplars what client_python 0.16 cannot read in them: it
// looks for a closing brace within values too.
func plainExemplars(list []encode.Family) {
	plain := strings.NewReplacer("{", "", "}", "", `"`, "", `\`, "", "\n", "", "=", "", ",", "")
	each := func(e *encode.Exemplar) {
		for i := range e.Labels {
			e.Labels[i].Value = plain.Replace(e.Labels[i].Value)
		}
	}
	for _, f := range list {
		for _, s := range f.Samples {
			for i := range s.Exemplars {
				each(&s.Exemplars[i])
			}
			for i := 0; s.Histogram != nil && i < len(s.Histogram.Buckets); i++ {
				if e := s.Histogram.Buckets[i].Exemplar; e != nil {
					each(e)
				}
			}
		}
	}
}

// TestExpositionIsStrictlyRight is TestOpenMetricsIsStrictlyRight for whole
// registries: no two families clash, and all stand in the right order.
func TestExpositionIsStrictlyRight(t *testing.T) {
	py := python()
	if py == "" {
		t.Skip("NOT RUN: client_python is missing")
	}
	var docs []string
	for _, p := range append(textSeeds(), randomPrograms(1500)...) {
		w, err := Run(p.bytes)
		if err != nil {
			t.Fatal(err)
		}
		w.Calm()
		for _, scheme := range []encode.Scheme{encode.Underscores, encode.Dots, encode.Values} {
			o := engine.ExpositionOptions{Format: encode.Format{Syntax: encode.OpenMetrics100, Scheme: scheme}, CreatedSamples: true}
			doc := string(w.Reg.AppendExposition(nil, o))
			if !strings.Contains(doc, " # {") { // see plainExemplars
				docs = append(docs, doc)
			}
		}
	}
	for i, got := range runStrict(t, py, docs) {
		if !strings.HasPrefix(got, "ok") {
			t.Fatalf("%s:\n%.3000s", got, docs[i])
		}
	}
	t.Logf("%d documents", len(docs))
}

func randomPrograms(n int) (list []*program) {
	for _, data := range familySeeds(n) {
		list = append(list, seed().put(data...))
	}
	return list
}
